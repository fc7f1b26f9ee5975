/**
 * What comes in: envelopes opened, verified and stored, then announced.  protocol §4
 *
 * Nothing is announced before it is stored, and no place of the log is left out: an envelope that does not hold keeps
 * its place as a refused message with the reason, until something that holds is shown there.
 */

import { hashEnvelope, parseHeader } from "@miss/core/envelopes.js";

import type { Announcer } from "../announcer.js";
import type { EngineEvent } from "../api.js";
import type { Item } from "../frames.js";
import { type Cid, hex, type Mid, type Ms } from "../ids.js";
import { attachmentOf, EMPTY, type LogMessage, plain } from "../model.js";
import { newAlarm } from "../store/contents.js";
import type { DeviceRecord } from "../store/device.js";
import type { Draft, OutboxEntry } from "../store/outbox.js";
import type { Store } from "../store/store.js";
import type { Deletions } from "./deletions.js";
import type { Effects } from "./effects.js";
import type { Logbook } from "./logbook.js";
import { type Arrived, NOTHING, type Opening, refusedAt } from "./opening.js";

/** What was sent, and what the server made of it. */
export interface Deposit {
  readonly env: Uint8Array;
  readonly seq: number;
  readonly ts: Ms;
  /** The verified deposit receipt. */
  readonly receipt: Uint8Array | null;
}

/** From envelopes to messages. */
export class Intake {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #opening: Opening;
  readonly #effects: Effects;
  readonly #deletions: Deletions;
  readonly #logbook: Logbook;
  readonly #announcer: Announcer;

  constructor(
    store: Store,
    device: DeviceRecord,
    opening: Opening,
    effects: Effects,
    deletions: Deletions,
    logbook: Logbook,
    announcer: Announcer,
  ) {
    this.#store = store;
    this.#device = device;
    this.#opening = opening;
    this.#effects = effects;
    this.#deletions = deletions;
    this.#logbook = logbook;
    this.#announcer = announcer;
  }

