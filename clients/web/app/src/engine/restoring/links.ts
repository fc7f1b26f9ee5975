/**
 * Links that the restored server has forgotten, given back by whoever holds them: a revocation stays one.  protocol §5
 *
 * They carry every signature they need, the operator's included, so they are worth the same from any hand.
 */

import { type Op, parseLink } from "@miss/core/links.js";

import { codeOf, ServerRefused } from "../errors.js";
import type { Ms } from "../ids.js";
import { TEMPORARY } from "../outgoing/sending.js";
import type { ServerApi } from "../serverApi.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";

/** Links are dated by the device that made them, which may be ten minutes off. */
const MARGIN_MS = 15 * 60_000;
const MAX_AT_ONCE = 100;
const NEW_KEY: ReadonlySet<Op> = new Set<Op>(["revoke", "uek", "reset"]);

/** One device's part in it. */
export class LinkReturn {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #api: ServerApi;

  constructor(store: Store, device: DeviceRecord, api: ServerApi) {
    this.#store = store;
    this.#device = device;
    this.#api = api;
  }

  /**
   * Give back every link of that time or later, one's own first; true if some of one's own were missing.
   *
   * Throws ServerUnreachable, and ServerRefused where that passes by itself.
   */
  async putBack(sinceMs: Ms): Promise<boolean> {
    const own = this.#device.uid;
    let ownMissing = false;
    for (const uid of [own, ...this.#store.people.list().filter((one) => one !== own)]) {
      const links = this.#store.people.links(uid);
      const cores = links.map((link) => parseLink(link).core);
      // From the first of them on: a chain has no gaps, whatever its dates say.
      const found = cores.findIndex(({ ts }) => ts >= sinceMs - MARGIN_MS);
      const first = found < 0 ? links.length : found;
      let added = 0;
      for (let start = first; start < links.length; start += MAX_AT_ONCE) {
        added += await this.#send(links.slice(start, start + MAX_AT_ONCE));
      }
      ownMissing ||= added > 0 && uid === own;
      if (uid === own && cores.slice(first).some(({ op }) => NEW_KEY.has(op))) {
        // What that change of key brought along, boxes and vault, may be lost: it is made once more.
        await this.#store.transaction(() => this.#store.device.askRotation());
      }
    }
    return ownMissing;
  }

  async #send(links: readonly Uint8Array[]): Promise<number> {
    try {
      return await this.#api.putBackLinks(links);
    } catch (error) {
      if (!(error instanceof ServerRefused) || TEMPORARY.includes(codeOf(error))) throw error;
      // The chain went on another way meanwhile, which those who hold this one will not follow unseen.
      return 0;
    }
  }
}
