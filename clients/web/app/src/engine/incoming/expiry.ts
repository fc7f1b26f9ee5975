/** Messages past their conversation's `ttl` leave this device too, whether it is online or not.  protocol §5 */

import type { Announcer } from "../announcer.js";
import { isNamed } from "../errors.js";
import type { Cid } from "../ids.js";
import type { Platform } from "../platform.js";
import type { ServerTime } from "../serverTime.js";
import type { Store } from "../store/store.js";
import { Wake } from "../waiting.js";

/** At most this long between two looks; sooner if something is due sooner. */
const LOOK_MS = 60_000;
const SOONEST_MS = 50;

/** One task. */
export class Expiry {
  readonly #store: Store;
  readonly #platform: Platform;
  readonly #time: ServerTime;
  readonly #announcer: Announcer;
  readonly #wake = new Wake();

  constructor(store: Store, platform: Platform, time: ServerTime, announcer: Announcer) {
    this.#store = store;
    this.#platform = platform;
    this.#time = time;
    this.#announcer = announcer;
  }

  /** A policy or a message is new. */
  wake(): void {
    this.#wake.set();
  }

  /** Drop what is due, whenever it is.  Throws Stopped. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#wake.clear();
      let pauseMs = LOOK_MS;
      for (const { cid } of this.#store.conversations.list()) pauseMs = Math.min(pauseMs, await this.#tryLook(cid));
      await this.#wake.wait(this.#platform, signal, pauseMs);
    }
  }

  /** A full disk does not end the task: what is due is looked at again. */
  async #tryLook(cid: Cid): Promise<number> {
    try {
      return await this.look(cid);
    } catch (error) {
      if (!isNamed(error)) throw error;
      return LOOK_MS;
    }
  }

  /** Drop what is past its time; milliseconds until the next is. */
  async look(cid: Cid): Promise<number> {
    const ttlMs = (this.#store.conversations.lastEpoch(cid)?.commit.core.policy.ttlS ?? 0) * 1000;
    if (ttlMs === 0) return LOOK_MS;
    const nowMs = this.#time.certainMs();
    const seqs = this.#store.messages.expiring(cid, nowMs - ttlMs);
    if (seqs.length > 0) {
      await this.#store.transaction(() => this.#store.messages.expire(cid, seqs));
      this.#announcer.announceAll([
        { kind: "expired", cid, seqs },
        { kind: "conversation", cid },
      ]);
    }
    if (this.#store.lost.isExpiring(cid, nowMs - ttlMs)) {
      await this.#store.transaction(() => this.#store.lost.expire(cid, nowMs - ttlMs));
      this.#announcer.announce({ kind: "conversation", cid });
    }
    const oldestMs = this.#store.messages.oldestMs(cid);
    return oldestMs === null ? LOOK_MS : Math.min(LOOK_MS, Math.max(SOONEST_MS, oldestMs + ttlMs - nowMs));
  }
}
