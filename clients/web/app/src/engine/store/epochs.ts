/** The verified commits of conversations, without their boxes, and the secrets of their epochs.  protocol §3, §4 */

import { type Box, type Commit, memberOf, packCommit, parseCommit } from "@miss/core/commits.js";
import { hash } from "@miss/core/primitives.js";

import { Fields } from "../fields.js";
import { type Cid, type Hash, hex, type Uid, unhex } from "../ids.js";
import { decode, encode } from "../msgpack.js";
import type { StoreFile, Table } from "./file.js";

/** One verified commit, and the secret it gave; null: not a member, and no history was passed on. */
export interface Epoch {
  readonly number: number;
  readonly commit: Commit;
  readonly es: Uint8Array | null;
}

interface Row {
  readonly cid: Cid;
  readonly epoch: number;
  readonly commitHash: Hash;
  readonly sealed: Uint8Array;
}

const DIGEST_BYTES = 32;

export class EpochStore {
  readonly #epochFile: StoreFile;
  readonly #epochs: Table<Row>;
  /** By conversation, then by number. */
  readonly #rowsOf = new Map<Cid, Map<number, Row>>();
  readonly #opened = new WeakMap<Row, Epoch>();

  constructor(file: StoreFile) {
    this.#epochFile = file;
    this.#epochs = file.table("epoch", {
      add: (row) => this.#of(row.cid).set(row.epoch, row),
      remove: (row) => this.#of(row.cid).delete(row.epoch),
    });
  }

  #of(cid: Cid): Map<number, Row> {
    let found = this.#rowsOf.get(cid);
    if (found === undefined) this.#rowsOf.set(cid, (found = new Map()));
    return found;
  }

  #sorted(cid: Cid): readonly Row[] {
    return [...this.#of(cid).values()].sort((a, b) => a.epoch - b.epoch);
  }

  /** Keep a verified commit; a secret that comes later (history) completes the row. */
  addEpoch(commit: Commit, es: Uint8Array | null): void {
    const [cid, number] = [hex(commit.core.cid), commit.core.epoch];
    const known = this.findEpoch(cid, number);
    if (known !== null && (known.es !== null || es === null)) return;
    const sealed = this.#epochFile.seal(place(cid, number), encode([packCommit(stripped(commit)), es]));
    this.#epochs.put(`${cid} ${number}`, { cid, epoch: number, commitHash: hex(commit.hash), sealed });
  }

  protected removeEpochs(cid: Cid, after: number): void {
    for (const { epoch } of this.#sorted(cid)) if (epoch > after) this.#epochs.delete(`${cid} ${epoch}`);
  }

  /** The latest one known here. */
  lastEpoch(cid: Cid): Epoch | null {
    const numbers = [...this.#of(cid).keys()];
    return numbers.length === 0 ? null : this.findEpoch(cid, Math.max(...numbers));
  }

  findEpoch(cid: Cid, number: number): Epoch | null {
    const row = this.#of(cid).get(number);
    return row === undefined ? null : this.#open(row);
  }

  /** The epoch that an envelope's header names. */
  findEpochOf(cid: Cid, commitHash: Hash): Epoch | null {
    const row = [...this.#of(cid).values()].find((one) => one.commitHash === commitHash);
    return row === undefined ? null : this.#open(row);
  }

  /** Every epoch known here, by number, in order. */
  epochs(cid: Cid): ReadonlyMap<number, Epoch> {
    return new Map(this.#sorted(cid).map((row) => [row.epoch, this.#open(row)]));
  }

  /** Every epoch of every conversation: what a rotation seals anew. */
  *everyEpoch(): Generator<readonly [cid: Cid, epoch: Epoch]> {
    for (const cid of [...this.#rowsOf.keys()].sort()) {
      for (const row of this.#sorted(cid)) yield [cid, this.#open(row)];
    }
  }

  #open(row: Row): Epoch {
    const known = this.#opened.get(row);
    if (known !== undefined) return known;
    const from = new Fields(decode(this.#epochFile.open(place(row.cid, row.epoch), row.sealed)));
    const commit = parseCommit(from.bytes());
    const epoch = { number: row.epoch, commit, es: from.nullable(() => from.bytes()) };
    this.#opened.set(row, epoch);
    return epoch;
  }

  /** The shortest `ttl` that the members ever agreed on; 0 if they never did. */
  shortestTtlS(cid: Cid): number {
    const ttls = this.#sorted(cid).map((row) => this.#open(row).commit.core.policy.ttlS);
    const agreed = ttls.filter((ttlS) => ttlS > 0);
    return agreed.length === 0 ? 0 : Math.min(...agreed);
  }

  /** True if `uid` is in any epoch known here, the latest looked at first. */
  wasMember(cid: Cid, uid: Uid): boolean {
    const bytes = unhex(uid);
    return this.#sorted(cid)
      .toReversed()
      .some((row) => memberOf(this.#open(row).commit, bytes) !== null);
  }

  /** True if `uid` is in every epoch from `first` to `last` (null: the latest known here). */
  isMemberThroughout(cid: Cid, uid: Uid, first: number, last: number | null = null): boolean {
    const bytes = unhex(uid);
    const rows = this.#sorted(cid).filter((row) => row.epoch >= first && (last === null || row.epoch <= last));
    return rows.length > 0 && rows.every((row) => memberOf(this.#open(row).commit, bytes) !== null);
  }
}

/** Digests in place of boxes: what was sealed to this person was opened, and the rest is nobody's business here. */
function stripped(commit: Commit): Commit {
  const strip = (box: Box): Box =>
    box.sealed.length === DIGEST_BYTES ? box : { uid: box.uid, sealed: hash("box", box.sealed) };
  return { ...commit, boxes: commit.boxes.map(strip), history: commit.history.map(strip) };
}

function place(cid: Cid, number: number): string {
  return `epoch ${cid} ${number}`;
}