  /**
   * Store the envelopes of one conversation, in the order of their places, and announce them.
   *
   * `syncedSeq`: everything up to there is now at hand, or was never ours to read.  Throws ServerUnreachable,
   * ServerRefused, `storage_full` when what it takes to open or keep them cannot be had: nothing is stored then, and
   * the same call can be made again.
   */
  async take(cid: Cid, items: readonly Item[], syncedSeq: number): Promise<void> {
    this.#opening.begin();
    const arrived: Arrived[] = [];
    for (const item of items) {
      if (this.#store.messages.has(cid, item.seq)) await this.takeAgain(cid, item);
      else arrived.push(await this.#opening.open(cid, item, arrived));
    }
    const news = await this.#store.transaction(() => this.#keepAll(cid, arrived, syncedSeq));
    this.#announcer.announceAll(news);
  }

  #keepAll(cid: Cid, arrived: readonly Arrived[], syncedSeq: number): readonly EngineEvent[] {
    const news = arrived.flatMap((one) => this.#keep(one));
    for (const item of this.#deletions.missing(cid, syncedSeq)) {
      news.push(...this.#keep({ ...NOTHING, message: refusedAt(cid, item, "message_withheld") }));
    }
    this.#store.conversations.advance(cid, { lastSeq: syncedSeq, syncedSeq });
    news.push(...this.#advance(cid));
    for (const one of arrived) news.push(...this.#compare(one));
    return news.length > 0 ? [...news, { kind: "conversation", cid }] : news;
  }

  /**
   * A place that is stored already: the server has to show the same again.
   *
   * What holds takes the place of what was refused there.  Throws as `take`.
   */
  async takeAgain(cid: Cid, item: Item): Promise<void> {
    const { seq, env } = item;
    const one = this.#store.messages.isRefused(cid, seq) ? await this.#opening.open(cid, item, []) : null;
    const news = await this.#store.transaction((): readonly EngineEvent[] => {
      const again = env.length > 0 ? this.#logbook.takeAgain(cid, seq, hex(hashEnvelope(env)), env) : [];
      const holds = one !== null && one.message.refused === "" && !this.#isReplay(one);
      if (one === null || !holds || !this.#store.messages.isRefused(cid, seq)) return again;
      this.#store.messages.makeWay(cid, seq);
      const kept = [...this.#keep(one), ...this.#advance(cid), ...this.#compare(one)];
      return [...again, ...kept, { kind: "conversation", cid }];
    });
    this.#announcer.announceAll(news);
  }

  /** The server's log is shorter than what it said before. */
  async noteRollback(cid: Cid, lastSeq: number): Promise<void> {
    const news = await this.#store.transaction(() => this.#logbook.noteRollback(cid, lastSeq));
    this.#announcer.announceAll([...news, { kind: "conversation", cid }]);
  }

  // Keeping it, inside the caller's transaction

  /** Store one arrival; what is to be announced of it. */
  #keep(found: Arrived): EngineEvent[] {
    const one = this.#isReplay(found)
      ? { ...NOTHING, message: replayed(found.message), envHash: found.envHash }
      : found;
    const { message, envHash, envelopeId, epoch, env } = one;
    const { cid, seq } = message;
    const standing = this.#effects.place(message);
    const kept = this.#store.messages.add(message, {
      ...{ envelopeId, envHash, epoch: epoch?.number ?? 0, about: standing.target?.seq ?? null },
      shown: standing.shown && !one.hasExpired,
    });
    if (!kept) return [];
    if (message.did !== null && message.mid !== null) this.#store.lost.takeBack(cid, message.did, message.mid);
    if (env.length > 0) this.#store.evidence.keep(cid, seq, env, one.receipt);
    this.#store.conversations.touch(cid, message.depositedAtMs);
    return [...this.#tell(one, standing.shown), ...this.#effects.take(message, standing, epoch)];
  }

  /** What there is to say of the message itself. */
  #tell({ message, hasExpired }: Arrived, shown: boolean): readonly EngineEvent[] {
    const { cid, seq, mid, did } = message;
    const told = plain(this.#store.messages.findQuoted(cid, seq) ?? message);
    const itself: readonly EngineEvent[] = shown && !hasExpired ? [{ kind: "message", message: told }] : [];
    if (message.refused !== "" || did !== this.#device.did || mid === null) return itself;
    const wasWaiting = this.#store.outbox.find(mid) !== null;
    this.#store.outbox.remove(mid);
    return wasWaiting ? [...itself, { kind: "sent", cid, mid, seq }] : itself;
  }

  /** Everything is at hand up to the first place that is missing, and the log is known as far. */
  #advance(cid: Cid): readonly EngineEvent[] {
    const reached = this.#store.messages.lastContiguous(cid, this.#store.conversations.get(cid).syncedSeq);
    this.#store.conversations.advance(cid, { lastSeq: reached, syncedSeq: reached });
    return this.#logbook.extend(cid);
  }

  /** Whether its author saw the log that this device sees. */
  #compare({ message, seen, env }: Arrived): readonly EngineEvent[] {
    const { cid, seq, uid } = message;
    if (seen === null || uid === null || message.refused !== "") return [];
    return this.#logbook.takeSeen(cid, seq, uid, seen, env);
  }

  #isReplay({ message, envelopeId }: Arrived): boolean {
    const { cid, seq, mid, did } = message;
    if (mid === null || did === null || envelopeId === null) return false;
    return this.#store.messages.isReplay(cid, seq, did, mid, envelopeId);
  }

  /** The server took a message of the outbox: it is ours for good, and leaves the outbox. */
  async keepOwn(entry: OutboxEntry, deposit: Deposit): Promise<void> {
    const { cid, mid } = entry;
    const { env, seq, receipt } = deposit;
    const header = parseHeader(env);
    const news = await this.#store.transaction((): readonly EngineEvent[] => {
      const one: Arrived = {
        ...NOTHING,
        ...{ message: this.#own(entry, deposit, header.blobs), envHash: hex(hashEnvelope(env)), env, receipt },
        envelopeId: hex(header.id),
        epoch: this.#store.conversations.findEpochOf(cid, hex(header.commit)),
      };
      if (this.#store.messages.isRefused(cid, seq)) this.#store.messages.makeWay(cid, seq);
      const kept = this.#keep(one);
      this.#store.outbox.remove(mid);
      this.#store.conversations.advance(cid, { lastSeq: seq });
      const told = [...kept, ...this.#advance(cid)];
      if (receipt !== null) told.push(...this.#logbook.anchor(cid, seq, receipt));
      return [...told, { kind: "conversation", cid }];
    });
    this.#announcer.announceAll(news);
  }

  #own({ cid, mid, draft }: OutboxEntry, { seq, ts }: Deposit, blobs: readonly Uint8Array[]): LogMessage {
    const parts = draft.attachments.map((part, at) => ({ ...part, blob: blobs[at] ?? part.blob }));
    return {
      ...EMPTY,
      ...{ cid, seq, mid, uid: this.#device.uid, did: this.#device.did, isMine: true },
      ...{ sentAtMs: draft.tsMs, depositedAtMs: ts, type: draft.type, text: draft.text, reply: draft.reply },
      ...{ parts, attachments: parts.map(attachmentOf), urgent: draft.urgent, mentions: draft.mentions },
      alarm: alarmOf(draft),
    };
  }
}

function alarmOf({ ackByMs, nextUids }: Draft): LogMessage["alarm"] {
  return ackByMs === null ? null : newAlarm(ackByMs, nextUids);
}

/** The same place of the log, without the content it repeats. */
function replayed(message: LogMessage): LogMessage {
  const nobody: { mid: Mid | null; uid: null; did: null } = { mid: null, uid: null, did: null };
  return {
    ...message,
    ...nobody,
    ...{ isMine: false, text: "", reply: null, parts: [], attachments: [], mentions: [], alarm: null },
    refused: "message_replayed",
  };
}
