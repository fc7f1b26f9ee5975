/** Conversations, and who has received and read how far; `epochs` has their secrets.  protocol §3, §4 */

import { EngineError } from "../errors.js";
import type { Cid, Ms, Uid } from "../ids.js";
import type { StoreFile, Table } from "./file.js";
import { EpochStore } from "./epochs.js";

export type { Epoch } from "./epochs.js";

export type MarkerKind = "received" | "read";

/** How far a conversation has come; every position only moves forward. */
export interface Positions {
  /** Everything up to there was fetched. */
  readonly syncedSeq: number;
  /** Where the server stood when last heard of. */
  readonly lastSeq: number;
  readonly readSeq: number;
  readonly readReportedSeq: number;
  readonly receivedReportedSeq: number;
}

/** Where one conversation stands here. */
export interface ConversationRecord extends Positions {
  readonly cid: Cid;
  readonly name: string;
  readonly activeAtMs: Ms;
}

interface Row extends Positions {
  readonly cid: Cid;
  readonly activeAtMs: Ms;
  readonly sealed: Uint8Array;
}
interface MarkerRow {
  readonly cid: Cid;
  readonly uid: Uid;
  readonly kind: MarkerKind;
  readonly seq: number;
  /** A read receipt whose log could not be compared yet, since this device had not come that far. */
  readonly receipt: Uint8Array | null;
}
interface DepartureRow {
  readonly cid: Cid;
  readonly uid: Uid;
  readonly epoch: number;
}

const START: Positions = { syncedSeq: 0, lastSeq: 0, readSeq: 0, readReportedSeq: 0, receivedReportedSeq: 0 };
const POSITIONS = Object.keys(START) as readonly (keyof Positions)[];

export class ConversationStore extends EpochStore {
  readonly #file: StoreFile;
  readonly #conversations: Table<Row>;
  readonly #markers: Table<MarkerRow>;
  readonly #markersOf = new Map<Cid, Map<string, MarkerRow>>();
  readonly #departures: Table<DepartureRow>;

