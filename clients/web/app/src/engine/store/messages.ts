/**
 * Messages as decrypted, by place in their conversation's log.
 *
 * A row is written once and only ever loses content: to its author's deletion, or to the conversation's `ttl`.  What
 * is read comes folded: with the reactions and edits that followed, what it answers, and its alarm's state.
 */

import { logNext, logStart } from "@miss/core/receipts.js";

import { fold, quote } from "../folding.js";
import { type Cid, type Did, type Hash, hex, type Mid, type Ms, type Uid, unhex } from "../ids.js";
import type { LogMessage } from "../model.js";
import type { AlarmStore } from "./alarms.js";
import { applyRecord } from "./alarms.js";
import { packContent, readContent } from "./contents.js";
import type { EvidenceStore } from "./evidence.js";
import type { Index, StoreFile, Table } from "./file.js";
import { Log, type MessageRow } from "./log.js";
import { placeKey } from "./places.js";

/** What is kept with a message: see `MessageRow`. */
export interface Kept {
  readonly envelopeId: string | null;
  readonly envHash: Hash | null;
  readonly epoch?: number;
  readonly about?: number | null;
  readonly shown?: boolean;
}

const EXPIRED = new Uint8Array();

/** A place in the log is written once. */
export class MessageStore {
  readonly #file: StoreFile;
  readonly #alarms: AlarmStore;
  readonly #evidence: EvidenceStore;
  readonly #messages: Table<MessageRow>;
  readonly #logs = new Map<Cid, Log>();
  readonly #opened = new WeakMap<MessageRow, LogMessage>();

  constructor(file: StoreFile, alarms: AlarmStore, evidence: EvidenceStore) {
    this.#file = file;
    this.#alarms = alarms;
    this.#evidence = evidence;
    const index: Index<MessageRow> = {
      add: (row) => this.log(row.cid).add(row),
      remove: (row) => this.log(row.cid).remove(row),
    };
    this.#messages = file.table("message", index, (row) => placeKey(row.cid, row.seq));
  }

  /** The log of a conversation, for reading. */
  log(cid: Cid): Log {
    let log = this.#logs.get(cid);
    if (log === undefined) this.#logs.set(cid, (log = new Log()));
    return log;
  }

