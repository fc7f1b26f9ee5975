/**
 * What proves messages: envelopes and deposit receipts, as the server has them too, hence not sealed.  protocol §6
 *
 * An envelope is kept here because the server deletes its own when the conversation's `ttl` is over.
 */

import type { Cid } from "../ids.js";
import type { Heavy, StoreFile, Table } from "./file.js";
import { placeKey } from "./places.js";

/** Of one message; `receipt` null: it came from somebody else, and the server was not asked for it yet. */
export interface Evidence {
  readonly env: Uint8Array;
  readonly receipt: Uint8Array | null;
}
interface Due {
  readonly cid: Cid;
  readonly seq: number;
  readonly receipt: Uint8Array;
}

/** By place in the log; goes when its message goes. */
export class EvidenceStore {
  readonly #proofs: Heavy;
  readonly #due: Table<Due>;

  constructor(file: StoreFile) {
    this.#proofs = file.heavy("evidence");
    this.#due = file.table("receiptDue");
  }

  /** Keep what proves the message at a place; a receipt waits, besides, until the log is known there. */
  keep(cid: Cid, seq: number, env: Uint8Array, receipt: Uint8Array | null = null): void {
    this.#proofs.put(placeKey(cid, seq), { env, receipt } satisfies Evidence);
    if (receipt !== null) this.#due.put(placeKey(cid, seq), { cid, seq, receipt });
  }

  remove(cid: Cid, seq: number): void {
    this.#proofs.deleteAll(placeKey(cid, seq));
    this.#due.delete(placeKey(cid, seq));
  }

  /** Remove and return the deposit receipts of the places up to `toSeq` that were not compared with the log yet. */
  takeDue(cid: Cid, toSeq: number): readonly Due[] {
    const due = [...this.#due.rows.values()].filter((one) => one.cid === cid && one.seq <= toSeq);
    for (const one of due) this.#due.delete(placeKey(cid, one.seq));
    return due.sort((a, b) => a.seq - b.seq);
  }

  async find(cid: Cid, seq: number): Promise<Evidence | null> {
    return this.#proofs.get<Evidence>(placeKey(cid, seq));
  }
}
