/**
 * How far a message of one's own has come: sent, delivered, read; in all, and person by person.
 *
 * Receipts are cumulative (protocol §3): who has read place 12 has read what stands before it.
 */
import type { Conversation, Member, Message, Uid } from "../engine/api.js";
import { others } from "./names.js";

export type Places = Readonly<Record<Uid, number>>;
export type Progress = "sent" | "delivered" | "read";

/** What everybody has done with it: the least far counts. */
export function progressOf(message: Message, recipients: readonly Uid[], deliveredTo: Places, readBy: Places): Progress {
  if (recipients.length === 0) return "sent";
  const reached = (places: Places): boolean => recipients.every((uid) => (places[uid] ?? 0) >= message.seq);
  if (reached(readBy)) return "read";
  const delivered: Record<Uid, number> = {};
  for (const uid of recipients) delivered[uid] = Math.max(deliveredTo[uid] ?? 0, readBy[uid] ?? 0);
  return reached(delivered) ? "delivered" : "sent";
}

/** The recipients of a message by what they have done with it, each in the order of names. */
export interface Reach {
  readonly read: readonly Member[];
  readonly delivered: readonly Member[];
  readonly sent: readonly Member[];
}

export function reachOf(seq: number, conversation: Conversation, own: Uid, deliveredTo: Places, readBy: Places): Reach {
  const reach: Record<keyof Reach, Member[]> = { read: [], delivered: [], sent: [] };
  for (const member of others(conversation, own)) {
    if ((readBy[member.uid] ?? 0) >= seq) reach.read.push(member);
    else if ((deliveredTo[member.uid] ?? 0) >= seq) reach.delivered.push(member);
    else reach.sent.push(member);
  }
  return reach;
}
