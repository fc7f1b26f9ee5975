/** Telling how far this device has received and its person has read: cumulative, at most once a second.  protocol §7 */

import { composeReadReceipt, logStart } from "@miss/core/receipts.js";

import type { Connection } from "../connection.js";
import { NotConnected } from "../errors.js";
import { type Cid, unhex } from "../ids.js";
import type { Platform } from "../platform.js";
import type { ServerTime } from "../serverTime.js";
import type { ConversationRecord } from "../store/conversations.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import { sleep, Wake } from "../waiting.js";

/** Between two reports about one conversation. */
const PAUSE_MS = 1000;
/** There: what was read is not told. */
const SILENT = "silent";

/** One task; what is to be told is read from the store, so nothing is forgotten by a crash. */
export class Reports {
  readonly #platform: Platform;
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #connection: Connection;
  readonly #time: ServerTime;
  readonly #wake = new Wake();
  readonly #due = new Set<Cid>();
  readonly #lastAtMs = new Map<Cid, number>();

  constructor(platform: Platform, store: Store, device: DeviceRecord, connection: Connection, time: ServerTime) {
    this.#platform = platform;
    this.#store = store;
    this.#device = device;
    this.#connection = connection;
    this.#time = time;
  }

  /** Something moved in `cid`. */
  note(cid: Cid): void {
    this.#due.add(cid);
    this.#wake.set();
  }

  /** Whether what was read here is told.  Once told to, it is: the place reached then counts, not each one before. */
  get tellsReading(): boolean {
    return this.#store.device.findMeta(SILENT) === null;
  }

  async setTellsReading(on: boolean): Promise<void> {
    const { conversations, device } = this.#store;
    await this.#store.transaction(() => {
      if (on) device.deleteMeta(SILENT);
      else device.putMeta(SILENT, new Uint8Array());
      // What was read in silence stays untold.
      for (const { cid, readSeq } of conversations.list()) conversations.advance(cid, { readReportedSeq: readSeq });
    });
  }

  /** A new connection: tell what was not told yet. */
  restart(): void {
    for (const record of this.#store.conversations.list()) if (hasNews(record)) this.note(record.cid);
  }

  /** Report whatever is due, whenever it may be.  Throws Stopped. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#wake.wait(this.#platform, signal);
      this.#wake.clear();
      while (this.#due.size > 0 && this.#connection.isOpen) {
        const nowMs = this.#platform.monotonicMs();
        const waitsMs = [...this.#due].map((cid) => (this.#lastAtMs.get(cid) ?? -PAUSE_MS) + PAUSE_MS - nowMs);
        const ready = [...this.#due].filter((_, at) => (waitsMs[at] ?? 0) <= 0);
        for (const cid of ready) await this.#take(cid, nowMs);
        if (ready.length === 0) await sleep(this.#platform, Math.min(...waitsMs), signal);
      }
    }
  }

  async #take(cid: Cid, nowMs: number): Promise<void> {
    this.#due.delete(cid);
    // What the server names may be nothing that is known here: its commits did not hold.
    const record = this.#store.conversations.find(cid);
    if (record !== null && (await this.#report(record))) this.#lastAtMs.set(cid, nowMs);
  }

  /** Tell what is new of one conversation; true if anything was said. */
  async #report(record: ConversationRecord): Promise<boolean> {
    const { cid, readReportedSeq, readSeq, receivedReportedSeq, syncedSeq } = record;
    const told: { receivedReportedSeq?: number; readReportedSeq?: number } = {};
    try {
      if (syncedSeq > receivedReportedSeq) {
        this.#connection.report({ kind: "recv", cid, seq: syncedSeq, uid: null });
        told.receivedReportedSeq = syncedSeq;
      }
      if (readSeq > readReportedSeq) {
        if (this.tellsReading) this.#connection.report({ kind: "read", cid, seq: readSeq, receipt: this.#sign(record), uid: null });
        told.readReportedSeq = readSeq;
      }
    } catch (error) {
      if (!(error instanceof NotConnected)) throw error;
      this.note(cid);
    }
    if (Object.keys(told).length === 0) return false;
    await this.#store.transaction(() => this.#store.conversations.advance(cid, told));
    return true;
  }

  /** The read receipt.  Its log is the start of the log if this device did not see all of it (protocol §3). */
  #sign({ cid, readSeq }: ConversationRecord): Uint8Array {
    const log = this.#store.messages.logAt(cid, readSeq);
    const { did, keys, uid } = this.#device;
    return composeReadReceipt(
      {
        cid: unhex(cid),
        seq: readSeq,
        log: log === null ? logStart(unhex(cid)) : unhex(log),
        uid: unhex(uid),
        did: unhex(did),
        tsMs: this.#time.nowMs(),
      },
      keys.ik,
    ).raw;
  }
}

function hasNews({ readReportedSeq, readSeq, receivedReportedSeq, syncedSeq }: ConversationRecord): boolean {
  return syncedSeq > receivedReportedSeq || readSeq > readReportedSeq;
}
