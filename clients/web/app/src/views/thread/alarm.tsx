/** An alarming result in a message: its clock, whose turn it is, who took charge. */
import type { Alarm, Conversation, Message, Ms, Uid } from "../../engine/api.js";
import { deadlineOf, isClosed, mayAcknowledge, toneOf } from "../../state/alarms.js";
import { fullName, memberOf } from "../../state/names.js";
import { clock, countdown, dayOf, fullTime } from "../../state/times.js";
import { Icon } from "../parts/icons.js";
import { useNow, usePlace } from "../place.js";
import type { MessageActs } from "./acts.js";

interface AlarmProps {
  readonly message: Message;
  readonly alarm: Alarm;
  readonly conversation: Conversation;
  readonly own: Uid;
  readonly acts: MessageActs;
}

export function AlarmHead(props: AlarmProps) {
  const { message, alarm, conversation, own, acts } = props;
  const { t } = usePlace();
  const now = useNow(isClosed(alarm) ? 0 : 1000);
  const tone = toneOf(alarm, now);
  const deadline = deadlineOf(message, now);
  const left = deadline === null ? "" : countdown(deadline - now);
  return (
    <div class={`alarm alarm--${tone}`}>
      <p class="alarm__head">
        <Icon name={tone === "done" ? "check" : "alarm"} />
        <b>{t.alarm.heading}</b>
        {left !== "" && (
          <span class="alarm__clock" role="timer" aria-label={t.alarm.left(left)}>
            {left}
          </span>
        )}
      </p>
      <p class="alarm__state">
        <AlarmState {...props} now={now} deadline={deadline} />
      </p>
      {mayAcknowledge(message, own, conversation.isMember) && (
        <button type="button" class="button button--alarm" onClick={() => acts.acknowledge(message)}>
          <Icon name="check" /> {t.alarm.acknowledge}
        </button>
      )}
    </div>
  );
}

function AlarmState({ alarm, conversation, own, message, now, deadline }: AlarmProps & { now: Ms; deadline: Ms | null }) {
  const { t, language } = usePlace();
  const name = (uid: Uid | null): string => {
    const member = memberOf(conversation, uid);
    return member ? fullName(member.who) : t.common.unknownPerson;
  };
  const at = (time: Ms): string => (dayOf(time) === dayOf(now) ? clock(time, language) : fullTime(time, language));
  if (alarm.acknowledgedBy !== null) {
    const when = fullTime(alarm.acknowledgedAtMs ?? message.depositedAtMs, language);
    return <>{alarm.acknowledgedBy === own ? t.alarm.acknowledgedYou(when) : t.alarm.acknowledged(name(alarm.acknowledgedBy), when)}</>;
  }
  if (alarm.state === "exhausted") return <>{t.alarm.exhausted}</>;
  if (deadline === null) return <>{t.alarm.late}</>;
  if (alarm.asked === own) return <>{t.alarm.waitingYou(at(deadline))}</>;
  if (alarm.asked !== null) return <>{t.alarm.waitingFor(name(alarm.asked), at(deadline))}</>;
  return <>{t.alarm.waitingAll(at(deadline))}</>;
}
