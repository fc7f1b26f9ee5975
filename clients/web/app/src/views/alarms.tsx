/** All alarming results without an answer, the most pressing first; a press leads to each. */
import type { Message } from "../engine/api.js";
import { deadlineOf, pressing, toneOf } from "../state/alarms.js";
import { conversationTitle } from "../state/names.js";
import { gist } from "../state/preview.js";
import { countdown } from "../state/times.js";
import { Icon } from "./parts/icons.js";
import { useDesk, useNow, usePlace } from "./place.js";

export function AlarmsPanel({ onOpen }: { onOpen: (message: Message) => void }) {
  const { t } = usePlace();
  const own = useDesk((state) => state.own?.uid ?? "");
  const alarms = useDesk((state) => state.alarms);
  const mine = alarms.filter((message) => message.uid === own && !message.isDeleted);
  const asked = pressing(alarms, own);
  return (
    <div class="panel__body">
      {asked.length + mine.length === 0 && <p class="empty">{t.alarm.none}</p>}
      <Lines alarms={asked} onOpen={onOpen} />
      {mine.length > 0 && <h3 class="section-title">{t.alarm.byYou}</h3>}
      <Lines alarms={mine} onOpen={onOpen} />
    </div>
  );
}

function Lines({ alarms, onOpen }: { alarms: readonly Message[]; onOpen: (message: Message) => void }) {
  const { t } = usePlace();
  const now = useNow(1000);
  const own = useDesk((state) => state.own?.uid ?? "");
  const conversations = useDesk((state) => state.conversations);
  return (
    <ul class="people">
      {alarms.map((message) => {
        const conversation = conversations.get(message.cid);
        const deadline = deadlineOf(message, now);
        const tone = message.alarm ? toneOf(message.alarm, now) : "waiting";
        return (
          <li key={`${message.cid}/${message.seq}`}>
            <button type="button" class={`person person--choice alarm-line alarm--${tone}`} onClick={() => onOpen(message)}>
              <Icon name="alarm" />
              <span class="person__main">
                <span class="person__name">{conversation ? conversationTitle(conversation, own, t.list.alone) : ""}</span>
                <span class="person__hint">{gist(message, t)}</span>
              </span>
              <span class="alarm__clock">{deadline === null ? t.alarm.late : countdown(deadline - now)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
