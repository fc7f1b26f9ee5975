/**
 * What a message does besides standing in the log: it names, reacts, edits, deletes, leaves, raises, acknowledges.
 *
 * Runs inside the transaction that stores the message, so that both are stored or neither.  Returns what is to be
 * announced, in order.  protocol §3, Body
 */

import { memberOf, Role } from "@miss/core/commits.js";

import type { EngineEvent } from "../api.js";
import { counts } from "../folding.js";
import { AlarmState } from "../frames.js";
import { hex, type Ms, unhex } from "../ids.js";
import { ABOUT_ANOTHER, type LogMessage, plain } from "../model.js";
import type { Epoch } from "../store/conversations.js";
import type { Store } from "../store/store.js";

/** Where a message belongs. */
export interface Standing {
  /** The message that it changes; null for one that stands for itself, or changes nothing that is here. */
  readonly target: LogMessage | null;
  readonly shown: boolean;
}

/** The places of the edits that were deleted along with their message; what is no number is not one. */
export function editsOf(deletion: LogMessage): readonly number[] {
  return deletion.text.split(" ").flatMap((word) => (/^[0-9]{1,15}$/.test(word) ? [Number(word)] : []));
}

/** On one device's store. */
export class Effects {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** What the message is about; asked before it is stored. */
  place(message: LogMessage): Standing {
    if (message.refused !== "" || !ABOUT_ANOTHER.has(message.type)) return { target: null, shown: true };
    const target = message.reply === null ? null : this.#store.messages.findMid(message.cid, message.reply);
    if (target === null || !counts(message, target)) return { target: null, shown: false };
    return { target, shown: false };
  }

  /** Let a message that was just stored, sealed under `epoch`, have its effect. */
  take(message: LogMessage, standing: Standing, epoch: Epoch | null): readonly EngineEvent[] {
    const { cid, seq, uid } = message;
    if (message.refused !== "" || message.isDeleted || uid === null) return [];
    if (message.type === "delete") this.#store.messages.hide(cid, uid, editsOf(message));
    if (standing.target !== null) return this.#change(message, standing.target);
    const member = epoch === null ? null : memberOf(epoch.commit, unhex(uid));
    if (message.type === "name" && member?.role === Role.ADMIN) {
      this.#store.conversations.setName(cid, message.text);
    } else if (message.type === "leave" && epoch !== null) {
      this.#store.conversations.noteDeparture(cid, uid, epoch.number);
    } else if (message.alarm !== null) {
      this.#store.alarms.put(cid, seq, { state: AlarmState.WAITING, asked: null, acknowledgement: null });
      return message.isMine ? [] : [{ kind: "alarm", message: plain(message), how: "raised" }];
    }
    return [];
  }

  #change(message: LogMessage, target: LogMessage): readonly EngineEvent[] {
    const { cid, seq } = target;
    if (message.type === "delete") return this.delete(target, message.sentAtMs);
    const wasOpen = target.alarm !== null && target.alarm.state !== "acknowledged";
    if (message.type === "ack" && wasOpen) {
      this.#store.alarms.put(cid, seq, { state: AlarmState.ACKNOWLEDGED, asked: null, acknowledgement: null });
    }
    const now = this.#store.messages.findQuoted(cid, seq);
    if (now === null || now.isDeleted) return [];
    const told = plain(now);
    const changed: EngineEvent = { kind: "messageChanged", message: told, by: message.uid, how: message.type };
    const isAnswered = message.type === "ack" && wasOpen;
    return isAnswered ? [changed, { kind: "alarm", message: told, how: "acknowledged" }] : [changed];
  }

  /** The author's wish, proved by a message or by a tombstone: the content goes. */
  delete(target: LogMessage, deletedAtMs: Ms): readonly EngineEvent[] {
    const { cid, seq } = target;
    // Asked again inside the transaction: a tombstone and a message may both say it.
    const known = this.#store.messages.find(cid, seq);
    if (known === null || known.isDeleted) return [];
    for (const part of known.parts) this.#store.downloads.remove(hex(part.blob));
    this.#store.messages.erase(known, deletedAtMs);
    const gone = this.#store.messages.findQuoted(cid, seq);
    return gone === null ? [] : [{ kind: "messageChanged", message: plain(gone), by: target.uid, how: "delete" }];
  }
}
