/**
 * One message in a conversation: who, what it answers, what it holds, what became of it.
 *
 * Shows what was verified and says so when it was not: a refused or unknown message has its place and no content.
 */
import type { Conversation, Message, Uid } from "../../engine/api.js";
import { fullName, hue, isDirect, memberOf } from "../../state/names.js";
import { contentGist, nameIn } from "../../state/preview.js";
import type { Progress } from "../../state/receipts.js";
import { segmentsOf } from "../../state/segments.js";
import { clock, fullTime } from "../../state/times.js";
import { Icon, type IconName } from "../parts/icons.js";
import { memo } from "../parts/memo.js";
import { Segments } from "../parts/segments.js";
import { usePlace } from "../place.js";
import { AlarmHead } from "./alarm.js";
import { Attachments } from "./attachments.js";
import type { MessageActs } from "./acts.js";

export interface MessageProps {
  readonly message: Message;
  readonly conversation: Conversation;
  readonly own: Uid;
  readonly leads: boolean;
  readonly progress: Progress;
  /** A search in this conversation: its words are marked. */
  readonly query: string;
  readonly isLit: boolean;
  readonly acts: MessageActs;
}

export const MessageView = memo(function MessageView(props: MessageProps) {
  const { message, conversation, own, leads } = props;
  const { t, language } = usePlace();
  const author = message.isMine ? t.common.you : authorName(conversation, message.uid, t.common.unknownPerson);
  if (message.type === "name" || message.type === "leave") {
    const text = message.type === "name" ? t.preview.renamed(message.text) : t.preview.left;
    return (
      <p class="event">
        {nameIn(conversation, message.uid, own, t)} {text}
      </p>
    );
  }
  const side = message.isMine ? "msg--mine" : "msg--theirs";
  const showsAuthor = leads && !message.isMine && !isDirect(conversation);
  return (
    <article
      class={`msg ${side}${leads ? " msg--leads" : ""}${props.isLit ? " msg--lit" : ""}${message.alarm ? " msg--alarm" : ""}`}
      aria-label={t.message.label(author, fullTime(message.depositedAtMs, language))}
      data-seq={message.seq}
      tabIndex={-1}
    >
      <div class="msg__bubble">
        {showsAuthor && <span class={`msg__author hue-${hue(message.uid ?? "")}`}>{author}</span>}
        <Content {...props} />
        <Meta {...props} />
      </div>
      <Reactions {...props} />
      <Tools {...props} />
    </article>
  );
});

function authorName(conversation: Conversation, uid: Uid | null, unknown: string): string {
  const member = memberOf(conversation, uid);
  return member ? fullName(member.who) : unknown;
}

function Content(props: MessageProps) {
  const { message, conversation, query } = props;
  const { t, language } = usePlace();
  if (message.refused !== "") {
    return (
      <p class="msg__trace" title={t.message.refusedCode(message.refused)}>
        <Icon name="warn" /> {t.message.refused}
      </p>
    );
  }
  if (message.isDeleted) {
    const when = message.deletedAtMs;
    return (
      <p class="msg__trace">
        <Icon name="trash" /> {when === null ? t.message.deletedShort : t.message.deleted(fullTime(when, language))}
      </p>
    );
  }
  if (message.type !== "text" && message.type !== "notice") return <p class="msg__trace">{t.message.unsupported}</p>;
  const names = message.mentions.map((uid) => memberOf(conversation, uid)).filter((one) => one !== null);
  return (
    <>
      {message.type === "notice" && <span class="tag">{t.message.notice}</span>}
      {message.urgent && !message.alarm && (
        <span class="tag tag--danger">
          <Icon name="urgent" /> {t.message.urgent}
        </span>
      )}
      {message.alarm && <AlarmHead {...props} alarm={message.alarm} />}
      <QuoteView {...props} />
      <Attachments message={message} author={authorName(conversation, message.uid, t.common.you)} />
      {message.text !== "" && (
        <p class="msg__text">
          <Segments segments={segmentsOf(message.text, names.map((member) => fullName(member.who)), query)} />
        </p>
      )}
    </>
  );
}

function QuoteView({ message, conversation, own, acts }: MessageProps) {
  const { t } = usePlace();
  const { quote } = message;
  if (!quote) return null;
  const name = nameIn(conversation, quote.uid, own, t);
  const text = quote.isDeleted ? t.preview.deleted : contentGist(quote.text, quote.hasAttachments ? ["image/jpeg"] : [], t);
  return (
    <button type="button" class="quote" aria-label={t.message.quoteOpen(name)} onClick={() => acts.goTo(quote.seq)}>
      <span class="quote__name">{name}</span>
      <span class="quote__text">{text}</span>
    </button>
  );
}

const PROGRESS: Readonly<Record<Progress, IconName>> = { sent: "check", delivered: "checks", read: "checks" };

function Meta({ message, progress, acts }: MessageProps) {
  const { t, language } = usePlace();
  return (
    <span class="msg__meta">
      {message.editedAtMs !== null && !message.isDeleted && (
        <button type="button" class="msg__edited" onClick={() => acts.versions(message)}>
          {t.message.edited}
        </button>
      )}
      <time title={fullTime(message.depositedAtMs, language)}>{clock(message.depositedAtMs, language)}</time>
      {message.isMine && !message.isDeleted && (
        <span class={`ticks ticks--${progress}`} title={t.message[progress]}>
          <Icon name={PROGRESS[progress]} />
          <span class="visually-hidden">{t.message[progress]}</span>
        </span>
      )}
    </span>
  );
}

function Reactions({ message, conversation, own, acts }: MessageProps) {
  const { t } = usePlace();
  if (message.reactions.length === 0 || message.isDeleted) return null;
  return (
    <ul class="reactions" aria-label={t.message.reactions}>
      {message.reactions.map(({ emoji, uids }) => {
        const mine = uids.includes(own);
        const names = uids.map((uid) => nameIn(conversation, uid, own, t)).join(", ");
        return (
          <li key={emoji}>
            <button
              type="button"
              class={mine ? "reaction reaction--mine" : "reaction"}
              aria-pressed={mine}
              aria-label={t.message.reactionBy(emoji, names)}
              title={names}
              onClick={() => acts.toggleReaction(message, emoji)}
            >
              {emoji} {uids.length > 1 && <span>{uids.length}</span>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Beside the bubble for a mouse; fingers and keys reach the same by holding the message or with Enter. */
function Tools({ message, acts, conversation }: MessageProps) {
  const { t } = usePlace();
  const canWrite = conversation.isMember && !conversation.isLeaving && message.mid !== null && !message.isDeleted && message.refused === "";
  const tool = (icon: IconName, label: string, act: () => void) => (
    <button type="button" class="tool" tabIndex={-1} aria-label={label} title={label} onClick={act}>
      <Icon name={icon} />
    </button>
  );
  return (
    <div class="msg__tools">
      {canWrite && tool("reply", t.message.reply, () => acts.reply(message))}
      {canWrite && tool("smile", t.message.react, () => acts.react(message))}
      {tool("more", t.message.actions, () => acts.menu(message))}
    </div>
  );
}
