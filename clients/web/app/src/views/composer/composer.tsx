/** The field to write in: text, reply, edit, urgent, mentions, photos by camera, paste and drop. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Conversation, Member, Message, SavedDraft, Uid } from "../../engine/api.js";
import { type Naming, OFFERED, candidates, named, namingAt } from "../../state/mentions.js";
import { fullName, others } from "../../state/names.js";
import { gist, nameIn } from "../../state/preview.js";
import type { Thread } from "../../state/thread.js";
import { Icon } from "../parts/icons.js";
import { usePlace } from "../place.js";
import { type AttachHandle, Attach } from "./attach.js";
import { useWriting } from "./writing.js";

export interface ComposerHandle {
  reply(message: Message): void;
  edit(message: Message): void;
  focus(): void;
  attach(): void;
}

export interface ComposerProps {
  readonly conversation: Conversation;
  readonly thread: Thread;
  readonly own: Uid;
  readonly handle: { current: ComposerHandle | null };
  readonly onSaid: (text: string) => void;
  readonly onSent: () => void;
}

export function Composer(props: ComposerProps) {
  const { conversation, thread, own, handle, onSent } = props;
  const { t } = usePlace();
  const field = useRef<HTMLTextAreaElement>(null);
  const attach = useRef<AttachHandle | null>(null);
  const focus = (): void => field.current?.focus();
  const writing = useWriting(props, focus);
  const { draft, setDraft, editing, text, write, send, drop, editLast } = writing;
  handle.current = { reply: writing.reply, edit: writing.edit, focus, attach: () => attach.current?.open() };
  useFocusWhenWide(conversation.cid, focus);
  useGrowth(field, text);
  const submit = (event: Event): void => {
    event.preventDefault();
    send();
  };
  const fileSent = (): void => {
    setDraft({ ...draft, reply: null, urgent: false });
    onSent();
  };
  return (
    <form class="composer" onSubmit={submit}>
      <Contexts conversation={conversation} thread={thread} own={own} draft={draft} edited={editing?.message ?? null} onCancel={drop} />
      <div class="composer__line">
        <Attach
          conversation={conversation}
          own={own}
          handle={attach}
          urgent={draft.urgent}
          reply={draft.reply}
          onUrgent={() => setDraft({ ...draft, urgent: !draft.urgent })}
          onSent={fileSent}
        />
        <Field {...{ field, text, write, send, editLast, drop }} members={others(conversation, own)} onFiles={(files) => attach.current?.take(files)} />
        <button type="submit" class="send" aria-label={editing ? t.composer.saveEdit : t.composer.send} title={t.composer.send} disabled={text.trim() === ""}>
          <Icon name={editing ? "check" : "send"} />
        </button>
      </div>
    </form>
  );
}

interface ContextsProps {
  readonly conversation: Conversation;
  readonly thread: Thread;
  readonly own: Uid;
  readonly draft: SavedDraft;
  readonly edited: Message | null;
  readonly onCancel: () => void;
}

/** What the message being written belongs to: an edit, an answer; and that it is urgent. */
function Contexts({ conversation, thread, own, draft, edited, onCancel }: ContextsProps) {
  const { t } = usePlace();
  if (edited) return <Context icon="edit" title={t.composer.editing} text={edited.text} cancel={t.composer.cancelEdit} onCancel={onCancel} />;
  const answered = draft.reply ? (thread.messages.find((message) => message.mid === draft.reply) ?? null) : null;
  const title = answered ? t.composer.replyTo(nameIn(conversation, answered.uid, own, t)) : "";
  return (
    <>
      {answered && <Context icon="reply" title={title} text={gist(answered, t)} cancel={t.composer.cancelReply} onCancel={onCancel} />}
      {draft.urgent && (
        <p class="composer__urgent">
          <Icon name="urgent" /> {t.composer.isUrgent}
        </p>
      )}
    </>
  );
}

