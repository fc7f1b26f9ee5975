/** What is being written in one conversation, and what Enter, ↑ and Escape do with it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Message, SavedDraft } from "../../engine/api.js";
import { mentionsIn } from "../../state/mentions.js";
import { others } from "../../state/names.js";
import { lastEditable } from "../../state/thread.js";
import { usePlace } from "../place.js";
import type { ComposerProps } from "./composer.js";
import { NO_DRAFT, useDraft } from "./drafts.js";

const TYPING_EVERY_MS = 3000;
/** The envelope holds 64 KiB; this leaves room for the rest of it. */
const MAX_TEXT_BYTES = 48 * 1024;

export interface Writing {
  readonly draft: SavedDraft;
  readonly setDraft: (draft: SavedDraft) => void;
  readonly editing: { readonly message: Message; readonly text: string } | null;
  readonly text: string;
  write(text: string): void;
  send(): void;
  reply(message: Message): void;
  edit(message: Message): void;
  /** The last message of one's own comes back into an empty field. False: there is none. */
  editLast(): boolean;
  /** No longer edit or answer. False: nothing was. */
  drop(): boolean;
}

export function useWriting({ conversation, thread, own, onSaid, onSent }: ComposerProps, focus: () => void): Writing {
  const { desk, t } = usePlace();
  const { cid } = conversation;
  const [draft, setDraft] = useDraft(conversation);
  const [editing, setEditing] = useState<Writing["editing"]>(null);
  const say = useTyping(cid);
  const text = editing ? editing.text : draft.text;
  const edit = (message: Message): void => {
    setEditing({ message, text: message.text });
    focus();
  };
  const saveEdit = (message: Message, said: string): void => {
    setEditing(null);
    if (said !== message.text) void desk.write(cid, (engine) => engine.edit(cid, message.seq, said));
  };
  const write = (next: string): void => {
    if (editing) setEditing({ ...editing, text: next });
    else setDraft({ ...draft, text: next });
    say(next !== "");
  };
  const sendNew = (said: string): void => {
    const { reply, urgent } = draft;
    const mentions = mentionsIn(said, others(conversation, own));
    setDraft(NO_DRAFT);
    onSent();
    void desk.write(cid, (engine) => engine.sendText(cid, said, { reply, urgent, mentions })).then((mid) => {
      // It was not kept: the words come back.
      if (mid === undefined) setDraft({ ...draft, text: said });
    });
  };
  const send = (): void => {
    const said = text.trim();
    if (said === "") return;
    if (new TextEncoder().encode(said).length > MAX_TEXT_BYTES) return onSaid(t.composer.tooLong);
    say(false);
    focus();
    if (editing) saveEdit(editing.message, said);
    else sendNew(said);
  };
  const reply = (message: Message): void => {
    setEditing(null);
    setDraft({ ...draft, reply: message.mid });
    focus();
  };
  const editLast = (): boolean => {
    const last = lastEditable(thread.messages);
    if (text !== "" || editing || !last) return false;
    edit(last);
    return true;
  };
  const drop = (): boolean => {
    if (!editing && !draft.reply) return false;
    if (editing) setEditing(null);
    else setDraft({ ...draft, reply: null });
    return true;
  };
  return { draft, setDraft, editing, text, write, send, reply, edit, editLast, drop };
}

/** Says that somebody types, every few seconds, and when they stop or leave. */
function useTyping(cid: string): (on: boolean) => void {
  const { desk, now } = usePlace();
  const saidAt = useRef<number | null>(null);
  useEffect(
    () => () => {
      if (saidAt.current !== null) void desk.act((engine) => engine.typing(cid, false));
    },
    [cid],
  );
  return (on) => {
    const since = saidAt.current;
    if (on ? since !== null && now() - since < TYPING_EVERY_MS : since === null) return;
    saidAt.current = on ? now() : null;
    void desk.act((engine) => engine.typing(cid, on));
  };
}
