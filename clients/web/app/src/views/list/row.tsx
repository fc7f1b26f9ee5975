/** One conversation in the list: who, the last line or the draft, when, what is unread, what did not leave. */
import { memo } from "../parts/memo.js";
import type { Conversation, Ms, Uid } from "../../engine/api.js";
import { conversationTitle, counterpart, isDirect } from "../../state/names.js";
import { lastLine } from "../../state/preview.js";
import { listTime } from "../../state/times.js";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icons.js";
import { VerifiedBadge } from "../parts/verified.js";
import { usePlace } from "../place.js";

interface RowProps {
  readonly conversation: Conversation;
  readonly own: Uid;
  readonly isOpen: boolean;
  readonly typing: string;
  /** Of the day: repaints the hour. */
  readonly now: Ms;
  readonly onOpen: (conversation: Conversation) => void;
  readonly onMenu: (conversation: Conversation) => void;
}

export const ConversationRow = memo(function ConversationRow(props: RowProps) {
  const { conversation, own, isOpen, now, onOpen, onMenu } = props;
  const { t, language } = usePlace();
  const title = conversationTitle(conversation, own, t.list.alone);
  const other = counterpart(conversation, own);
  const alarming = conversation.last?.alarm && !conversation.last.alarm.acknowledgedBy && !conversation.last.isDeleted;
  return (
    <li class="row-item">
      <button
        type="button"
        class={`row${isOpen ? " row--open" : ""}${conversation.unread > 0 ? " row--unread" : ""}`}
        aria-current={isOpen ? "true" : undefined}
        data-cid={conversation.cid}
        onClick={() => onOpen(conversation)}
        onContextMenu={(event: MouseEvent) => {
          event.preventDefault();
          onMenu(conversation);
        }}
      >
        <Avatar id={other?.uid ?? conversation.cid} name={title} group={!isDirect(conversation)} />
        <span class="row__main">
          <span class="row__top">
            <span class="row__title">{title}</span>
            {other && <VerifiedBadge uid={other.uid} />}
            <time class="row__time">{listTime(conversation.activeAtMs, now, language)}</time>
          </span>
          <span class="row__bottom">
            <LastLine {...props} />
            <span class="row__marks">
              {alarming && <Mark icon="alarm" label={t.preview.alarm} danger />}
              {!alarming && conversation.last?.urgent && conversation.unread > 0 && <Mark icon="urgent" label={t.preview.urgent} danger />}
              {conversation.failed > 0 && <Mark icon="warn" label={t.list.failed(conversation.failed)} danger />}
              {conversation.failed === 0 && conversation.waiting > 0 && <Mark icon="clock" label={t.list.waiting} />}
              {conversation.muted && <Mark icon="mute" label={t.list.muted} />}
              {conversation.pinned && <Mark icon="pin" label={t.list.pinned} />}
              {conversation.unread > 0 && (
                <span class={`count${conversation.muted ? " count--muted" : ""}`}>
                  <span aria-hidden="true">{conversation.unread > 999 ? "999+" : conversation.unread}</span>
                  <span class="visually-hidden">{t.list.unreadMessages(conversation.unread)}</span>
                </span>
              )}
            </span>
          </span>
        </span>
      </button>
    </li>
  );
});

function LastLine({ conversation, own, typing, isOpen }: RowProps) {
  const { t } = usePlace();
  if (typing !== "") return <span class="row__last row__last--typing">{typing}</span>;
  if (conversation.failed > 0) return <span class="row__last row__last--failed">{t.list.failed(conversation.failed)}</span>;
  if (conversation.draft && conversation.draft.text.trim() !== "" && !isOpen) {
    return (
      <span class="row__last">
        <b class="row__draft">{t.list.draft}</b> {conversation.draft.text}
      </span>
    );
  }
  return <span class="row__last">{lastLine(conversation, own, t)}</span>;
}

function Mark({ icon, label, danger = false }: { icon: Parameters<typeof Icon>[0]["name"]; label: string; danger?: boolean }) {
  return (
    <span class={danger ? "mark mark--danger" : "mark"} title={label}>
      <Icon name={icon} />
      <span class="visually-hidden">{label}</span>
    </span>
  );
}
