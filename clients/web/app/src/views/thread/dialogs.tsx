/** What opens over a conversation about one message: its menu, reactions, versions, who has read it, the questions. */
import { useEffect, useState } from "preact/hooks";
import type { Conversation, Member, Message, Uid } from "../../engine/api.js";
import { fullName } from "../../state/names.js";
import { reachOf } from "../../state/receipts.js";
import { isEditable } from "../../state/thread.js";
import { fullTime } from "../../state/times.js";
import { Avatar } from "../parts/avatar.js";
import { type Action, ActionSheet, Confirm, Dialog } from "../parts/dialog.js";
import { saveAs } from "../parts/files.js";
import { useDesk, usePlace } from "../place.js";
import { EMOJIS, type MessageActs } from "./acts.js";

export type About = { readonly kind: "menu" | "react" | "versions" | "receipts" | "delete" | "acknowledge"; readonly message: Message };

interface AboutProps {
  readonly about: About;
  readonly conversation: Conversation;
  readonly own: Uid;
  readonly acts: MessageActs;
  readonly onAbout: (about: About | null) => void;
  readonly onSaid: (text: string) => void;
}

export function AboutMessage(props: AboutProps) {
  const { about, onAbout, conversation } = props;
  const { t, desk } = usePlace();
  const { message } = about;
  const close = (): void => onAbout(null);
  switch (about.kind) {
    case "menu":
    case "react":
      return <MessageMenu {...props} />;
    case "versions":
      return <Versions message={message} onClose={close} />;
    case "receipts":
      return <Receipts {...props} onClose={close} />;
    case "delete":
      return (
        <Confirm
          title={t.message.deleteTitle}
          text={t.message.deleteText}
          action={t.message.delete}
          danger
          onClose={close}
          onConfirm={() => void desk.write(conversation.cid, (engine) => engine.delete(message.cid, message.seq))}
        />
      );
    case "acknowledge":
      return (
        <Confirm
          title={t.alarm.acknowledgeTitle}
          text={t.alarm.acknowledgeText}
          action={t.alarm.acknowledge}
          onClose={close}
          onConfirm={() => void desk.write(conversation.cid, (engine) => engine.acknowledge(message.cid, message.seq))}
        />
      );
  }
}

function MessageMenu({ about, conversation, own, acts, onAbout, onSaid }: AboutProps) {
  const { t, desk } = usePlace();
  const { message } = about;
  const holds = message.mid !== null && !message.isDeleted && message.refused === "";
  const canWrite = conversation.isMember && !conversation.isLeaving && holds;
  // Another dialog follows: it opens when this one has closed.
  const next = (kind: About["kind"]) => () => queueMicrotask(() => onAbout({ kind, message }));
  const copy = (): void => {
    void navigator.clipboard.writeText(message.text).then(() => onSaid(t.message.copied));
  };
  const prove = async (): Promise<void> => {
    const proof = await desk.act((engine) => engine.exportProof(message.cid, message.seq));
    if (proof) saveAs(proof, t.message.proofName(message.seq), "application/octet-stream");
  };
  const all: readonly (Action | false)[] = [
    canWrite && { label: t.message.reply, icon: "reply", act: () => acts.reply(message) },
    canWrite && isEditable(message) && { label: t.message.edit, icon: "edit", act: () => acts.edit(message) },
    holds && message.text !== "" && { label: t.message.copy, icon: "copy", act: copy },
    holds && message.isMine && { label: t.message.info, icon: "checks", act: next("receipts") },
    message.versions.length > 0 && { label: t.message.versions, icon: "clock", act: next("versions") },
    holds && { label: t.message.proof, icon: "verified", act: () => void prove() },
    canWrite && message.isMine && { label: t.message.delete, icon: "trash", danger: true, act: next("delete") },
  ];
  const actions = about.kind === "react" ? [] : all.filter((action) => action !== false);
  return (
    <ActionSheet title={about.kind === "react" ? t.message.react : t.message.actions} actions={actions} onClose={() => onAbout(null)}>
      {canWrite && (
        <div class="emojis" role="group" aria-label={t.message.react}>
          {EMOJIS.map((emoji) => {
            const mine = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.uids.includes(own));
            return (
              <button
                type="button"
                key={emoji}
                class={mine ? "emoji emoji--mine" : "emoji"}
                aria-pressed={mine}
                aria-label={mine ? t.message.withdraw(emoji) : t.message.addReaction(emoji)}
                onClick={() => {
                  onAbout(null);
                  acts.toggleReaction(message, emoji);
                }}
              >
                {emoji}
              </button>
            );
          })}
        </div>
      )}
    </ActionSheet>
  );
}

function Versions({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t, language } = usePlace();
  const all = [...message.versions, { text: message.text, writtenAtMs: message.editedAtMs ?? message.sentAtMs }];
  return (
    <Dialog title={t.message.versionsTitle} onClose={onClose}>
      <ol class="versions">
        {all.map((version, index) => (
          <li key={index}>
            <time class="versions__time">{fullTime(version.writtenAtMs, language)}</time>
            <p class="msg__text">{version.text}</p>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

function Receipts({ about, conversation, own, onClose }: AboutProps & { onClose: () => void }) {
  const { t, language, engine } = usePlace();
  const { message } = about;
  const thread = useDesk((state) => state.threads.get(conversation.cid));
  const [fetched, setFetched] = useState<readonly [Record<Uid, number>, Record<Uid, number>]>([{}, {}]);
  useEffect(() => {
    Promise.all([engine.deliveredTo(message.cid), engine.readBy(message.cid)]).then(
      ([delivered, read]) => setFetched([{ ...delivered }, { ...read }]),
      () => undefined,
    );
  }, [message.seq]);
  const reach = reachOf(message.seq, conversation, own, thread?.deliveredTo ?? fetched[0], thread?.readBy ?? fetched[1]);
  const group = (title: string, members: readonly Member[]) =>
    members.length > 0 && (
      <section>
        <h3 class="section-title">{title}</h3>
        <ul class="people">
          {members.map((member) => (
            <li class="person" key={member.uid}>
              <Avatar id={member.uid} name={fullName(member.who)} small />
              <span class="person__name">{fullName(member.who)}</span>
            </li>
          ))}
        </ul>
      </section>
    );
  return (
    <Dialog title={t.receipts.title} onClose={onClose}>
      <p class="dialog__text">
        {t.receipts.writtenAt(fullTime(message.sentAtMs, language))}
        <br />
        {t.receipts.depositedAt(fullTime(message.depositedAtMs, language))}
      </p>
      {group(t.receipts.read(reach.read.length), reach.read)}
      {group(t.receipts.delivered(reach.delivered.length), reach.delivered)}
      {group(t.receipts.sent(reach.sent.length), reach.sent)}
    </Dialog>
  );
}
