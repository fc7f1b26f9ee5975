/** Who has received and read how far: delivery on the server's word, reading on a signature.  protocol §3, §7 */

import { ReceiptForged } from "@miss/core/errors.js";
import { parseReadReceipt, verifyReadReceipt } from "@miss/core/receipts.js";

import type { Announcer } from "../announcer.js";
import type { EngineEvent } from "../api.js";
import type { Read, Recv } from "../frames.js";
import { hex } from "../ids.js";
import type { Identities } from "../people/identities.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import type { Logbook } from "./logbook.js";

/** Markers of others, and of this person's other devices; they only move forward. */
export class Markers {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #identities: Identities;
  readonly #logbook: Logbook;
  readonly #announcer: Announcer;

  constructor(store: Store, device: DeviceRecord, identities: Identities, logbook: Logbook, announcer: Announcer) {
    this.#store = store;
    this.#device = device;
    this.#identities = identities;
    this.#logbook = logbook;
    this.#announcer = announcer;
  }

  /** A device of `frame.uid` has everything up to `frame.seq`, in a conversation and of a person known here. */
  async takeReceived(frame: Recv): Promise<void> {
    if (!this.#isNews(frame)) return;
    const news = await this.#store.transaction(() => this.#received(frame));
    this.#announcer.announceAll(news);
  }

  #isNews({ cid, seq, uid }: Recv): boolean {
    if (uid === null || uid === this.#device.uid) return false;
    if (this.#store.conversations.find(cid) === null || this.#identities.find(uid) === null) return false;
    return this.#store.conversations.isNewMark(cid, uid, "received", seq);
  }

  #received(frame: Recv): readonly EngineEvent[] {
    const { cid, seq, uid } = frame;
    if (uid === null || !this.#isNews(frame) || !this.#store.conversations.mark(cid, uid, "received", seq)) return [];
    return [{ kind: "delivered", cid, uid, seq }];
  }

  /**
   * `frame.uid` opened everything up to `frame.seq`; if their log is not ours, that is announced (`splitView`).
   *
   * Throws ReceiptForged or BadReceipt if the receipt does not say so, and what `Identities.get` throws.
   */
  async takeRead({ cid, seq, uid, receipt: raw }: Read): Promise<void> {
    if (uid === null) return;
    const receipt = parseReadReceipt(raw);
    const isTheirs = hex(receipt.uid) === uid && hex(receipt.cid) === cid && receipt.seq === seq;
    if (!isTheirs || !this.#store.conversations.wasMember(cid, uid)) throw new ReceiptForged({ seq });
    verifyReadReceipt(raw, await this.#identities.get(uid));
    const news = await this.#store.transaction((): readonly EngineEvent[] => {
      if (uid === this.#device.uid) {
        const moved = this.#store.conversations.advance(cid, { readSeq: seq, readReportedSeq: seq });
        return moved ? [{ kind: "conversation", cid }] : [];
      }
      if (!this.#store.conversations.mark(cid, uid, "read", seq)) return [];
      // What was read was received, whatever the server forwards first.
      const received = this.#received({ kind: "recv", cid, seq, uid });
      return [...received, { kind: "readBy", cid, uid, seq }, ...this.#logbook.takeReceipt(receipt)];
    });
    this.#announcer.announceAll(news);
  }
}