  constructor(file: StoreFile) {
    super(file);
    this.#file = file;
    this.#conversations = file.table("conversation");
    this.#markers = file.table("marker", {
      add: (row, key) => this.#ofConversation(row.cid).set(key, row),
      remove: (row, key) => this.#ofConversation(row.cid).delete(key),
    });
    this.#departures = file.table("departure");
  }

  #ofConversation(cid: Cid): Map<string, MarkerRow> {
    let found = this.#markersOf.get(cid);
    if (found === undefined) this.#markersOf.set(cid, (found = new Map()));
    return found;
  }

  find(cid: Cid): ConversationRecord | null {
    const row = this.#conversations.get(cid);
    return row === undefined ? null : this.#record(row);
  }

  /** Throws `conversation_not_here`. */
  get(cid: Cid): ConversationRecord {
    const record = this.find(cid);
    if (record === null) throw new EngineError("conversation_not_here");
    return record;
  }

  /** The most recently active first. */
  list(limit = 1000): readonly ConversationRecord[] {
    const rows = [...this.#conversations.rows.values()];
    rows.sort((a, b) => b.activeAtMs - a.activeAtMs || (a.cid < b.cid ? -1 : 1));
    return rows.slice(0, limit).map((row) => this.#record(row));
  }

  #record({ sealed, ...row }: Row): ConversationRecord {
    return { ...row, name: new TextDecoder().decode(this.#file.open(place(row.cid), sealed)) };
  }

  /** Make its row; false if it was there. */
  add(cid: Cid, atMs: Ms): boolean {
    if (this.#conversations.get(cid) !== undefined) return false;
    this.#conversations.put(cid, { cid, ...START, activeAtMs: atMs, sealed: this.#sealed(cid, "") });
    return true;
  }

  setName(cid: Cid, name: string): void {
    this.#conversations.patch(cid, { sealed: this.#sealed(cid, name) });
  }

  #sealed(cid: Cid, name: string): Uint8Array {
    return this.#file.seal(place(cid), new TextEncoder().encode(name));
  }

  /** True if `advance` would move any of these. */
  isBehind(cid: Cid, positions: Partial<Positions>): boolean {
    const row = this.#conversations.get(cid);
    return row !== undefined && POSITIONS.some((name) => (positions[name] ?? 0) > row[name]);
  }

  /** Move positions (`{syncedSeq, readSeq…}`) forward; true if any moved. */
  advance(cid: Cid, positions: Partial<Positions>): boolean {
    const row = this.#conversations.get(cid);
    if (row === undefined || !this.isBehind(cid, positions)) return false;
    const moved = POSITIONS.map((name) => [name, Math.max(row[name], positions[name] ?? 0)] as const);
    this.#conversations.put(cid, { ...row, ...(Object.fromEntries(moved) as unknown as Positions) });
    return true;
  }

  /** The log ends at `seq`, whatever was said before: no position lies beyond. */
  rewind(cid: Cid, seq: number): void {
    const row = this.#conversations.get(cid);
    if (row === undefined) return;
    const moved = POSITIONS.map((name) => [name, Math.min(row[name], seq)] as const);
    this.#conversations.put(cid, { ...row, ...(Object.fromEntries(moved) as unknown as Positions) });
  }

  /** The server remembers `readSeq`, and may have forgotten what was received: both are told again. */
  reportAgain(cid: Cid, readSeq: number): void {
    const row = this.#conversations.get(cid);
    if (row === undefined) return;
    this.#conversations.patch(cid, { readReportedSeq: Math.min(row.readSeq, readSeq), receivedReportedSeq: 0 });
  }

  /** Something happened in it. */
  touch(cid: Cid, atMs: Ms): void {
    const row = this.#conversations.get(cid);
    if (row !== undefined && row.activeAtMs < atMs) this.#conversations.patch(cid, { activeAtMs: atMs });
  }

  // Markers

  /** `uid` has received or read up to `seq`; true if that is news. */
  mark(cid: Cid, uid: Uid, kind: MarkerKind, seq: number): boolean {
    if (!this.isNewMark(cid, uid, kind, seq)) return false;
    this.#markers.put(markerKey(cid, uid, kind), { cid, uid, kind, seq, receipt: null });
    return true;
  }

  /** True if `mark` would be news. */
  isNewMark(cid: Cid, uid: Uid, kind: MarkerKind, seq: number): boolean {
    return seq > (this.#markers.get(markerKey(cid, uid, kind))?.seq ?? 0);
  }

  /** How far each person has received or read. */
  markers(cid: Cid, kind: MarkerKind): Readonly<Record<Uid, number>> {
    const rows = [...this.#ofConversation(cid).values()].filter((row) => row.kind === kind);
    return Object.fromEntries(rows.map((row) => [row.uid, row.seq]));
  }

  /** The last read receipt of `uid` names a log that this device has not computed yet. */
  postponeReceipt(cid: Cid, uid: Uid, receipt: Uint8Array): void {
    this.#markers.patch(markerKey(cid, uid, "read"), { receipt });
  }

  /** Remove and return the read receipts about places up to `seq`. */
  takePostponedReceipts(cid: Cid, seq: number): readonly Uint8Array[] {
    const taken: Uint8Array[] = [];
    for (const [key, row] of [...this.#ofConversation(cid)]) {
      if (row.receipt === null || row.kind !== "read" || row.seq > seq) continue;
      taken.push(row.receipt);
      this.#markers.patch(key, { receipt: null });
    }
    return taken;
  }

  /** Nobody has received or read beyond `seq`: it is not there any more. */
  rewindMarkers(cid: Cid, seq: number): void {
    for (const [key, row] of [...this.#ofConversation(cid)]) {
      if (row.seq > seq) this.#markers.patch(key, { seq, receipt: null });
    }
  }

  /** The server has lost the epochs after that one, and others take their numbers. */
  dropEpochs(cid: Cid, after: number): void {
    this.removeEpochs(cid, after);
    for (const [key, row] of [...this.#departures.rows]) {
      if (row.cid === cid && row.epoch > after) this.#departures.patch(key, { epoch: after });
    }
  }

  // Departures

  /** `uid` said goodbye under that epoch. */
  noteDeparture(cid: Cid, uid: Uid, epoch: number): void {
    this.#departures.put(`${cid} ${uid}`, { cid, uid, epoch });
  }

  /** Who said goodbye and is a member still, of every epoch since. */
  departures(cid: Cid): readonly Uid[] {
    const rows = [...this.#departures.rows.values()].filter((row) => row.cid === cid);
    const staying = rows.filter((row) => this.isMemberThroughout(cid, row.uid, row.epoch));
    return staying.map((row) => row.uid).sort();
  }

  /** The conversations that somebody is leaving. */
  withDepartures(): readonly Cid[] {
    return [...new Set([...this.#departures.rows.values()].map((row) => row.cid))].sort();
  }

  forgetDeparture(cid: Cid, uid: Uid): void {
    this.#departures.delete(`${cid} ${uid}`);
  }
}

function markerKey(cid: Cid, uid: Uid, kind: MarkerKind): string {
  return `${cid} ${uid} ${kind}`;
}

function place(cid: Cid): string {
  return `conversation ${cid}`;
}
