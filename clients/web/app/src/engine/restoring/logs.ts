/**
 * How far the server's log and ours are the same, by the receipts that the server signs; the rest is kept apart.  §5
 *
 * A log is a chain of hashes: where it is the same at one place it is the same at every place before.
 */

import { ReceiptForged } from "@miss/core/errors.js";
import { covers, verifyOpcert } from "@miss/core/opcert.js";
import { parseReceipt, verifyReceipt } from "@miss/core/receipts.js";

import { EngineError, hasCode } from "../errors.js";
import { type Cid, hex, type Ms } from "../ids.js";
import type { ReceiptAnswer, ServerApi } from "../serverApi.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";

/** Of one device's logs with the server's. */
export class LogComparison {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #api: ServerApi;

  constructor(store: Store, device: DeviceRecord, api: ServerApi) {
    this.#store = store;
    this.#device = device;
    this.#api = api;
  }

  /**
   * The last place at which both logs are the same; `lastSeq`: where the server's ends.
   *
   * What the server took before `sinceMs` it has to have still: that is not asked.  Throws `rollback_not_covered` if its
   * log ends before, ReceiptForged, BadOpCert, ServerRefused, ServerUnreachable.
   */
  async findCommon(cid: Cid, lastSeq: number, sinceMs: Ms): Promise<number> {
    const log = this.#store.messages.log(cid);
    const certain = log.lastBefore(sinceMs);
    if (lastSeq < certain) throw new EngineError("rollback_not_covered", { last_seq: lastSeq, held: certain });
    const doubtful = log.takenSince(sinceMs, lastSeq).filter((seq) => seq > certain);
    const last = doubtful.at(-1);
    if (last !== undefined && (await this.#isSame(cid, last))) return last;
    let [low, high] = [0, doubtful.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (await this.#isSame(cid, doubtful[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return doubtful[low - 1] ?? certain;
  }

  async #isSame(cid: Cid, seq: number): Promise<boolean> {
    const answer = await this.#fetchReceipt(cid, seq);
    if (answer === null) return false;
    const receipt = parseReceipt(answer.receipt);
    const { envHash, log, seq: signed, serverTs } = receipt.leaf;
    const certs = answer.opcerts.map((raw) => verifyOpcert(raw, this.#device.root));
    const cert = certs.find((one) => covers(one, "receipt", serverTs));
    if (cert === undefined || hex(receipt.leaf.cid) !== cid || signed !== seq) throw new ReceiptForged({ seq });
    verifyReceipt(receipt, cert);
    const { messages } = this.#store;
    const ours = messages.logAt(cid, seq);
    return ours === null ? messages.envHashAt(cid, seq) === hex(envHash) : ours === hex(log);
  }

  async #fetchReceipt(cid: Cid, seq: number): Promise<ReceiptAnswer | null> {
    try {
      return await this.#api.fetchReceipt(cid, seq);
    } catch (error) {
      if (hasCode(error, "not_found")) return null;
      throw error;
    }
  }
}
