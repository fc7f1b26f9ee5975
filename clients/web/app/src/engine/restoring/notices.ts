/**
 * The operator's statements of restores: fetched when the server tells of others than are known, verified, pinned.
 *
 * Without one that holds nothing is reconciled: a server that goes back is caught as ever.  protocol §5, Restoration
 */

import { type Restoration, verifyRestorations } from "@miss/core/restorations.js";

import type { Announcer } from "../announcer.js";
import { EngineError } from "../errors.js";
import type { Ready } from "../frames.js";
import { hex, type Ms } from "../ids.js";
import type { ServerApi } from "../serverApi.js";
import type { ServerTime } from "../serverTime.js";
import type { Store } from "../store/store.js";

export const SERVER_RESTORED = "server_restored";
/** Clocks of the server's processes differ, and an envelope is dated before it is stored. */
const MARGIN_MS = 2 * 60_000;

/** What this device has been told of restores. */
export class RestorationNotices {
  readonly #store: Store;
  readonly #root: Uint8Array;
  readonly #api: ServerApi;
  readonly #time: ServerTime;
  readonly #announcer: Announcer;

  /** `root`: ROOT's public key, as pinned. */
  constructor(store: Store, root: Uint8Array, api: ServerApi, time: ServerTime, announcer: Announcer) {
    this.#store = store;
    this.#root = root;
    this.#api = api;
    this.#time = time;
    this.#announcer = announcer;
  }

  /**
   * The server says how many restores it has seen; if there are new ones that hold, since when things may be lost
   * (milliseconds since 1970), else null.
   *
   * Throws `restoration_withdrawn`, `restoration_forked`, a RestorationError if what it says does not hold;
   * ServerRefused, ServerUnreachable.
   */
  async take(ready: Ready): Promise<Ms | null> {
    const known = this.#store.restorations.last();
    if (ready.storeEpoch === (known?.epoch ?? 0) && ready.storeHead === (known === null ? "" : hex(known.hash))) {
      return null;
    }
    return this.look(ready);
  }

  /** Fetch what is new.  Returns and throws as `take`. */
  async look(told: Ready | null = null): Promise<Ms | null> {
    const known = this.#store.restorations.last();
    const epoch = known?.epoch ?? 0;
    if (told !== null && told.storeEpoch < epoch) {
      throw new EngineError("restoration_withdrawn", { known: epoch, shown: told.storeEpoch });
    }
    if (told?.storeEpoch === epoch) throw new EngineError("restoration_forked", { epoch });
    const raws = await this.#api.fetchRestorations(epoch);
    const found = verifyRestorations(raws, this.#root, this.#time.nowMs(), known);
    if (told !== null && !found.some((one) => hex(one.hash) === told.storeHead)) {
      throw new EngineError("restoration_forked", { epoch: told.storeEpoch });
    }
    return found.length === 0 ? null : this.#accept(found);
  }

  /** Since when the last restore that is known may have lost something. */
  lastSinceMs(): Ms | null {
    const last = this.#store.restorations.last();
    return last === null ? null : last.restoredToMs - MARGIN_MS;
  }

  async #accept(found: readonly Restoration[]): Promise<Ms> {
    const sinceMs = Math.min(...found.map((one) => one.restoredToMs)) - MARGIN_MS;
    const newest = found.at(-1) as Restoration;
    const { conversations, incidents, restorations } = this.#store;
    const cids = conversations.list(Infinity).map(({ cid }) => cid);
    await this.#store.transaction(() => {
      // Who has nothing yet has nothing to lose: the list is only pinned.
      restorations.accept(found, sinceMs, cids);
      if (cids.length > 0) incidents.note(SERVER_RESTORED, null, null, newest.tsMs);
    });
    if (cids.length > 0) this.#announcer.announce({ kind: "serverRestored", number: newest.epoch });
    return sinceMs;
  }
}
