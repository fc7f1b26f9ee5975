/** The messages of a conversation: rows in a windowed list, keys, what has been seen, the ways to the ends. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Conversation, Message, Uid } from "../../engine/api.js";
import { conversationTitle, others } from "../../state/names.js";
import { progressOf } from "../../state/receipts.js";
import { type Row, type Thread, firstUnreadIndex, indexOfSeq, rowsOf } from "../../state/thread.js";
import { dayLabel } from "../../state/times.js";
import { Icon } from "../parts/icons.js";
import { type ListHandle, VirtualList } from "../parts/virtual-list.js";
import { usePlace } from "../place.js";
import type { MessageActs } from "./acts.js";
import { MessageView } from "./message.js";
import { OutgoingView } from "./outgoing.js";

export interface LogHandle {
  show(seq: number): void;
  toEnd(): void;
}

interface LogProps {
  readonly conversation: Conversation;
  readonly thread: Thread;
  readonly own: Uid;
  readonly acts: MessageActs;
  readonly query: string;
  readonly handle: { current: LogHandle | null };
}

const LIT_MS = 2000;

export function MessageLog({ conversation, thread, own, acts, query, handle }: LogProps) {
  const { desk, t } = usePlace();
  const list = useRef<ListHandle | null>(null);
  const rows = useMemo(() => rowsOf(thread), [thread]);
  const recipients = useMemo(() => others(conversation, own).map((member) => member.uid), [conversation.members, own]);
  const [lit, setLit] = useState(0);
  const [atEnd, setAtEnd] = useState(true);
  const { cid } = conversation;
  const title = conversationTitle(conversation, own, t.list.alone);
  useEffect(() => {
    if (lit === 0) return undefined;
    const timer = setTimeout(() => setLit(0), LIT_MS);
    return () => clearTimeout(timer);
  }, [lit]);
  handle.current = {
    show: (seq) => {
      list.current?.reveal(`m-${seq}`);
      setLit(seq);
    },
    toEnd: () => list.current?.reveal(null),
  };
  const seen = useReading(conversation, rows, setAtEnd);
  const draw = (row: Row) => {
    switch (row.kind) {
      case "message": {
        const { message } = row;
        const progress = message.isMine ? progressOf(message, recipients, thread.deliveredTo, thread.readBy) : "sent";
        return <MessageView {...{ message, conversation, own, progress, query, acts }} leads={row.leads} isLit={lit === message.seq} />;
      }
      case "outgoing":
        return <OutgoingView outgoing={row.outgoing} leads={row.leads} />;
      default:
        return <Divider row={row} />;
    }
  };
  if (rows.length === 0 && !thread.reachesStart) return <div class="log" />;
  return (
    <div class="log-frame">
      <VirtualList
        handle={list}
        rows={rows}
        estimate={estimate}
        draw={draw}
        startKey={firstUnreadIndex(thread) > 0 ? "unread" : null}
        onNearTop={() => void desk.older(cid)}
        onSeen={seen}
        label={t.thread.log(title)}
        onKeyDown={(event) => pressed(event, thread.messages, acts)}
      />
      {!atEnd && <ToEnd unread={conversation.unread} onPress={() => list.current?.reveal(null)} />}
    </div>
  );
}

/** What the reader has seen is told to the engine; what came behind another window, once they are back. */
function useReading(conversation: Conversation, rows: readonly Row[], setAtEnd: (atEnd: boolean) => void): (key: string, atEnd: boolean) => void {
  const { desk } = usePlace();
  const lastSeen = useRef("");
  const tell = (): void => {
    if (document.visibilityState !== "visible") return;
    const seq = seqBefore(lastSeen.current, rows);
    if (seq > conversation.readSeq) void desk.markRead(conversation.cid, seq);
  };
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    const back = (): void => latest.current();
    document.addEventListener("visibilitychange", back);
    return () => document.removeEventListener("visibilitychange", back);
  }, []);
  return (key, atEnd) => {
    setAtEnd(atEnd);
    lastSeen.current = key;
    tell();
  };
}

/** The round button that leads to the newest message. */
function ToEnd({ unread, onPress }: { unread: number; onPress: () => void }) {
  const { t } = usePlace();
  return (
    <button type="button" class="to-end" aria-label={unread > 0 ? t.thread.toEndUnread(unread) : t.thread.toEnd} title={t.thread.toEnd} onClick={onPress}>
      <Icon name="down" />
      {unread > 0 && (
        <span class="count" aria-hidden="true">
          {unread}
        </span>
      )}
    </button>
  );
}

function Divider({ row }: { row: Exclude<Row, { kind: "message" | "outgoing" }> }) {
  const { t, language, now } = usePlace();
  switch (row.kind) {
    case "start":
      return (
        <p class="event event--start">
          <Icon name="lock" /> {t.thread.start} {row.isEmpty && t.thread.empty}
        </p>
      );
    case "day":
      return <h3 class="day">{dayLabel(row.atMs, now(), language)}</h3>;
    case "unread":
      return <h3 class="unread-line">{t.thread.unread(row.count)}</h3>;
  }
}

/** The last place seen: that of `key`, or of the last message before it. */
function seqBefore(key: string, rows: readonly Row[]): number {
  if (key.startsWith("m-")) return Number(key.slice(2));
  const index = rows.findIndex((row) => row.key === key);
  const before = rows.slice(0, Math.max(0, index)).findLast((row) => row.kind === "message");
  return before?.kind === "message" ? before.message.seq : 0;
}

/** A guess at the height of a row in pixels, near enough that the scroll bar does not jump. */
function estimate(row: Row): number {
  if (row.kind !== "message") return row.kind === "outgoing" ? 70 : 44;
  const { message } = row;
  const lines = Math.ceil((message.text.length || 1) / 46);
  return 34 + lines * 22 + (row.leads ? 14 : 2) + message.attachments.length * 220 + (message.quote ? 50 : 0) + (message.alarm ? 110 : 0);
}

/** ↑ and ↓ go from message to message, Enter opens what can be done, letters do it at once. */
function pressed(event: KeyboardEvent, messages: readonly Message[], acts: MessageActs): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const log = event.currentTarget as HTMLElement;
  const target = event.target as HTMLElement;
  const here = target.closest<HTMLElement>("article");
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const all = [...log.querySelectorAll<HTMLElement>("article")];
    const at = here ? all.indexOf(here) + (event.key === "ArrowUp" ? -1 : 1) : all.length - 1;
    all[at]?.focus();
    all[at]?.scrollIntoView({ block: "nearest" });
    event.preventDefault();
    return;
  }
  if (!here || target !== here) return;
  const message = messages[indexOfSeq(messages, Number(here.dataset["seq"]))];
  if (!message) return;
  const act = { Enter: acts.menu, r: acts.reply, "+": acts.react, e: message.isMine ? acts.edit : undefined }[event.key];
  if (act) {
    event.preventDefault();
    act(message);
  }
}
