/**
 * All that the pages show, and what each event of the engine changes in it.
 *
 * `reduce` is pure: a state and an event in, the next state out, with what has to be asked of the engine because the
 * event only says that something moved.  Refuses to invent: what was not told or asked stays as it was.
 */
import type {
  Cid,
  ConnectionState,
  ContactWarning,
  Conversation,
  Did,
  EngineEvent,
  Message,
  Mid,
  Ms,
  Outgoing,
  Presence,
  Uid,
  Who,
} from "../engine/api.js";
import { type Thread, advanced, cutAfter, withChange, withMessages, withoutSeqs } from "./thread.js";

export interface Own {
  readonly uid: Uid;
  readonly did: Did;
  readonly who: Who;
}

/** How far a file has gone or come. */
export interface Transfer {
  readonly doneBytes: number;
  readonly sizeBytes: number;
}

export interface DeskState {
  readonly own: Own | null;
  readonly connection: ConnectionState;
  /** Why it waits or was refused: a code. */
  readonly reason: string;
  readonly reasonParams: Readonly<Record<string, number>>;
  /** True once everything of the time away has been fetched. */
  readonly synced: boolean;
  readonly loaded: boolean;
  readonly conversations: ReadonlyMap<Cid, Conversation>;
  readonly threads: ReadonlyMap<Cid, Thread>;
  /** Who types where, and until when to believe it. */
  readonly typing: ReadonlyMap<Cid, ReadonlyMap<Uid, Ms>>;
  readonly presence: ReadonlyMap<Uid, Presence>;
  /** Uploads by `mid`, downloads by `transferKey`. */
  readonly transfers: ReadonlyMap<string, Transfer>;
  readonly warnings: readonly ContactWarning[];
  readonly alarms: readonly Message[];
  /** What the server claimed and could not prove, or showed differently: codes, newest last. */
  readonly lies: readonly string[];
  readonly revoked: { readonly wiped: boolean; readonly reason: string } | null;
}

export const EMPTY_DESK: DeskState = {
  own: null,
  connection: "connecting",
  reason: "",
  reasonParams: {},
  synced: false,
  loaded: false,
  conversations: new Map(),
  threads: new Map(),
  typing: new Map(),
  presence: new Map(),
  transfers: new Map(),
  warnings: [],
  alarms: [],
  lies: [],
  revoked: null,
};

/** What must be asked of the engine. */
export type Ask =
  | { readonly kind: "conversation"; readonly cid: Cid }
  | { readonly kind: "outgoing"; readonly cid: Cid }
  | { readonly kind: "warnings" }
  | { readonly kind: "alarms" };

export interface Step {
  readonly desk: DeskState;
  readonly asks: readonly Ask[];
}

/** Typing is said again every few seconds; unsaid, it is believed this long. */
export const TYPING_MS = 6000;

export function transferKey(cid: Cid, seq: number, index: number): string {
  return `${cid}/${seq}/${index}`;
}

/** The next state, and what to ask. */
export function reduce(desk: DeskState, event: EngineEvent, now: Ms): Step {
  switch (event.kind) {
    case "connection":
      return step({ ...desk, connection: event.state, reason: event.reason, reasonParams: event.params, synced: desk.synced && event.state === "open" });
    case "synced":
      return step({ ...desk, synced: true });
    case "conversation":
      return step(desk, { kind: "conversation", cid: event.cid });
    case "message":
    case "messageChanged":
    case "expired":
    case "sent":
    case "sendFailed":
    case "delivered":
    case "readBy":
      return inThread(desk, event);
    case "typing":
      return step(typed(desk, event.cid, event.uid, event.on, now));
    case "presence":
      return step({ ...desk, presence: changed(desk.presence, event.uid, event.presence) });
    case "alarm":
      return step(inPlace(desk, event.message.cid, (thread) => withChange(thread, event.message)), { kind: "alarms" });
    case "upload":
      return step(moved(desk, event.mid, event.sentBytes, event.sizeBytes));
    case "download":
      return step(moved(desk, transferKey(event.cid, event.seq, event.index), event.receivedBytes, event.sizeBytes));
    case "contactWarned":
      return step(desk, { kind: "warnings" });
    case "devicesChanged":
      return step(desk);
    case "serverLied":
    case "commitRefused":
    case "splitView":
      return step({ ...desk, lies: [...desk.lies, event.kind === "splitView" ? "split_view" : event.code] });
    case "serverRestored":
      return step({ ...desk, lies: [...desk.lies, "server_restored"] });
    case "reconciled": {
      const { cid, commonSeq } = event;
      const next = inPlace(desk, cid, (thread) => cutAfter(thread, commonSeq));
      return step(next, { kind: "conversation", cid }, { kind: "outgoing", cid }, { kind: "alarms" });
    }
    case "revoked":
      return step({ ...desk, revoked: { wiped: event.wiped, reason: event.reason } });
  }
}