interface FieldProps {
  readonly field: { current: HTMLTextAreaElement | null };
  readonly text: string;
  readonly members: readonly Member[];
  readonly write: (text: string) => void;
  readonly send: () => void;
  readonly editLast: () => boolean;
  readonly drop: () => boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** The members offered while « @… » is typed, and what keys do with them. */
function useNaming({ field, members, write }: Pick<FieldProps, "field" | "members" | "write">) {
  const [naming, setNaming] = useState<Naming | null>(null);
  const [at, setAt] = useState(0);
  const meant = naming && members.length > 1 ? candidates(naming, members) : [];
  const offered = meant.slice(0, OFFERED);
  const look = (): void => {
    const caret = field.current?.selectionStart ?? 0;
    setNaming(namingAt(field.current?.value ?? "", caret));
    setAt(0);
  };
  const choose = (member: Member): void => {
    if (!naming || !field.current) return;
    const next = named(field.current.value, naming, field.current.selectionStart, member);
    field.current.value = next.text;
    field.current.setSelectionRange(next.caret, next.caret);
    field.current.focus();
    setNaming(null);
    write(next.text);
  };
  /** True if the key was for the list. */
  const press = (event: KeyboardEvent): boolean => {
    const chosen = offered[at];
    if (!chosen) return false;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setAt((at + step + offered.length) % offered.length);
    else if (event.key === "Enter" || event.key === "Tab") choose(chosen);
    else if (event.key === "Escape") setNaming(null);
    else return false;
    return true;
  };
  return { offered, more: meant.length - offered.length, at, look, choose, press, close: () => setNaming(null) };
}

function Field({ field, text, members, write, send, editLast, drop, onFiles }: FieldProps) {
  const { t } = usePlace();
  const naming = useNaming({ field, members, write });
  const { offered, more, at } = naming;
  const press = (event: KeyboardEvent): void => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const done =
      naming.press(event) ||
      (event.key === "Enter" && !event.shiftKey && !isTouch() && (send(), true)) ||
      (event.key === "ArrowUp" && editLast()) ||
      (event.key === "Escape" && drop());
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  return (
    <div class="composer__field">
      {offered.length > 0 && <Offered members={offered} more={more} at={at} onChoose={naming.choose} />}
      <textarea
        ref={field}
        id="composer"
        rows={1}
        value={text}
        placeholder={t.composer.placeholder}
        aria-label={t.composer.label}
        aria-autocomplete="list"
        aria-controls={offered.length > 0 ? "mentions" : undefined}
        aria-activedescendant={offered[at] ? `mention-${offered[at].uid}` : undefined}
        enterkeyhint={isTouch() ? "enter" : "send"}
        onInput={(event: Event) => {
          write((event.currentTarget as HTMLTextAreaElement).value);
          naming.look();
        }}
        onBlur={naming.close}
        onKeyDown={press}
        onPaste={(event: ClipboardEvent) => {
          const files = [...(event.clipboardData?.files ?? [])];
          if (files.length === 0) return;
          event.preventDefault();
          onFiles(files);
        }}
      />
    </div>
  );
}

function Offered({ members, more, at, onChoose }: { members: readonly Member[]; more: number; at: number; onChoose: (member: Member) => void }) {
  const { t } = usePlace();
  return (
    <div class="mentions">
      <ul id="mentions" role="listbox" aria-label={t.composer.mention}>
        {members.map((member, index) => (
          <li
            key={member.uid}
            id={`mention-${member.uid}`}
            role="option"
            class="option"
            aria-selected={index === at ? "true" : "false"}
            onPointerDown={(event: PointerEvent) => {
              event.preventDefault();
              onChoose(member);
            }}
          >
            <span class="option__name">{fullName(member.who)}</span>
            <span class="option__hint">{member.who.profession}</span>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p class="hint hint--small mentions__more" role="status">
          {t.composer.mentionMore(more)}
        </p>
      )}
    </div>
  );
}

interface ContextProps {
  readonly icon: "reply" | "edit";
  readonly title: string;
  readonly text: string;
  readonly cancel: string;
  readonly onCancel: () => void;
}

function Context({ icon, title, text, cancel, onCancel }: ContextProps) {
  return (
    <div class="composer__context">
      <Icon name={icon} />
      <span class="quote quote--flat">
        <span class="quote__name">{title}</span>
        <span class="quote__text">{text}</span>
      </span>
      <button type="button" class="icon-button" aria-label={cancel} title={cancel} onClick={onCancel}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** Fingers: Enter goes to the next line, the button sends. */
function isTouch(): boolean {
  return matchMedia("(hover: none) and (pointer: coarse)").matches;
}

/** With a keyboard at hand the field is ready at once; on a phone it would cover the messages. */
function useFocusWhenWide(cid: string, focus: () => void): void {
  useLayoutEffect(() => {
    if (!isTouch()) focus();
  }, [cid]);
}

/** The field grows with its text, up to what the styles allow. */
function useGrowth(field: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);
}
