/** The server's proof that it took an envelope, verified before the message leaves the outbox.  protocol §3 */

import { ReceiptForged } from "@miss/core/errors.js";
import { covers, type OpCert, verifyOpcert } from "@miss/core/opcert.js";
import { coversEnvelope, type DepositReceipt, parseReceipt, verifyReceipt } from "@miss/core/receipts.js";

import type { Ack } from "../frames.js";
import { hex } from "../ids.js";
import type { ServerApi } from "../serverApi.js";
import type { DeviceRecord } from "../store/device.js";
import type { OutboxEntry } from "../store/outbox.js";
import type { Store } from "../store/store.js";

export class Receipts {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #api: ServerApi;

  constructor(store: Store, device: DeviceRecord, api: ServerApi) {
    this.#store = store;
    this.#device = device;
    this.#api = api;
  }

  /** Throws ReceiptForged, BadReceipt unless `ack` proves that `env` stands where it says. */
  async require(entry: OutboxEntry, env: Uint8Array, ack: Ack): Promise<void> {
    const receipt = parseReceipt(ack.receipt);
    const { cid, seq, serverTs } = receipt.leaf;
    const isSame = hex(cid) === entry.cid && seq === ack.seq && serverTs === ack.ts;
    if (!isSame || !coversEnvelope(receipt, env) || this.#isTaken(entry, ack.seq)) {
      throw new ReceiptForged({ seq: ack.seq });
    }
    const cert = this.#findCert(receipt) ?? (await this.#fetchCert(receipt));
    if (cert === null) throw new ReceiptForged({ seq: ack.seq });
    verifyReceipt(receipt, cert);
  }

  /** True if that place of the log holds another message, which the server showed us before. */
  #isTaken({ cid, mid }: OutboxEntry, seq: number): boolean {
    const there = this.#store.messages.find(cid, seq);
    return there !== null && there.refused === "" && (there.did !== this.#device.did || there.mid !== mid);
  }

  #findCert({ leaf }: DepositReceipt): OpCert | null {
    const known = this.#store.device.opcerts().map((raw) => verifyOpcert(raw, this.#device.root));
    return known.find((cert) => covers(cert, "receipt", leaf.serverTs)) ?? null;
  }

  /** The operator renews its certificates: those of today come with any chain, one's own for instance. */
  async #fetchCert(receipt: DepositReceipt): Promise<OpCert | null> {
    const { opcerts } = await this.#api.fetchChain(this.#device.uid);
    for (const raw of opcerts) verifyOpcert(raw, this.#device.root);
    await this.#store.transaction(() => this.#store.device.addOpcerts(opcerts));
    return this.#findCert(receipt);
  }
}