  /** Keep a message; false if its place is taken already. */
  add(message: LogMessage, { envelopeId, envHash, epoch = 0, about = null, shown = true }: Kept): boolean {
    const { cid, seq } = message;
    if (this.has(cid, seq)) return false;
    this.#messages.put(placeKey(cid, seq), {
      ...{ cid, seq, mid: message.mid, did: message.did, envelopeId, mine: message.isMine, log: null, envHash },
      ...{ epoch, about, atMs: message.depositedAtMs, shown, refused: message.refused !== "" },
      sealed: this.#seal(message),
    });
    return true;
  }

  #seal(message: LogMessage): Uint8Array {
    return this.#file.seal(place(message.cid, message.seq), packContent(message));
  }

  #patch(row: MessageRow, fields: Partial<MessageRow>): void {
    this.#messages.patch(placeKey(row.cid, row.seq), fields);
  }

  // What is there

  /** True if that place is written, whatever is left of it. */
  has(cid: Cid, seq: number): boolean {
    return this.log(cid).rows.has(seq);
  }

  /** True if what the server showed at that place did not hold. */
  isRefused(cid: Cid, seq: number): boolean {
    return this.log(cid).rows.get(seq)?.refused === true;
  }

  /** The last places at which nothing held, in the order of the log. */
  refused(cid: Cid, limit: number): readonly number[] {
    const { refused } = this.log(cid);
    return refused.slice(Math.max(0, refused.length - limit)).map((row) => row.seq);
  }

  /** Drop what was refused after a place; the last place after it that holds something still, if any. */
  forgetRefused(cid: Cid, afterSeq: number): number | null {
    for (const row of this.log(cid).refused) {
      if (row.seq > afterSeq) this.#messages.delete(placeKey(cid, row.seq));
    }
    const last = this.log(cid).seqs.at(-1) ?? 0;
    return last > afterSeq ? last : null;
  }

  /** Drop what was refused at a place, for what holds; the log is computed anew from there. */
  makeWay(cid: Cid, seq: number): void {
    if (this.isRefused(cid, seq)) this.#messages.delete(placeKey(cid, seq));
    for (const row of [...this.log(cid).between(seq)]) {
      if (row.log !== null) this.#patch(row, { log: null });
    }
  }

  /** The message at that place; null if nothing is there, or nothing any more. */
  find(cid: Cid, seq: number): LogMessage | null {
    const row = this.log(cid).rows.get(seq);
    return row === undefined || row.sealed.length === 0 ? null : this.#fold(this.read(row));
  }

  /** As `find`, with what it answers. */
  findQuoted(cid: Cid, seq: number): LogMessage | null {
    const message = this.find(cid, seq);
    return message === null ? null : this.#quoted(message);
  }

  /** The first message of that name; whoever uses the name again does not replace it. */
  findMid(cid: Cid, mid: Mid): LogMessage | null {
    const row = this.log(cid)
      .ofMid(mid)
      .find((one) => one.sealed.length > 0);
    return row === undefined ? null : this.#fold(this.read(row));
  }

  /** Where the message that `did` sent under `mid` stands. */
  findSeqOf(did: Did, mid: Mid): number | null {
    for (const log of this.#logs.values()) {
      const row = log.ofMid(mid).find((one) => one.did === did);
      if (row !== undefined) return row.seq;
    }
    return null;
  }

  /** True if another place of the log holds the same envelope or the same message (protocol §4). */
  isReplay(cid: Cid, seq: number, did: Did, mid: Mid, envelopeId: string): boolean {
    const log = this.log(cid);
    const isAnother = (row: MessageRow): boolean => row.did === did && row.seq !== seq;
    return log.ofMid(mid).some(isAnother) || log.ofEnvelope(did, envelopeId).some(isAnother);
  }

  /** Shown messages in the order of the log: the last `limit` ones before `beforeSeq` (null: the end). */
  list(cid: Cid, beforeSeq: number | null, limit: number): readonly LogMessage[] {
    const found: LogMessage[] = [];
    for (const row of this.log(cid).back(beforeSeq === null ? Infinity : beforeSeq - 1)) {
      if (found.length >= limit) break;
      if (row.shown && row.sealed.length > 0) found.push(this.#quoted(this.#fold(this.read(row))));
    }
    return found.toReversed();
  }

  /** Every shown message of a conversation as it stands now, the latest first: for a search. */
  *latest(cid: Cid): Generator<LogMessage> {
    for (const row of this.log(cid).back()) {
      if (row.shown && row.sealed.length > 0) yield this.#fold(this.read(row));
    }
  }

  /** Messages of others after `readSeq`. */
  countUnread(cid: Cid, readSeq: number): number {
    let count = 0;
    for (const row of this.log(cid).between(readSeq + 1)) count += row.shown && !row.mine ? 1 : 0;
    return count;
  }

  /** What was said about the message at `seq`, in the order of the log. */
  about(cid: Cid, seq: number): readonly LogMessage[] {
    const rows = this.log(cid).about(seq);
    return rows.filter((row) => row.sealed.length > 0).map((row) => this.read(row));
  }

  /** A row as it was written, with nothing that was said about it since. */
  read(row: MessageRow): LogMessage {
    const known = this.#opened.get(row);
    if (known !== undefined) return known;
    const message = readContent(row, this.#file.open(place(row.cid, row.seq), row.sealed));
    this.#opened.set(row, message);
    return message;
  }

  #fold(message: LogMessage): LogMessage {
    const record = message.alarm === null ? null : this.#alarms.find(message.cid, message.seq);
    const alarm = record === null || message.alarm === null ? message.alarm : applyRecord(record, message.alarm);
    return fold(alarm === message.alarm ? message : { ...message, alarm }, this.about(message.cid, message.seq));
  }

  #quoted(message: LogMessage): LogMessage {
    const answered = message.reply === null ? null : this.findMid(message.cid, message.reply);
    return answered === null ? message : { ...message, quote: quote(answered) };
  }

  // Losing content

  /** Its author deleted it: who and when stays; the content goes, earlier and later versions included. */
  erase(message: LogMessage, deletedAtMs: Ms): void {
    const { cid, seq } = message;
    const row = this.log(cid).rows.get(seq);
    if (row === undefined) return;
    const gone = { ...message, text: "", parts: [], isDeleted: true, deletedAtMs, mentions: [], alarm: null };
    this.#patch(row, { sealed: this.#seal(gone) });
    this.#drop(
      cid,
      this.about(cid, seq).map((one) => one.seq),
    );
    this.#evidence.remove(cid, seq);
    this.#alarms.remove(cid, seq);
  }

  /** Take these places out of sight, if nothing is left of them but that `uid` deleted them. */
  hide(cid: Cid, uid: Uid, seqs: Iterable<number>): void {
    for (const seq of seqs) {
      const [message, row] = [this.find(cid, seq), this.log(cid).rows.get(seq)];
      if (row !== undefined && message?.isDeleted === true && message.uid === uid) this.#patch(row, { shown: false });
    }
  }

  /** Places with content that the server took up to then. */
  expiring(cid: Cid, beforeMs: Ms): readonly number[] {
    const isDue = (row: MessageRow): boolean => row.atMs >= 1 && row.atMs <= beforeMs && row.sealed.length > 0;
    return [...this.log(cid).between(0)].filter(isDue).map((row) => row.seq);
  }

  /** Drop the content of these places.  What continues the log stays. */
  expire(cid: Cid, seqs: readonly number[]): void {
    this.#drop(cid, seqs);
  }

  /** When the server took the oldest message that has content still. */
  oldestMs(cid: Cid): Ms | null {
    let oldest: Ms | null = null;
    for (const row of this.log(cid).between(0)) {
      if (row.atMs > 0 && row.sealed.length > 0) oldest = oldest === null ? row.atMs : Math.min(oldest, row.atMs);
    }
    return oldest;
  }

  #drop(cid: Cid, seqs: readonly number[]): void {
    for (const seq of seqs) {
      const row = this.log(cid).rows.get(seq);
      if (row !== undefined) this.#patch(row, { sealed: EXPIRED, shown: false, about: null });
      this.#evidence.remove(cid, seq);
      this.#alarms.remove(cid, seq);
    }
  }

  /** A restored server has lost this place, and gives it away again. */
  remove({ cid, seq }: MessageRow): void {
    this.#messages.delete(placeKey(cid, seq));
    this.#evidence.remove(cid, seq);
    this.#alarms.remove(cid, seq);
  }

  // The log

  /** The place up to which nothing is missing after `seq`. */
  lastContiguous(cid: Cid, seq: number): number {
    let reached = seq;
    while (this.has(cid, reached + 1)) reached += 1;
    return reached;
  }

  /** First and last place of every run of places after `afterSeq`, up to `toSeq`, that nothing is at. */
  gaps(cid: Cid, afterSeq: number, toSeq: number): readonly (readonly [first: number, last: number])[] {
    const runs: (readonly [number, number])[] = [];
    let next = afterSeq + 1;
    for (const seq of [...[...this.log(cid).between(next, toSeq)].map((row) => row.seq), toSeq + 1]) {
      if (seq > next) runs.push([next, seq - 1]);
      next = seq + 1;
    }
    return runs;
  }

  /** The nearest message up to `seq` that could be opened, or from `seq` on. */
  epochAround(cid: Cid, seq: number, way: "back" | "on"): { readonly epoch: number; readonly atMs: Ms } | null {
    for (const row of way === "back" ? this.log(cid).back(seq) : this.log(cid).between(seq)) {
      if (row.epoch > 0) return row;
    }
    return null;
  }

  envHashAt(cid: Cid, seq: number): Hash | null {
    return this.log(cid).rows.get(seq)?.envHash ?? null;
  }

  /** The conversation's log after that place, as this device computes it; null if it is not known here. */
  logAt(cid: Cid, seq: number): Hash | null {
    return this.log(cid).rows.get(seq)?.log ?? null;
  }

  /** The last place whose log is known here, and that log. */
  lastLog(cid: Cid): { readonly seq: number; readonly log: Hash } | null {
    for (const { seq, log } of this.log(cid).back()) {
      if (log !== null) return { seq, log };
    }
    return null;
  }

  /** Start from a log that the server signed for, where what lies before was never ours to see. */
  anchorLog(cid: Cid, seq: number, log: Hash): void {
    const row = this.log(cid).rows.get(seq);
    if (row !== undefined && row.log === null) this.#patch(row, { log });
  }

  /** Compute the log for every place that follows what is known without a gap (protocol §3). */
  extendLog(cid: Cid): void {
    const last = this.lastLog(cid);
    let seq = last?.seq ?? 0;
    let log = last === null ? logStart(unhex(cid)) : unhex(last.log);
    for (const row of [...this.log(cid).between(seq + 1)]) {
      if (row.seq !== seq + 1 || row.envHash === null) return;
      seq = row.seq;
      log = logNext(log, unhex(row.envHash), seq);
      this.#patch(row, { log: hex(log) });
    }
  }

  /** How many messages were sealed under an epoch, and when the server took the first (0: none). */
  useOf(cid: Cid, epoch: number): { readonly count: number; readonly firstMs: Ms } {
    const rows = [...this.log(cid).between(0)].filter((row) => row.epoch === epoch);
    return { count: rows.length, firstMs: rows.length === 0 ? 0 : Math.min(...rows.map((row) => row.atMs)) };
  }
}

function place(cid: Cid, seq: number): string {
  return `message ${cid} ${seq}`;
}
