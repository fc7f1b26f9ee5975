/**
 * One tab at a time owns the keys, the store and the connection: whoever holds a lock of the browser's.
 *
 * The lock goes when its tab ends, however it ends, and the next tab that waits leads from then on.
 */

const LOCK = "miss.leader";

/** What this module needs of `navigator.locks`. */
export type Locks = Pick<LockManager, "request">;

/** Lead as soon as nobody else does, until the answer is called; `lead` is called at most once. */
export function becomeLeader(locks: Locks, lead: () => void): () => void {
  const given = new AbortController();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = locks.request(LOCK, { signal: given.signal }, () => {
    lead();
    return held;
  });
  // Given up while waiting: that is what was asked.
  asked.catch(() => undefined);
  return () => {
    given.abort();
    release();
  };
}
