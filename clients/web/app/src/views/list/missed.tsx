/** What came while the reader was away, told once after the first catching up. */
import { conversationTitle } from "../../state/names.js";
import type { Missed } from "../../state/list.js";
import { Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icons.js";
import { useDesk, usePlace } from "../place.js";

const SHOWN = 6;

export function MissedSummary({ missed, onClose }: { missed: Missed; onClose: () => void }) {
  const { desk, t, navigation } = usePlace();
  const own = useDesk((state) => state.own?.uid ?? "");
  const go = (act: () => void) => () => {
    onClose();
    act();
  };
  return (
    <Dialog title={t.missed.title} onClose={onClose}>
      <p class="dialog__text">{t.missed.summary(missed.messages, missed.conversations.length)}</p>
      {missed.alarms > 0 && (
        <button type="button" class="action action--danger" onClick={go(() => navigation.show({ kind: "alarms" }))}>
          <Icon name="alarm" />
          <span>{t.missed.alarms(missed.alarms)}</span>
        </button>
      )}
      {missed.failed > 0 && (
        <p class="note note--danger">
          <Icon name="warn" /> {t.missed.failed(missed.failed)}
        </p>
      )}
      {missed.conversations.length > SHOWN && <p class="hint">{t.missed.first(SHOWN, missed.conversations.length - SHOWN)}</p>}
      <ul class="options">
        {missed.conversations.slice(0, SHOWN).map((conversation) => (
          <li key={conversation.cid}>
            <button type="button" class="option" onClick={go(() => navigation.open(conversation.cid))}>
              <span class="option__name">{conversationTitle(conversation, own, t.list.alone)}</span>
              <span class="count">
                <span aria-hidden="true">{conversation.unread}</span>
                <span class="visually-hidden">{t.list.unreadMessages(conversation.unread)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div class="dialog__actions">
        <button type="button" class="button button--quiet" onClick={go(() => void desk.markAllRead())}>
          {t.missed.markAllRead}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {t.missed.close}
        </button>
      </div>
    </Dialog>
  );
}
