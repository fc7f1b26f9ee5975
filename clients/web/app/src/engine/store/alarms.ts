/** How far each alarming result has come: what the server last said, and the signed acknowledgement.  protocol §7 */

import { parseAcknowledgement } from "@miss/core/acknowledgements.js";

import type { Alarm } from "../api.js";
import { AlarmState } from "../frames.js";
import { type Cid, hex, type Uid } from "../ids.js";
import type { StoreFile, Table } from "./file.js";

/** Where one alarm stands; `acknowledgement`: verified, as signed. */
export interface AlarmRecord {
  readonly state: AlarmState;
  readonly asked: Uid | null;
  readonly acknowledgement: Uint8Array | null;
}
interface Row extends AlarmRecord {
  readonly cid: Cid;
  readonly seq: number;
}

const NAMES = { 1: "waiting", 2: "acknowledged", 3: "escalated", 4: "exhausted" } as const;

/** `alarm`, as its message told it, where it stands now. */
export function applyRecord(record: AlarmRecord, alarm: Alarm): Alarm {
  if (record.acknowledgement === null) return { ...alarm, state: NAMES[record.state], asked: record.asked };
  const signed = parseAcknowledgement(record.acknowledgement);
  return { ...alarm, state: "acknowledged", acknowledgedBy: hex(signed.uid), acknowledgedAtMs: signed.tsMs };
}

/** By place of the message that raised it; goes when that message goes. */
export class AlarmStore {
  readonly #alarms: Table<Row>;

  constructor(file: StoreFile) {
    this.#alarms = file.table("alarm");
  }

  find(cid: Cid, seq: number): AlarmRecord | null {
    return this.#alarms.get(`${cid} ${seq}`) ?? null;
  }

  /** Note where it stands; false if that is no news.  An acknowledgement is the end: the first one stays. */
  put(cid: Cid, seq: number, record: AlarmRecord): boolean {
    const known = this.find(cid, seq);
    const isSame = known !== null && known.state === record.state && known.asked === record.asked;
    if ((isSame && record.acknowledgement === null) || known?.state === AlarmState.ACKNOWLEDGED) return false;
    this.#alarms.put(`${cid} ${seq}`, { cid, seq, ...record });
    return true;
  }

  /** The acknowledgement that the server has stands, whatever was noted before; false if one was here. */
  complete(cid: Cid, seq: number, record: AlarmRecord): boolean {
    const known = this.find(cid, seq);
    if (known !== null && known.acknowledgement !== null) return false;
    this.#alarms.put(`${cid} ${seq}`, { cid, seq, ...record });
    return true;
  }

  remove(cid: Cid, seq: number): void {
    this.#alarms.delete(`${cid} ${seq}`);
  }

  /** Where nobody has acknowledged yet. */
  waiting(): readonly { readonly cid: Cid; readonly seq: number }[] {
    const open = [...this.#alarms.rows.values()].filter((row) => row.state !== AlarmState.ACKNOWLEDGED);
    return open.sort((a, b) => (a.cid === b.cid ? a.seq - b.seq : a.cid < b.cid ? -1 : 1));
  }
}
