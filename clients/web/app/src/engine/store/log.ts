/** One conversation's log in memory: rows by place, and what has to be found quickly.  Pure. */

import type { Did, Hash, Mid, Ms } from "../ids.js";

/** One place of a log. */
export interface MessageRow {
  readonly cid: string;
  readonly seq: number;
  readonly mid: Mid | null;
  readonly did: Did | null;
  /** The header's random id; null for what was refused. */
  readonly envelopeId: string | null;
  readonly mine: boolean;
  /** The conversation's log after this place, where nothing is missing before it. */
  readonly log: Hash | null;
  /** H(env); null if the server does not say it. */
  readonly envHash: Hash | null;
  /** The one it is sealed under; 0: not opened. */
  readonly epoch: number;
  /** The place of the message it changes. */
  readonly about: number | null;
  /** When the server took it. */
  readonly atMs: Ms;
  /** False for what has no place of its own: about another one, or expired. */
  readonly shown: boolean;
  /** True where nothing held: what holds may still come and take its place. */
  readonly refused: boolean;
  /** Empty: expired, or taken away with what it is about. */
  readonly sealed: Uint8Array;
}

export class Log {
  readonly rows = new Map<number, MessageRow>();
  readonly #byMid = new Map<Mid, Set<number>>();
  readonly #byEnvelope = new Map<string, Set<number>>();
  readonly #about = new Map<number, Set<number>>();
  readonly #refused = new Set<number>();
  /** Places in order, those of `#removed` among them; null: to be sorted again. */
  #sorted: number[] | null = [];
  readonly #removed = new Set<number>();

  add(row: MessageRow): void {
    const { seq } = row;
    this.rows.set(seq, row);
    // A row that is replaced leaves its place and takes it again.
    if (!this.#removed.delete(seq)) {
      if (this.#sorted !== null && seq > (this.#sorted.at(-1) ?? 0)) this.#sorted.push(seq);
      else this.#sorted = null;
    }
    if (row.mid !== null) put(this.#byMid, row.mid, seq);
    if (row.envelopeId !== null) put(this.#byEnvelope, `${row.did ?? ""} ${row.envelopeId}`, seq);
    if (row.about !== null) put(this.#about, row.about, seq);
    if (row.refused) this.#refused.add(seq);
  }

  remove(row: MessageRow): void {
    const { seq } = row;
    this.rows.delete(seq);
    if (this.#sorted !== null) this.#removed.add(seq);
    if (row.mid !== null) this.#byMid.get(row.mid)?.delete(seq);
    if (row.envelopeId !== null) this.#byEnvelope.get(`${row.did ?? ""} ${row.envelopeId}`)?.delete(seq);
    if (row.about !== null) this.#about.get(row.about)?.delete(seq);
    this.#refused.delete(seq);
  }

  /** Every place here, in order. */
  get seqs(): readonly number[] {
    if (this.#sorted === null || this.#removed.size > 0) {
      this.#sorted = (this.#sorted ?? [...this.rows.keys()].sort((a, b) => a - b)).filter((seq) => this.rows.has(seq));
      this.#removed.clear();
    }
    return this.#sorted;
  }

  /** The rows from `fromSeq` to `toSeq`, in order. */
  *between(fromSeq: number, toSeq = Infinity): Generator<MessageRow> {
    const { seqs } = this;
    for (let at = this.#place(fromSeq); at < seqs.length; at += 1) {
      const seq = seqs[at] as number;
      if (seq > toSeq) return;
      yield this.rows.get(seq) as MessageRow;
    }
  }

  /** The rows from `fromSeq` down, in falling order. */
  *back(fromSeq = Infinity): Generator<MessageRow> {
    const { seqs } = this;
    const first = fromSeq === Infinity ? seqs.length : this.#place(fromSeq + 1);
    for (let at = first - 1; at >= 0; at -= 1) yield this.rows.get(seqs[at] as number) as MessageRow;
  }

  /** How many places lie before `seq`. */
  #place(seq: number): number {
    const { seqs } = this;
    let [low, high] = [0, seqs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((seqs[middle] as number) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The last place of what the server took before that; 0 if there is none. */
  lastBefore(sinceMs: Ms): number {
    for (const { atMs, seq } of this.back()) if (atMs >= 1 && atMs < sinceMs) return seq;
    return 0;
  }

  /**
   * Places, up to `toSeq`, of what the server took from `sinceMs` on.
   *
   * Places where nothing was ever shown count, as nothing says when they were taken.
   */
  takenSince(sinceMs: Ms, toSeq: number): readonly number[] {
    return [...this.between(0, toSeq)].filter(({ atMs }) => atMs >= sinceMs || atMs === 0).map(({ seq }) => seq);
  }

  ofMid(mid: Mid): readonly MessageRow[] {
    return this.#rowsAt(this.#byMid.get(mid));
  }

  ofEnvelope(did: Did, envelopeId: string): readonly MessageRow[] {
    return this.#rowsAt(this.#byEnvelope.get(`${did} ${envelopeId}`));
  }

  /** What was said about the message at `seq`, in order. */
  about(seq: number): readonly MessageRow[] {
    return this.#rowsAt(this.#about.get(seq));
  }

  get refused(): readonly MessageRow[] {
    return this.#rowsAt(this.#refused);
  }

  #rowsAt(seqs: ReadonlySet<number> | undefined): readonly MessageRow[] {
    if (seqs === undefined || seqs.size === 0) return [];
    return [...seqs].sort((a, b) => a - b).map((seq) => this.rows.get(seq) as MessageRow);
  }
}

function put<K>(index: Map<K, Set<number>>, key: K, seq: number): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, new Set([seq]));
  else known.add(seq);
}
