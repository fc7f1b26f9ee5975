/** What a message says, as it is sealed in the store. */

import { asBytes, Fields } from "../fields.js";
import { hex, unhex, unhexOrNull } from "../ids.js";
import { attachmentOf, EMPTY, type LogMessage } from "../model.js";
import { decode, encode } from "../msgpack.js";
import type { MessageRow } from "./log.js";
import { packParts, readPart } from "./parts.js";

export function packContent(message: LogMessage): Uint8Array {
  const { alarm } = message;
  return encode([
    unhexOrNull(message.uid),
    message.sentAtMs,
    message.depositedAtMs,
    message.type,
    message.text,
    unhexOrNull(message.reply),
    packParts(message.parts),
    message.refused,
    message.isDeleted,
    message.urgent,
    message.mentions.map(unhex),
    alarm === null ? null : alarm.ackByMs,
    alarm === null ? [] : alarm.nextUids.map(unhex),
    message.deletedAtMs,
  ]);
}

/** The message of a row whose content is `data`: as it was written, nothing that followed in it. */
export function readContent(row: MessageRow, data: Uint8Array): LogMessage {
  const from = new Fields(decode(data));
  const content = {
    uid: from.nullable(() => from.id(16)),
    sentAtMs: from.millis(),
    depositedAtMs: from.millis(),
    type: from.text(),
    text: from.text(),
    reply: from.nullable(() => from.id(16)),
    parts: from.values(readPart),
    refused: from.text(),
    isDeleted: from.boolean(),
    urgent: from.boolean(),
    mentions: from.values((uid) => hex(asBytes(uid, 16, 16))),
  };
  const ackByMs = from.nullable(() => from.millis());
  const nextUids = from.values((uid) => hex(asBytes(uid, 16, 16)));
  return {
    ...EMPTY,
    ...content,
    cid: row.cid,
    seq: row.seq,
    mid: row.mid,
    did: row.did,
    isMine: row.mine,
    attachments: content.parts.map(attachmentOf),
    deletedAtMs: from.nullable(() => from.millis()),
    alarm: ackByMs === null ? null : newAlarm(ackByMs, nextUids),
  };
}

/** An alarm as its message raises it. */
export function newAlarm(ackByMs: number, nextUids: readonly string[]): NonNullable<LogMessage["alarm"]> {
  return { ackByMs, nextUids, state: "waiting", asked: null, acknowledgedBy: null, acknowledgedAtMs: null };
}
