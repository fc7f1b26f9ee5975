/** What this device signed about places of a log and the server has not confirmed yet.  protocol §3 */

import type { Cid } from "../ids.js";
import type { StoreFile, Table } from "./file.js";
import { placeKey } from "./places.js";

/** What a statement asks of the server: delete the envelope, or stop the alarm. */
export type StatementKind = "tombstone" | "acknowledgement";

/** One signed object about one place. */
export interface PendingStatement {
  readonly cid: Cid;
  readonly seq: number;
  readonly kind: StatementKind;
  readonly signed: Uint8Array;
}

const MOST = 1000;

/** Each stays until the server has it, or refuses it for good. */
export class StatementStore {
  readonly #statements: Table<PendingStatement>;

  constructor(file: StoreFile) {
    this.#statements = file.table("statement");
  }

  /** Keep it; the first of its kind about a place stays. */
  add(statement: PendingStatement): void {
    const key = keyOf(statement.cid, statement.seq, statement.kind);
    if (this.#statements.get(key) === undefined) this.#statements.put(key, statement);
  }

  /** Everything that waits, at most 1,000, by conversation and place. */
  list(): readonly PendingStatement[] {
    const sorted = [...this.#statements.rows].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.slice(0, MOST).map(([, statement]) => statement);
  }

  /** What they are about is not on the server any more. */
  forgetAfter(cid: Cid, seq: number): void {
    for (const one of this.list()) if (one.cid === cid && one.seq > seq) this.settle(cid, one.seq, one.kind);
  }

  /** The server has it, or refused it for good. */
  settle(cid: Cid, seq: number, kind: StatementKind): void {
    this.#statements.delete(keyOf(cid, seq, kind));
  }
}

function keyOf(cid: Cid, seq: number, kind: StatementKind): string {
  return `${placeKey(cid, seq)} ${kind}`;
}
