/**
 * What later messages do to an earlier one: reactions, edits, deletion.  Pure.  protocol §3, Body
 *
 * The log decides: messages about another one are applied in its order, whenever their authors wrote them.  An edit or
 * a deletion counts only from the author of the message it is about; a reaction of anybody.
 */

import { MAX_REACTION_BYTES } from "@miss/core/envelopes.js";

import type { Alarm, Quote, Uid } from "./api.js";
import type { LogMessage } from "./model.js";

const QUOTE_CHARS = 200;
/** Pictures and flags, skin tones, variation selectors, keycaps, joiners; arrows and the like. */
const EMOJI = /^[\p{So}\p{Sk}\p{Mn}\p{Me}\p{Cf}\p{Sm}]+$/u;
const PICTURE = /[\p{So}\p{Sm}\p{Me}]/u;
const KEYCAP = "\u20e3";

/** True for what may be a reaction: 32 bytes at most, of pictures only. */
export function isEmoji(text: string): boolean {
  if (text === "" || new TextEncoder().encode(text).length > MAX_REACTION_BYTES) return false;
  const pictures = text.includes(KEYCAP) ? text.replace(/^[0-9#*]+/, "") : text;
  return EMOJI.test(pictures) && PICTURE.test(pictures);
}

/** True if `amendment` may change `target`: edits and deletions are its author's, an acknowledgement is not. */
export function counts(amendment: LogMessage, target: LogMessage): boolean {
  const isAuthors = amendment.uid !== null && amendment.uid === target.uid;
  if (target.refused !== "") return false;
  switch (amendment.type) {
    case "edit":
      return isAuthors && target.type === "text";
    case "delete":
      return isAuthors;
    case "ack":
      return !isAuthors;
    default:
      return true;
  }
}

/** `target` as the messages about it, in the order of the log, have left it. */
export function fold(target: LogMessage, amendments: readonly LogMessage[]): LogMessage {
  if (target.isDeleted) return target;
  const versions = [{ text: target.text, writtenAtMs: target.sentAtMs }];
  const reactions = new Map<string, Set<Uid>>();
  let alarm = target.alarm;
  for (const amendment of amendments) {
    const { uid } = amendment;
    if (amendment.refused !== "" || amendment.isDeleted || uid === null || !counts(amendment, target)) continue;
    if (amendment.type === "reaction") react(reactions, uid, amendment.text);
    else if (amendment.type === "edit") versions.push({ text: amendment.text, writtenAtMs: amendment.sentAtMs });
    else if (amendment.type === "ack" && alarm !== null) alarm = acknowledge(alarm, amendment);
  }
  const last = versions.pop() ?? { text: "", writtenAtMs: 0 };
  const left = [...reactions].filter(([, uids]) => uids.size > 0);
  return {
    ...target,
    text: last.text,
    editedAtMs: versions.length > 0 ? last.writtenAtMs : null,
    versions,
    reactions: left.map(([emoji, uids]) => ({ emoji, uids: [...uids] })),
    alarm,
  };
}

/** The first acknowledgement stands, whether it came as a message or by the server. */
function acknowledge(alarm: Alarm, ack: LogMessage): Alarm {
  if (alarm.acknowledgedBy !== null) return alarm;
  const { uid, sentAtMs } = ack;
  return { ...alarm, state: "acknowledged", asked: null, acknowledgedBy: uid, acknowledgedAtMs: sentAtMs };
}

/** One person puts each emoji once; an empty one takes back all of theirs. */
function react(reactions: Map<string, Set<Uid>>, uid: Uid, emoji: string): void {
  if (emoji === "") {
    for (const uids of reactions.values()) uids.delete(uid);
  } else if (isEmoji(emoji)) {
    const uids = reactions.get(emoji);
    if (uids === undefined) reactions.set(emoji, new Set([uid]));
    else uids.add(uid);
  }
}

/** What stands above an answer to `message`. */
export function quote(message: LogMessage): Quote {
  return {
    seq: message.seq,
    uid: message.uid,
    text: [...message.text].slice(0, QUOTE_CHARS).join(""),
    hasAttachments: message.parts.length > 0,
    isDeleted: message.isDeleted,
  };
}