function step(desk: DeskState, ...asks: readonly Ask[]): Step {
  return { desk, asks };
}

type ThreadEvent = Extract<
  EngineEvent,
  { kind: "message" | "messageChanged" | "expired" | "sent" | "sendFailed" | "delivered" | "readBy" }
>;

/** Events about messages of one conversation: its thread, if it is open, and its line in the list. */
function inThread(desk: DeskState, event: ThreadEvent): Step {
  const cid = event.kind === "message" || event.kind === "messageChanged" ? event.message.cid : event.cid;
  const line: Ask = { kind: "conversation", cid };
  switch (event.kind) {
    case "message": {
      const heard = event.message.uid ? typed(desk, cid, event.message.uid, false, 0) : desk;
      return step(inPlace(heard, cid, (thread) => withMessages(thread, [event.message])), line);
    }
    case "messageChanged":
      return step(inPlace(desk, cid, (thread) => withChange(thread, event.message)), line, { kind: "alarms" });
    case "expired":
      return step(inPlace(desk, cid, (thread) => withoutSeqs(thread, event.seqs)), line);
    case "sent":
      return step({ ...desk, transfers: without(desk.transfers, event.mid) }, line, { kind: "outgoing", cid });
    case "sendFailed":
      return step(desk, line, { kind: "outgoing", cid });
    case "delivered":
      return step(inPlace(desk, cid, (thread) => ({ ...thread, deliveredTo: advanced(thread.deliveredTo, event.uid, event.seq) })));
    case "readBy": {
      const next = inPlace(desk, cid, (thread) => ({ ...thread, readBy: advanced(thread.readBy, event.uid, event.seq) }));
      return event.uid === desk.own?.uid ? step(next, line) : step(next);
    }
  }
}

function inPlace(desk: DeskState, cid: Cid, change: (thread: Thread) => Thread): DeskState {
  const thread = desk.threads.get(cid);
  if (!thread) return desk;
  return { ...desk, threads: changed(desk.threads, cid, change(thread)) };
}

function typed(desk: DeskState, cid: Cid, uid: Uid, on: boolean, now: Ms): DeskState {
  const here = desk.typing.get(cid);
  if (!on && !here?.has(uid)) return desk;
  const next = on ? changed(here ?? new Map<Uid, Ms>(), uid, now + TYPING_MS) : without(here ?? new Map<Uid, Ms>(), uid);
  return { ...desk, typing: changed(desk.typing, cid, next) };
}

function moved(desk: DeskState, key: string, doneBytes: number, sizeBytes: number): DeskState {
  const done = sizeBytes > 0 && doneBytes >= sizeBytes;
  return { ...desk, transfers: done ? without(desk.transfers, key) : changed(desk.transfers, key, { doneBytes, sizeBytes }) };
}

function changed<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const next = new Map(map);
  next.delete(key);
  return next;
}

/** A conversation as it is now, in its line of the list. */
export function withConversation(desk: DeskState, conversation: Conversation): DeskState {
  return { ...desk, conversations: changed(desk.conversations, conversation.cid, conversation) };
}

/** What waits in one conversation. */
export function withOutgoing(desk: DeskState, cid: Cid, outgoing: readonly Outgoing[]): DeskState {
  return inPlace(desk, cid, (thread) => ({ ...thread, outgoing }));
}

/** A thread changed or put there. */
export function withThread(desk: DeskState, cid: Cid, thread: Thread): DeskState {
  return { ...desk, threads: changed(desk.threads, cid, thread) };
}

/** Threads other than the open one are let go, oldest first, beyond `kept`. */
export function withFewThreads(desk: DeskState, open: Cid, kept: number): DeskState {
  const surplus = [...desk.threads.keys()].filter((cid) => cid !== open).slice(0, Math.max(0, desk.threads.size - kept));
  if (surplus.length === 0) return desk;
  const threads = new Map(desk.threads);
  for (const cid of surplus) threads.delete(cid);
  return { ...desk, threads };
}

/** Who types in `cid` now, the reader apart. */
export function typingIn(desk: DeskState, cid: Cid, now: Ms): readonly Uid[] {
  const here = desk.typing.get(cid);
  if (!here) return [];
  return [...here].filter(([uid, until]) => until > now && uid !== desk.own?.uid).map(([uid]) => uid);
}

/** The progress of an upload. */
export function uploadOf(desk: DeskState, mid: Mid): Transfer | null {
  return desk.transfers.get(mid) ?? null;
}
