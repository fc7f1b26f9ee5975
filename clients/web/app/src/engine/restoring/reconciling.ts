/**
 * One conversation after the other, brought together with what a restored server still has.  protocol §5, Restoration
 *
 * What both have goes on.  What only this device has is kept apart and shown as lost, its own messages are sent again.
 * Nothing is done without a statement that ROOT has signed, and nothing that the statement does not cover.
 */

import type { Announcer } from "../announcer.js";
import type { Epochs } from "../epochs.js";
import { hasCode, isNamed, NotConnected, ServerUnreachable } from "../errors.js";
import type { Head, Ready } from "../frames.js";
import type { Cid, Ms } from "../ids.js";
import { type Incidents, isLie } from "../incidents.js";
import { TEMPORARY } from "../outgoing/sending.js";
import type { Platform } from "../platform.js";
import type { ServerApi } from "../serverApi.js";
import type { ServerTime } from "../serverTime.js";
import type { DeviceRecord } from "../store/device.js";
import type { Evidence } from "../store/evidence.js";
import type { Store } from "../store/store.js";
import { sleep } from "../waiting.js";
import { GroupReturn } from "./groups.js";
import { LinkReturn } from "./links.js";
import { LogComparison } from "./logs.js";
import { RestorationNotices } from "./notices.js";
import { repeatStatements, resendLost } from "./resending.js";

const RETRY_MS = 5000;

/** What reconciling relies on; `isOpen`: whether there is a connection. */
export interface ReconcilingParts {
  readonly platform: Platform;
  readonly store: Store;
  readonly device: DeviceRecord;
  readonly api: ServerApi;
  readonly epochs: Epochs;
  readonly time: ServerTime;
  readonly announcer: Announcer;
  readonly incidents: Incidents;
  readonly isOpen: () => boolean;
}

/** One client's; `Sync` is the only task that calls it, but for `rescue`. */
export class Reconciling {
  readonly #parts: ReconcilingParts;
  readonly #store: Store;
  readonly #notices: RestorationNotices;
  readonly #links: LinkReturn;
  readonly #groups: GroupReturn;
  readonly #logs: LogComparison;

  constructor(parts: ReconcilingParts) {
    const { announcer, api, device, epochs, store, time } = parts;
    this.#parts = parts;
    this.#store = store;
    this.#notices = new RestorationNotices(store, device.root, api, time, announcer);
    this.#links = new LinkReturn(store, device, api);
    this.#groups = new GroupReturn(store, device, api, epochs);
    this.#logs = new LogComparison(store, device, api);
  }

  /** True while a conversation was not brought together with the server's: nothing of it is taken or sent. */
  isWaiting(cid: Cid): boolean {
    return this.#store.restorations.since(cid) !== null;
  }

  /**
   * A connection begins: all heads if there is something to reconcile; nothing is pulled or sent before that.
   *
   * A statement that does not hold changes nothing: it is told to `note`.  Throws NotConnected, Stopped, and
   * ServerRefused for heads unless that passes by itself.
   */
  async prepare(ready: Ready, note: (error: unknown) => Promise<void>, signal: AbortSignal): Promise<readonly Head[]> {
    for (;;) {
      try {
        // Links also on a later connection: the answer to the first may have been lost.
        const sinceMs = (await this.#notices.take(ready)) ?? this.#store.restorations.earliestSince();
        if (sinceMs !== null) await this.#links.putBack(sinceMs);
        if (this.#store.restorations.unreconciled().length === 0) return [];
        const heads = await this.#parts.api.fetchHeads();
        const known = new Set(heads.map(({ cid }) => cid));
        return (await this.#giveBackAbsent(known)) ? await this.#parts.api.fetchHeads() : heads;
      } catch (error) {
        if (isLie(error)) {
          await note(error);
          return [];
        }
        if (!isPassing(error)) throw error;
        await sleep(this.#parts.platform, RETRY_MS, signal);
        if (!this.#parts.isOpen()) throw new NotConnected();
      }
    }
  }

  /**
   * The server does not know this device: true if it may next time.
   *
   * Either a restore explains it and the device's link was given back, or the server could not say just now.
   */
  async rescue(): Promise<boolean> {
    try {
      await this.#notices.look();
      const sinceMs = this.#notices.lastSinceMs();
      return sinceMs !== null && (await this.#links.putBack(sinceMs));
    } catch (error) {
      if (!isNamed(error)) throw error;
      return isPassing(error);
    }
  }

  /** Conversations that the server does not know at all: true if it took one back from its author. */
  async #giveBackAbsent(known: ReadonlySet<Cid>): Promise<boolean> {
    let found = false;
    for (const cid of this.#store.restorations.unreconciled()) {
      if (!known.has(cid) && (await this.#groups.sendAgain(cid, 0)) > 0) found = true;
    }
    return found;
  }

  /**
   * Bring one conversation together with what the server has of it.
   *
   * False if the server has lost more than its operator says: it is noted, and all is as strict as ever.  Throws
   * ServerRefused, ServerUnreachable, a ProtocolError: what was done stays done, the same call does the rest.
   */
  async reconcile(head: Head): Promise<boolean> {
    const { cid } = head;
    const [sinceMs, last] = [this.#store.restorations.since(cid), this.#store.restorations.last()];
    if (sinceMs === null || last === null) return false;
    let common: number;
    try {
      common = await this.#logs.findCommon(cid, head.lastSeq, sinceMs);
    } catch (error) {
      if (!hasCode(error, "rollback_not_covered")) throw error;
      await this.#parts.incidents.note(error, head);
      await this.#store.transaction(() => this.#store.restorations.settle(cid));
      return false;
    }
    await this.#groups.reconcile(cid, head.epoch);
    await this.#goOn(head, common, sinceMs, last.epoch);
    return true;
  }

  /** From the common place on, all of it or nothing. */
  async #goOn({ cid, readSeq }: Head, common: number, sinceMs: Ms, restoration: number): Promise<void> {
    const { announcer, device, time } = this.#parts;
    const store = this.#store;
    const nowMs = time.nowMs();
    const evidence = await this.#evidenceAfter(cid, common);
    const { lost, resent } = await store.transaction(() => {
      const cut = store.lost.cut(cid, common, restoration, evidence);
      store.splits.forgetAfter(cid, common);
      store.statements.forgetAfter(cid, common);
      store.conversations.rewindMarkers(cid, common);
      store.conversations.rewind(cid, common);
      store.conversations.reportAgain(cid, readSeq);
      store.outbox.sealAnew(cid);
      repeatStatements(store, device, cid, sinceMs, nowMs);
      const again = resendLost(store, device, cid, restoration, nowMs);
      store.restorations.settle(cid);
      return { lost: cut, resent: again };
    });
    announcer.announceAll([
      { kind: "reconciled", cid, commonSeq: common, lost, resent },
      { kind: "conversation", cid },
    ]);
  }

  /** What proves the messages after a place: it is on disk, and read before the transaction that moves them. */
  async #evidenceAfter(cid: Cid, seq: number): Promise<ReadonlyMap<number, Evidence>> {
    const found = new Map<number, Evidence>();
    for (const row of [...this.#store.messages.log(cid).between(seq + 1)]) {
      const one = await this.#store.evidence.find(cid, row.seq);
      if (one !== null) found.set(row.seq, one);
    }
    return found;
  }
}

/** True for what the same question may not meet a moment later. */
function isPassing(error: unknown): boolean {
  return error instanceof ServerUnreachable || hasCode(error, ...TEMPORARY);
}
