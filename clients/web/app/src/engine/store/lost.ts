/**
 * Messages that the server has lost and this device still holds: kept apart from the log, which goes on without them.
 *
 * A row is the message's own, with the place it had; its content stays sealed for that place.  protocol §5, Restoration
 */

import type { LogMessage } from "../model.js";
import type { Cid, Did, Mid, Ms } from "../ids.js";
import type { Evidence } from "./evidence.js";
import type { Heavy, StoreFile, Table } from "./file.js";
import type { MessageRow } from "./log.js";
import type { MessageStore } from "./messages.js";
import { placeKey } from "./places.js";

interface Row {
  readonly message: MessageRow;
  readonly restoration: number;
  /** It is in the outbox again. */
  readonly resent: boolean;
}

/** One of them. */
export interface LostRecord {
  readonly message: LogMessage;
  readonly restoration: number;
  readonly resent: boolean;
}

/** By conversation, restore and place of then. */
export class LostStore {
  readonly #messages: MessageStore;
  readonly #rows: Table<Row>;
  readonly #proofs: Heavy;

  constructor(file: StoreFile, messages: MessageStore) {
    this.#messages = messages;
    this.#rows = file.table("lostMessage");
    this.#proofs = file.heavy("lostEvidence");
  }

  /**
   * Take everything after a place out of the log; how many messages were kept here, `evidence` of a place with them.
   *
   * What was refused, or had lost its content already, is gone: there is nothing to keep of it.
   */
  cut(cid: Cid, afterSeq: number, restoration: number, evidence: ReadonlyMap<number, Evidence>): number {
    const cut = [...this.#messages.log(cid).between(afterSeq + 1)];
    const kept = cut.filter((row) => !row.refused && row.sealed.length > 0);
    for (const message of kept) {
      const key = keyOf(message, restoration);
      if (this.#rows.get(key) !== undefined) continue;
      this.#rows.put(key, { message, restoration, resent: false });
      const proof = evidence.get(message.seq);
      if (proof !== undefined) this.#proofs.put(key, proof);
    }
    for (const row of cut) this.#messages.remove(row);
    return kept.length;
  }

  /** In the order they had. */
  list(cid: Cid): readonly LostRecord[] {
    const rows = [...this.#rows.rows.values()].filter((row) => row.message.cid === cid);
    rows.sort((a, b) => a.restoration - b.restoration || a.message.seq - b.message.seq);
    return rows.map((row) => ({ ...row, message: this.#messages.read(row.message) }));
  }

  /** It is in the outbox again. */
  markResent(cid: Cid, mid: Mid): void {
    for (const [key] of this.#where((one) => one.cid === cid && one.mid === mid)) this.#rows.patch(key, { resent: true });
  }

  /** It stands in the log again: nothing of it is lost.  False if it was not here. */
  takeBack(cid: Cid, did: Did, mid: Mid): boolean {
    return this.#drop((one) => one.cid === cid && one.did === did && one.mid === mid);
  }

  /** How many of a conversation only devices hold now, as far as this one knows. */
  countOf(cid: Cid): number {
    return this.#where((message) => message.cid === cid).length;
  }

  /** How many messages one restore has lost, as this device knows, and nobody has sent again. */
  count(restoration: number): number {
    return [...this.#rows.rows.values()].filter((row) => row.restoration === restoration && !row.resent).length;
  }

  /** True if `expire` would drop something. */
  isExpiring(cid: Cid, beforeMs: Ms): boolean {
    return this.#where(isDue(cid, beforeMs)).length > 0;
  }

  /** Drop what the server had taken before that: a conversation's `ttl` holds for these too. */
  expire(cid: Cid, beforeMs: Ms): void {
    this.#drop(isDue(cid, beforeMs));
  }

  #where(is: (message: MessageRow) => boolean): readonly (readonly [string, Row])[] {
    return [...this.#rows.rows].filter(([, row]) => is(row.message));
  }

  #drop(is: (message: MessageRow) => boolean): boolean {
    const gone = this.#where(is);
    for (const [key] of gone) {
      this.#rows.delete(key);
      this.#proofs.deleteAll(key);
    }
    return gone.length > 0;
  }
}

function isDue(cid: Cid, beforeMs: Ms): (message: MessageRow) => boolean {
  return (message) => message.cid === cid && message.atMs >= 1 && message.atMs <= beforeMs;
}

function keyOf({ cid, seq }: MessageRow, restoration: number): string {
  return `${placeKey(cid, seq)} ${restoration}`;
}
