/** Proof that two people of a conversation were shown different logs, for whoever has to explain it.  protocol §3 */

import type { Cid, Uid } from "../ids.js";
import type { StoreFile, Table } from "./file.js";

/** Two of a conversation were shown different logs: the server, or a disk, does not tell the truth. */
export interface SplitView {
  readonly cid: Cid;
  /** The place at which the logs differ, or before. */
  readonly atSeq: number;
  /** Whose log differs from ours; null: the server's own receipt contradicts what it sent. */
  readonly uid: Uid | null;
  readonly theirs: string;
  readonly ours: string;
  /** What says so, signed: an envelope, a read receipt or a deposit receipt. */
  readonly proof: Uint8Array;
}

/** One finding for each place and person. */
export class SplitStore {
  readonly #splits: Table<SplitView>;

  constructor(file: StoreFile) {
    this.#splits = file.table("splitView");
  }

  /** Keep it; false if it was known. */
  add(split: SplitView): boolean {
    const key = `${split.cid} ${split.atSeq} ${split.uid ?? ""}`;
    if (this.#splits.get(key) !== undefined) return false;
    this.#splits.put(key, split);
    return true;
  }

  /** The log goes on from there another way, and that is explained. */
  forgetAfter(cid: Cid, seq: number): void {
    for (const [key, split] of [...this.#splits.rows]) {
      if (split.cid === cid && split.atSeq > seq) this.#splits.delete(key);
    }
  }

  /** In the order of the log. */
  list(cid: Cid): readonly SplitView[] {
    return [...this.#splits.rows.values()].filter((split) => split.cid === cid).sort((a, b) => a.atSeq - b.atSeq);
  }
}
