/**
 * One place of the log, looked at: an envelope opened and verified, an empty place judged.  Stores nothing.  protocol §4
 */

import { BoxMissing, ProtocolError, UnknownLinkHead, UnknownSender, WrongCommit } from "@miss/core/errors.js";
import { hashEnvelope, type Opened, openEnvelope, parseHeader } from "@miss/core/envelopes.js";
import type { Chains } from "@miss/core/membership.js";

import type { Epochs } from "../epochs.js";
import { hasCode, isIdentityError, ServerRefused } from "../errors.js";
import type { Item } from "../frames.js";
import { type Cid, type Hash, hex } from "../ids.js";
import { attachmentOf, EMPTY, type LogMessage } from "../model.js";
import type { Identities } from "../people/identities.js";
import { newAlarm } from "../store/contents.js";
import type { Epoch } from "../store/conversations.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import type { Deletions } from "./deletions.js";
import type { SeenLog } from "./logbook.js";

/** What is known of one place. */
export interface Arrived {
  readonly message: LogMessage;
  /** Null: the server does not say what stood there. */
  readonly envHash: Hash | null;
  readonly envelopeId: string | null;
  /** The one it is sealed under, if it holds. */
  readonly epoch: Epoch | null;
  /** What proves the message, if it holds. */
  readonly env: Uint8Array;
  readonly receipt: Uint8Array | null;
  /** What its author had seen. */
  readonly seen: SeenLog | null;
  readonly hasExpired: boolean;
}

/** All but the message, where nothing holds. */
export const NOTHING = {
  ...{ envHash: null, envelopeId: null, epoch: null, env: new Uint8Array(), receipt: null, seen: null },
  hasExpired: false,
} as const;

/** A place of the log without content that could be shown. */
export function refusedAt(cid: Cid, { seq, ts }: Item, code: string): LogMessage {
  const nobody = { mid: null, uid: null, did: null };
  return { ...EMPTY, ...nobody, cid, seq, sentAtMs: ts, depositedAtMs: ts, refused: code };
}

export class Opening {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #identities: Identities;
  readonly #epochs: Epochs;
  readonly #deletions: Deletions;
  /** Of the epoch looked at last: a page holds hundreds of envelopes of one epoch, and an epoch hundreds of members. */
  #latest: { readonly epoch: Epoch; readonly chains: Chains } | null = null;

  constructor(store: Store, device: DeviceRecord, identities: Identities, epochs: Epochs, deletions: Deletions) {
    this.#store = store;
    this.#device = device;
    this.#identities = identities;
    this.#epochs = epochs;
    this.#deletions = deletions;
  }

  /** Another page: chains may have grown meanwhile. */
  begin(): void {
    this.#latest = null;
  }

  /**
   * What stands at a place; `arrived`: those before it that are not stored yet.
   *
   * What does not hold is a refused message.  Throws ServerUnreachable, ServerRefused: nothing can be said yet.
   */
  async open(cid: Cid, item: Item, arrived: readonly Arrived[]): Promise<Arrived> {
    const { seq, env } = item;
    if (env.length === 0) return this.#openEmpty(cid, item, arrived);
    const envHash = hex(hashEnvelope(env));
    try {
      const { opened, epoch } = await this.#verify(cid, env);
      // The server takes nothing under an epoch that is over: somebody of before, with its help.
      if (this.#epochBefore(cid, seq, arrived) > epoch.number) throw new WrongCommit({ epoch: epoch.number });
      const { seen } = opened.body;
      return {
        ...NOTHING,
        ...{ message: this.#read(cid, item, opened), envHash, envelopeId: hex(opened.header.id), epoch, env },
        seen: seen === null ? null : { seq: seen.seq, log: hex(seen.log) },
      };
    } catch (error) {
      return { ...NOTHING, message: refusedAt(cid, item, refusalOf(error)), envHash };
    }
  }

  async #openEmpty(cid: Cid, item: Item, arrived: readonly Arrived[]): Promise<Arrived> {
    const envHash = item.gone?.envHash ?? null;
    const before = arrived.at(-1)?.message ?? this.#store.messages.find(cid, item.seq - 1);
    try {
      const message = await this.#deletions.read(cid, item, before);
      return { ...NOTHING, message, envHash, hasExpired: message.uid === null };
    } catch (error) {
      return { ...NOTHING, message: refusedAt(cid, item, refusalOf(error)), envHash };
    }
  }

  /** The epoch of the last message before that place that could be opened; 0 if there is none. */
  #epochBefore(cid: Cid, seq: number, arrived: readonly Arrived[]): number {
    const latest = arrived.findLast((one) => one.epoch !== null)?.epoch?.number;
    return latest ?? this.#store.messages.epochAround(cid, seq - 1, "back")?.epoch ?? 0;
  }

  /** The opened envelope, and the epoch it is sealed under.  Throws a ProtocolError if it does not hold. */
  async #verify(cid: Cid, env: Uint8Array): Promise<{ readonly opened: Opened; readonly epoch: Epoch }> {
    const header = parseHeader(env);
    const epoch = await this.#epochs.epochOf(cid, hex(header.commit));
    if (epoch === null) throw new WrongCommit({ epoch: 0 });
    const { es, commit } = epoch;
    if (es === null) throw new BoxMissing({ epoch: epoch.number });
    const chains = await this.#chainsFor(epoch);
    try {
      return { opened: openEnvelope(env, es, commit, chains), epoch };
    } catch (error) {
      if (!(error instanceof UnknownSender || error instanceof UnknownLinkHead)) throw error;
      // A device linked since we last looked: it needs no new epoch, hence no commit told us (protocol §4).
      const fresh: Chains = await this.#identities.refreshAll(chains.keys());
      this.#latest = { epoch, chains: fresh };
      return { opened: openEnvelope(env, es, commit, fresh), epoch };
    }
  }

  async #chainsFor(epoch: Epoch): Promise<Chains> {
    if (this.#latest?.epoch !== epoch) {
      this.#latest = { epoch, chains: await this.#identities.chainsFor(epoch.commit) };
    }
    return this.#latest.chains;
  }

  #read(cid: Cid, { seq, ts }: Item, { uid, header, body }: Opened): LogMessage {
    const author = hex(uid);
    return {
      ...EMPTY,
      ...{ cid, seq, mid: hex(body.mid), uid: author, did: hex(header.did), isMine: author === this.#device.uid },
      ...{ sentAtMs: body.ts, depositedAtMs: ts, type: body.type, text: body.text },
      ...{ reply: body.reply === null ? null : hex(body.reply), parts: body.att },
      attachments: body.att.map(attachmentOf),
      urgent: body.urgent,
      mentions: body.mentions.map(hex),
      alarm: header.alarm === null ? null : newAlarm(header.alarm.ackBy, header.alarm.nextUids.map(hex)),
    };
  }
}

/** The code that a place is refused under; what says nothing of the place itself is thrown on. */
function refusalOf(error: unknown): string {
  if (error instanceof ProtocolError) return error.code;
  const isOurs = hasCode(error, "contact_without_device", "message_withheld") && !(error instanceof ServerRefused);
  if (isOurs || isIdentityError(error)) return (error as { code: string }).code;
  throw error;
}
