/**
 * The engine, at work: what the application calls.
 *
 * What is written is durable when a call resolves, and leaves as soon as the connection allows; what is announced is
 * already stored.  No part of a message ever reaches a log.  The calls themselves stand in `calls/`, one module a
 * subject; here is the life of the engine: its tasks begin with `openEngine` and end with `close`.
 */

import { type Assembly, assemble, type AssemblyOptions } from "./assembly.js";
import type { ConnectionState, Did, Engine, EngineEvent, Uid, Who } from "./api.js";
import { PushCalls } from "./calls/push.js";
import { toEngineError } from "./errors.js";
import { Sync } from "./sync.js";
import { live } from "./waiting.js";

export type EngineOptions = AssemblyOptions;

/**
 * The engine on an open store whose device is linked; it connects at once.
 *
 * Throws `store_has_no_device`.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  try {
    const client = new Client(assemble(options));
    client.start();
    return named(client);
  } catch (error) {
    throw toEngineError(error);
  }
}

class Client extends PushCalls implements Engine {
  readonly #stop = new AbortController();
  readonly #tasks: Promise<void>[] = [];

  constructor(parts: Assembly) {
    super(parts);
  }

  start(): void {
    const { connection, departures, expiry, inbox, platform, reports, rotation, sending, statements } = this.parts;
    const sync = new Sync(platform, inbox, this.parts);
    for (const part of [connection, sync, sending, reports, statements, departures, expiry, rotation]) {
      this.#tasks.push(live((signal) => part.run(signal), platform, this.#stop.signal));
    }
    sending.wake();
  }

  async owner(): Promise<{ uid: Uid; did: Did; who: Who }> {
    const { device, userKeys } = this.parts;
    return { uid: device.uid, did: device.did, who: userKeys.chain().who };
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    return this.parts.announcer.subscribe(listener);
  }

  async connectionState(): Promise<ConnectionState> {
    return this.parts.connection.state;
  }

  async hurry(): Promise<void> {
    this.parts.connection.hurry();
  }

  async close(): Promise<void> {
    this.parts.connection.stop();
    this.#stop.abort();
    await Promise.all(this.#tasks);
  }
}

/** Every refusal as an `EngineError`: a tab that follows, and a page, know no other. */
function named(client: Client): Engine {
  return new Proxy<Engine>(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...given: readonly unknown[]): unknown => {
        const result: unknown = value.apply(target, given);
        return result instanceof Promise ? result.catch((error: unknown) => Promise.reject(toEngineError(error))) : result;
      };
    },
  });
}
