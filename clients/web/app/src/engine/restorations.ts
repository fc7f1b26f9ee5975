/**
 * The operator's statements that the server was restored to an older point: verified, pinned, told.  protocol §5
 *
 * A browser does not put back what the server lost; it says what happened, and stays as strict as ever.
 */

import { equal } from "@miss/core/bytes.js";
import { parseRestoration, type Restoration, verifyRestorations } from "@miss/core/restorations.js";

import type { Announcer } from "./announcer.js";
import { EngineError } from "./errors.js";
import { asBytes, asList } from "./fields.js";
import type { Ready } from "./frames.js";
import { unhex } from "./ids.js";
import { decode, encode } from "./msgpack.js";
import type { ServerApi } from "./serverApi.js";
import type { ServerTime } from "./serverTime.js";
import type { Store } from "./store/store.js";

const META = "restorations";
export const SERVER_RESTORED = "server_restored";

/** What restorations rely on. */
export interface RestorationParts {
  readonly store: Store;
  readonly api: ServerApi;
  readonly time: ServerTime;
  readonly announcer: Announcer;
  readonly root: Uint8Array;
}

/** What this device was told of restores. */
export class Restorations {
  readonly #parts: RestorationParts;

  constructor(parts: RestorationParts) {
    this.#parts = parts;
  }

  /** Those that were accepted, oldest first. */
  list(): readonly Restoration[] {
    const value = this.#parts.store.device.findMeta(META);
    return value === null ? [] : asList(decode(value), (one) => parseRestoration(asBytes(one)));
  }

  /**
   * The server says how many restores it has seen: what is new is verified, pinned and told to the owner.
   *
   * Throws `restoration_withdrawn`, `restoration_forked`, a RestorationError, ServerRefused, ServerUnreachable.
   */
  async take({ storeEpoch, storeHead }: Ready): Promise<void> {
    const known = this.list();
    const last = known.at(-1) ?? null;
    const [epoch, head] = [last?.epoch ?? 0, unhex(storeHead)];
    if (storeEpoch < epoch) throw new EngineError("restoration_withdrawn", { known: epoch, shown: storeEpoch });
    if (storeEpoch === epoch) {
      if (equal(head, last?.hash ?? new Uint8Array())) return;
      throw new EngineError("restoration_forked", { epoch });
    }
    const { announcer, api, root, store, time } = this.#parts;
    const found = verifyRestorations(await api.fetchRestorations(epoch), root, time.nowMs(), last);
    const newest = found.find((one) => equal(one.hash, head));
    if (newest === undefined) throw new EngineError("restoration_forked", { epoch: storeEpoch });
    // Who has nothing yet has nothing to lose: the list is only pinned.
    const hasPast = store.conversations.list().length > 0;
    await store.transaction(() => {
      store.device.putMeta(META, encode([...known, ...found].map(({ raw }) => raw)));
      if (hasPast) store.incidents.note(SERVER_RESTORED, null, null, newest.tsMs);
    });
    if (hasPast) announcer.announce({ kind: "serverLied", code: SERVER_RESTORED, cid: null, uid: null });
  }
}
