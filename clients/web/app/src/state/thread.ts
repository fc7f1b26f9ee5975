/**
 * One open conversation: what is known of it (`Thread`), and the rows it shows (`rowsOf`).
 *
 * Pages of the past and events come in any order and overlap: a message has one place, `seq`, and the newest word
 * about it counts.  Refuses holes it cannot see: `reachesStart` is true only when the engine had nothing older.
 */
import type { Message, Mid, Ms, Outgoing, Uid } from "../engine/api.js";
import type { Places } from "./receipts.js";
import { dayOf } from "./times.js";

export interface Thread {
  /** In the order of the log, each place once. */
  readonly messages: readonly Message[];
  readonly outgoing: readonly Outgoing[];
  readonly reachesStart: boolean;
  readonly deliveredTo: Places;
  readonly readBy: Places;
  /** The last place that had been read when the conversation was opened: the separator stands behind it. */
  readonly openedAtSeq: number;
}

export function emptyThread(openedAtSeq: number): Thread {
  return { messages: [], outgoing: [], reachesStart: false, deliveredTo: {}, readBy: {}, openedAtSeq };
}

/** `thread` with `messages` in their places. */
export function withMessages(thread: Thread, messages: readonly Message[]): Thread {
  if (messages.length === 0) return thread;
  // A page of the past, or one new message: the two that happen, and need no sorting of a long history.
  const inOrder = messages.every((message, index) => index === 0 || (messages[index - 1]?.seq ?? 0) < message.seq);
  const [first, last] = [messages[0]?.seq ?? 0, messages.at(-1)?.seq ?? 0];
  if (inOrder && last < (thread.messages[0]?.seq ?? 0)) return { ...thread, messages: [...messages, ...thread.messages] };
  if (inOrder && first > (thread.messages.at(-1)?.seq ?? 0)) return { ...thread, messages: [...thread.messages, ...messages] };
  const bySeq = new Map(thread.messages.map((message) => [message.seq, message]));
  for (const message of messages) bySeq.set(message.seq, message);
  return { ...thread, messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq) };
}

/** A changed message takes its place only if that place is loaded. */
export function withChange(thread: Thread, message: Message): Thread {
  const index = indexOfSeq(thread.messages, message.seq);
  return index < 0 ? thread : { ...thread, messages: thread.messages.with(index, message) };
}

export function withoutSeqs(thread: Thread, seqs: readonly number[]): Thread {
  const gone = new Set(seqs);
  return { ...thread, messages: thread.messages.filter((message) => !gone.has(message.seq)) };
}

/** A restored server has lost everything behind `seq`; what it gives those places next is other messages. */
export function cutAfter(thread: Thread, seq: number): Thread {
  const cut = (places: Places): Places =>
    Object.fromEntries(Object.entries(places).map(([uid, at]) => [uid, Math.min(at, seq)]));
  const messages = thread.messages.filter((message) => message.seq <= seq);
  return { ...thread, messages, deliveredTo: cut(thread.deliveredTo), readBy: cut(thread.readBy) };
}

/** Where `seq` stands in `messages`; -1: it is not there. */
export function indexOfSeq(messages: readonly Message[], seq: number): number {
  let low = 0;
  let high = messages.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = messages[middle]?.seq ?? 0;
    if (found === seq) return middle;
    if (found < seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** A receipt moves forward only. */
export function advanced(places: Places, uid: Uid, seq: number): Places {
  return (places[uid] ?? 0) >= seq ? places : { ...places, [uid]: seq };
}

export type Row =
  | { readonly kind: "start"; readonly key: string; readonly isEmpty: boolean }
  | { readonly kind: "day"; readonly key: string; readonly atMs: Ms }
  | { readonly kind: "unread"; readonly key: string; readonly count: number }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: Message;
      /** The first of a group of one author: shows the name and has more room above. */
      readonly leads: boolean;
    }
  | { readonly kind: "outgoing"; readonly key: string; readonly outgoing: Outgoing; readonly leads: boolean };

/** Messages of one author within this time make one group. */
const GROUP_MS = 5 * 60_000;

function isSaid(message: Message): boolean {
  return message.type === "text" && message.refused === "";
}

function follows(previous: Message | null, message: Message): boolean {
  return (
    previous !== null &&
    isSaid(previous) &&
    isSaid(message) &&
    previous.uid === message.uid &&
    previous.alarm === null &&
    message.alarm === null &&
    message.depositedAtMs - previous.depositedAtMs < GROUP_MS
  );
}

/** The rows of a thread: days, the separator of what is unread, messages in groups, and last what waits to leave. */
export function rowsOf(thread: Thread): readonly Row[] {
  const rows: Row[] = thread.reachesStart ? [{ kind: "start", key: "start", isEmpty: thread.messages.length === 0 }] : [];
  const firstUnread = firstUnreadIndex(thread);
  let day = 0;
  let previous: Message | null = null;
  const arrived = new Set<Mid>();
  const days = new Set<number>();
  thread.messages.forEach((message, index) => {
    const today = dayOf(message.depositedAtMs);
    if (today !== day) {
      // The server's clock may have gone back over midnight: the same day twice, never the same key.
      const key = days.has(today) ? `day-${today}-${message.seq}` : `day-${today}`;
      days.add(today);
      rows.push({ kind: "day", key, atMs: message.depositedAtMs });
      previous = null;
      day = today;
    }
    if (index === firstUnread) {
      const count = thread.messages.slice(index).filter((later) => !later.isMine).length;
      rows.push({ kind: "unread", key: "unread", count });
      previous = null;
    }
    if (message.isMine && message.mid !== null) arrived.add(message.mid);
    rows.push({ kind: "message", key: `m-${message.seq}`, message, leads: !follows(previous, message) });
    previous = message;
  });
  let first = true;
  for (const outgoing of thread.outgoing) {
    if (arrived.has(outgoing.mid) || !SHOWN_WAITING.has(outgoing.type)) continue;
    const before: Message | null = previous;
    const leads = first && !(before !== null && (before as Message).isMine && isSaid(before));
    rows.push({ kind: "outgoing", key: `o-${outgoing.mid}`, outgoing, leads });
    first = false;
  }
  return rows;
}

/** Types that have a place of their own while they wait; reactions, edits and deletions change another message. */
const SHOWN_WAITING: ReadonlySet<string> = new Set(["text", "name", "leave"]);

/** The first message of somebody else behind `openedAtSeq`; -1: everything was read. */
export function firstUnreadIndex(thread: Thread): number {
  return thread.messages.findIndex((message) => message.seq > thread.openedAtSeq && !message.isMine);
}

/** The last message of one's own that can still be edited. */
export function lastEditable(messages: readonly Message[]): Message | null {
  return messages.findLast((message) => isEditable(message)) ?? null;
}

export function isEditable(message: Message): boolean {
  return message.isMine && message.type === "text" && message.refused === "" && !message.isDeleted && message.mid !== null;
}
