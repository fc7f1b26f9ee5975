/**
 * The list of conversations: its order, its filters, where the keyboard goes next, and what was missed.
 */
import type { Cid, Conversation, Uid } from "../engine/api.js";
import { conversationTitle, fullName } from "./names.js";
import { matches } from "./words.js";

export interface ListFilter {
  readonly query: string;
  readonly unreadOnly: boolean;
}

/** Pinned first, then what moved last. */
export function sorted(conversations: Iterable<Conversation>): readonly Conversation[] {
  return [...conversations].sort(
    (a, b) => Number(b.pinned) - Number(a.pinned) || b.activeAtMs - a.activeAtMs || (a.cid < b.cid ? -1 : 1),
  );
}

/** Those a filter leaves, in the same order; `kept` (the open one) stays when only unread ones are shown. */
export function filtered(
  conversations: readonly Conversation[],
  filter: ListFilter,
  own: Uid,
  kept: Cid | null,
): readonly Conversation[] {
  return conversations.filter((conversation) => {
    if (filter.unreadOnly && conversation.unread === 0 && conversation.failed === 0 && conversation.cid !== kept) {
      return false;
    }
    if (filter.query.trim() === "") return true;
    const names = conversation.members.map((member) => `${fullName(member.who)} ${member.who.profession}`);
    return matches(filter.query, conversationTitle(conversation, own, ""), ...names);
  });
}

/** The neighbour of `cid` in `conversations` that `wanted` accepts, going round; null: there is none. */
export function neighbour(
  conversations: readonly Conversation[],
  cid: Cid | null,
  step: 1 | -1,
  wanted: (conversation: Conversation) => boolean = () => true,
): Cid | null {
  const count = conversations.length;
  const start = conversations.findIndex((conversation) => conversation.cid === cid);
  for (let i = 1; i <= count; i += 1) {
    const index = start < 0 ? (step === 1 ? i - 1 : count - i) : (((start + step * i) % count) + count) % count;
    const found = conversations[index];
    if (found && found.cid !== cid && wanted(found)) return found.cid;
  }
  return null;
}

/** Unread messages of all conversations that are not muted. */
export function unreadTotal(conversations: Iterable<Conversation>): number {
  let total = 0;
  for (const conversation of conversations) if (!conversation.muted) total += conversation.unread;
  return total;
}

/** What came while this person was away: the conversations, urgent and alarming ones first. */
export interface Missed {
  readonly conversations: readonly Conversation[];
  readonly messages: number;
  readonly alarms: number;
  readonly failed: number;
}

/** The summary shown at the start; null when there is nothing worth a summary (one conversation says it itself). */
export function missedSummary(conversations: readonly Conversation[], openAlarms: number): Missed | null {
  const waiting = conversations.filter((conversation) => conversation.unread > 0);
  const failed = conversations.reduce((sum, conversation) => sum + conversation.failed, 0);
  if (waiting.length < 2 && openAlarms === 0 && failed === 0) return null;
  const weight = (conversation: Conversation): number =>
    (conversation.last?.alarm && !conversation.last.alarm.acknowledgedBy ? 2 : 0) + (conversation.last?.urgent ? 1 : 0);
  return {
    conversations: waiting.toSorted((a, b) => weight(b) - weight(a) || b.activeAtMs - a.activeAtMs),
    messages: waiting.reduce((sum, conversation) => sum + conversation.unread, 0),
    alarms: openAlarms,
    failed,
  };
}
