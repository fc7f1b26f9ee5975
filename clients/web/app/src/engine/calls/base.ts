/**
 * What every group of calls stands on: the parts of one running engine, and what several groups do with them.
 *
 * The groups build on one another, each adding its subject: people, conversations, reading, writing, files, alarms,
 * account; `client.ts` is the last.
 */

import { memberOf } from "@miss/core/commits.js";

import type { Assembly } from "../assembly.js";
import { EngineError } from "../errors.js";
import { type Cid, type Mid, type Uid, unhex } from "../ids.js";
import type { LogMessage } from "../model.js";
import type { Draft } from "../store/outbox.js";
import type { Store } from "../store/store.js";
import { composeMid } from "./mids.js";

/** What a draft says where nothing else is said. */
export const PLAIN = {
  text: "",
  reply: null,
  attachments: [],
  urgent: false,
  mentions: [],
  ackByMs: null,
  nextUids: [],
} as const;

export class Calls {
  protected readonly parts: Assembly;

  constructor(parts: Assembly) {
    this.parts = parts;
  }

  /** What this device holds, for its owner.  Throws `device_locked` while the server will not have the device. */
  protected get store(): Store {
    const { locked } = this.parts.standing;
    if (locked !== "") throw new EngineError("device_locked", { reason: locked });
    return this.parts.store;
  }

  protected get uid(): Uid {
    return this.parts.device.uid;
  }

  /**
   * Put a message in the outbox, durable when it resolves.  `along`: what is stored with it or not at all.
   *
   * Throws `conversation_not_here`, `conversation_left`.
   */
  protected async enqueue(
    cid: Cid,
    said: Partial<Draft> & Pick<Draft, "type">,
    blobs: readonly Uint8Array[] = [],
    along: () => void = () => undefined,
  ): Promise<Mid> {
    const { announcer, platform, sending, statements, time } = this.parts;
    this.requirePlace(cid);
    const tsMs = time.nowMs();
    const mid = composeMid(tsMs, platform.randomBytes);
    const { store } = this;
    await store.transaction(() => {
      store.outbox.add(mid, cid, { ...PLAIN, tsMs, ...said }, blobs);
      along();
    });
    announcer.announce({ kind: "conversation", cid });
    sending.wake();
    statements.wake();
    return mid;
  }

  /** Throws `conversation_not_here`, `conversation_left`, also for somebody who is leaving. */
  protected requirePlace(cid: Cid): void {
    const { commit } = this.parts.epochs.last(cid);
    const isMember = memberOf(commit, unhex(this.uid)) !== null;
    if (!isMember || this.store.conversations.departures(cid).includes(this.uid)) {
      throw new EngineError("conversation_left");
    }
    this.parts.epochs.writable(cid);
  }

  /** Throws `conversation_not_here`, `mention_not_member`. */
  protected requireMembers(cid: Cid, uids: readonly Uid[]): void {
    const { commit } = this.parts.epochs.last(cid);
    if (!uids.every((uid) => memberOf(commit, unhex(uid)) !== null)) throw new EngineError("mention_not_member");
  }

  /** The message at `seq`, which something is to be said about.  Throws `message_not_here`, `message_gone`. */
  protected target(cid: Cid, seq: number): { readonly message: LogMessage; readonly mid: Mid } {
    const message = this.get(cid, seq);
    if (message.mid === null || message.isDeleted) throw new EngineError("message_gone", { seq });
    return { message, mid: message.mid };
  }

  /** Throws `message_not_here`, also for one that has expired. */
  protected get(cid: Cid, seq: number): LogMessage {
    const message = this.store.messages.findQuoted(cid, seq);
    if (message === null) throw new EngineError("message_not_here", { seq });
    return message;
  }

  /** What a statement of this device about the envelope at `seq` says.  Throws `message_not_here`. */
  protected statementAbout(cid: Cid, seq: number): {
    readonly cid: Uint8Array;
    readonly seq: number;
    readonly envHash: Uint8Array;
    readonly uid: Uint8Array;
    readonly did: Uint8Array;
    readonly tsMs: number;
  } {
    const envHash = this.store.messages.envHashAt(cid, seq);
    if (envHash === null) throw new EngineError("message_not_here", { seq });
    const { did, uid } = this.parts.device;
    const tsMs = this.parts.time.nowMs();
    return { cid: unhex(cid), seq, envHash: unhex(envHash), uid: unhex(uid), did: unhex(did), tsMs };
  }
}
