/**
 * One log for everybody, or proof that there is not.  protocol §3, Log
 *
 * Every place of a conversation continues the log; deleted and expired ones by their hash.  What others say of their log
 * (in each message, in read receipts, the server in deposit receipts) is compared with ours.  A difference is kept with
 * what proves it, and announced once.  All but `seen` runs inside the caller's transaction.
 */

import { logStart, parseReadReceipt, parseReceipt, type ReadReceipt } from "@miss/core/receipts.js";

import type { EngineEvent } from "../api.js";
import { type Cid, type Hash, hex, type Uid, unhex } from "../ids.js";
import type { SplitView } from "../store/splits.js";
import type { Store } from "../store/store.js";

/** How far somebody has the log. */
export interface SeenLog {
  readonly seq: number;
  readonly log: Hash;
}

/** The logs of this device's conversations.  Each method returns what is to be announced. */
export class Logbook {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** How far this device has the log, to be told with each message; null if it does not know it. */
  seen(cid: Cid): SeenLog | null {
    return this.#store.messages.lastLog(cid);
  }

  /** Compute the log as far as nothing is missing, and look again at what was told about it meanwhile. */
  extend(cid: Cid): readonly EngineEvent[] {
    this.#store.messages.extendLog(cid);
    const last = this.#store.messages.lastLog(cid)?.seq ?? 0;
    const news: EngineEvent[] = [];
    for (const { seq, receipt } of this.#store.evidence.takeDue(cid, last)) {
      news.push(...this.compare(cid, seq, hex(parseReceipt(receipt).leaf.log), null, receipt));
    }
    for (const raw of this.#store.conversations.takePostponedReceipts(cid, last)) {
      news.push(...this.takeReceipt(parseReadReceipt(raw)));
    }
    return news;
  }

  /** The server's own word for the log at the place of a message of ours: where we know none, it is the start. */
  anchor(cid: Cid, seq: number, receipt: Uint8Array): readonly EngineEvent[] {
    if (this.#store.messages.logAt(cid, seq) !== null) return [];
    // What lies before is still to come: `extend` compares then.
    if (this.#store.conversations.get(cid).syncedSeq < seq) return [];
    this.#store.messages.anchorLog(cid, seq, hex(parseReceipt(receipt).leaf.log));
    return this.extend(cid);
  }

  /** What the author of the message at `seq` had seen when they wrote it. */
  takeSeen(cid: Cid, seq: number, uid: Uid, seen: SeenLog, env: Uint8Array): readonly EngineEvent[] {
    if (seen.seq < seq) return this.compare(cid, seen.seq, seen.log, uid, env);
    if (this.#isExplained(cid, seq)) return []; // what they had seen is lost, as the operator says
    // They had seen this very place taken already: the server went back and gave it away again.
    return this.#keep({ cid, atSeq: seen.seq, uid, theirs: seen.log, ours: "", proof: env });
  }

  /** True for what was written, by its author's own date, before devices heard of a restore. */
  #isExplained(cid: Cid, seq: number): boolean {
    const message = this.#store.messages.find(cid, seq);
    return message !== null && this.#store.restorations.explains(message.sentAtMs);
  }

  /** What a reader says they opened; kept for later if this device has not come that far. */
  takeReceipt(receipt: ReadReceipt): readonly EngineEvent[] {
    const [cid, uid, log] = [hex(receipt.cid), hex(receipt.uid), hex(receipt.log)];
    if (log === hex(logStart(unhex(cid)))) return []; // their device did not see the log from its beginning
    if (this.#store.messages.logAt(cid, receipt.seq) === null) {
      this.#store.conversations.postponeReceipt(cid, uid, receipt.raw);
      return [];
    }
    return this.compare(cid, receipt.seq, log, uid, receipt.raw);
  }

  /** The server shows something at a place that is stored already: it has to be the same. */
  takeAgain(cid: Cid, seq: number, envHash: Hash, env: Uint8Array): readonly EngineEvent[] {
    const known = this.#store.messages.envHashAt(cid, seq);
    if (known === null || known === envHash) return [];
    return this.#keep({ cid, atSeq: seq, uid: null, theirs: envHash, ours: known, proof: env });
  }

  /** The server says that the log ends at `lastSeq`, and gave us more than that before; or only said so then. */
  noteRollback(cid: Cid, lastSeq: number): readonly EngineEvent[] {
    const heldSeq = this.#store.messages.forgetRefused(cid, lastSeq);
    this.#store.conversations.rewind(cid, lastSeq);
    if (heldSeq === null) return [];
    const ours = this.#store.messages.logAt(cid, heldSeq) ?? "";
    return this.#keep({ cid, atSeq: lastSeq + 1, uid: null, theirs: "", ours, proof: new Uint8Array() });
  }

  /** `uid` (null: the server) has `theirs` as the log at `seq`; nothing can be said where ours is not known. */
  compare(cid: Cid, seq: number, theirs: Hash, uid: Uid | null, proof: Uint8Array): readonly EngineEvent[] {
    const ours = this.#store.messages.logAt(cid, seq);
    if (ours === null || ours === theirs) return [];
    return this.#keep({ cid, atSeq: seq, uid, theirs, ours, proof });
  }

  #keep(split: SplitView): readonly EngineEvent[] {
    const { cid, atSeq, uid } = split;
    return this.#store.splits.add(split) ? [{ kind: "splitView", cid, atSeq, uid }] : [];
  }
}
