/**
 * Everything the engine needs of the machine it runs on, passed in once: network, database, randomness, time.
 *
 * The engine touches no global of a browser, so that it runs in a page, in Node and under a test's clock alike.  The
 * value of a page is made in `shell/`.
 */

/** Undoes what the call that returned it began. */
export type Undo = () => void;

export interface Platform {
  readonly fetch: (input: string, init: RequestInit) => Promise<Response>;
  /** Begin to connect; the subprotocol is the only one offered. */
  readonly openSocket: (url: string, subprotocol: string) => WebSocket;
  readonly indexedDB: IDBFactory;
  readonly keyRange: typeof IDBKeyRange;
  readonly subtle: SubtleCrypto;
  /** `size` bytes fit for keys. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** Milliseconds since 1970, as the machine has it. */
  readonly nowMs: () => number;
  /** Milliseconds that only grow; what happened while the machine slept may be missing. */
  readonly monotonicMs: () => number;
  /** Call once, in so many milliseconds, unless undone before. */
  readonly later: (work: () => void, delayMs: number) => Undo;
  /** Let whoever waits have a turn: a finger, a frame, a message.  As quick out of sight, where timers are slowed down. */
  readonly pause: () => Promise<void>;
  /** Ask that what is stored is not evicted; true if it is granted.  Asked once by `Store.open`. */
  readonly persist: () => Promise<boolean>;
}

/** The platform of a global scope: of a page, of a worker, or of Node with an IndexedDB of its own put there. */
export function globalPlatform(scope: typeof globalThis): Platform {
  return {
    fetch: (input, init) => scope.fetch(input, init),
    openSocket: (url, subprotocol) => new scope.WebSocket(url, [subprotocol]),
    indexedDB: scope.indexedDB,
    keyRange: scope.IDBKeyRange,
    subtle: scope.crypto.subtle,
    randomBytes: (size) => scope.crypto.getRandomValues(new Uint8Array(size)),
    nowMs: () => Date.now(),
    monotonicMs: () => scope.performance.now(),
    later: (work, delayMs) => {
      const timer = scope.setTimeout(work, delayMs);
      return () => scope.clearTimeout(timer);
    },
    pause: () =>
      new Promise((resolve) => {
        const { port1, port2 } = new scope.MessageChannel();
        port1.onmessage = () => {
          port1.close();
          resolve();
        };
        port2.postMessage(null);
      }),
    persist: async () => {
      const { storage } = scope.navigator;
      // Asked once: where it is granted already there is nothing to ask.
      return (await storage.persisted()) || (await storage.persist());
    },
  };
}
