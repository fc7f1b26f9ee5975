/** An alarming result before it leaves: what, how soon, whom then. */
import { useState } from "preact/hooks";
import type { Conversation, Member, Uid } from "../../engine/api.js";
import { DELAYS_MIN } from "../../state/alarms.js";
import { fullName, others } from "../../state/names.js";
import { Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icons.js";
import { usePlace } from "../place.js";

interface AlarmFormProps {
  readonly conversation: Conversation;
  readonly own: Uid;
  readonly onClose: () => void;
  readonly onSent: () => void;
}

export function AlarmForm({ conversation, own, onClose, onSent }: AlarmFormProps) {
  const { t, desk, now } = usePlace();
  const [text, setText] = useState("");
  const [minutes, setMinutes] = useState(60);
  const [next, setNext] = useState<readonly Uid[]>([]);
  const toggle = (uid: Uid): void => setNext(next.includes(uid) ? next.filter((one) => one !== uid) : [...next, uid]);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (text.trim() === "") return;
    const { cid } = conversation;
    const mid = await desk.write(cid, (engine) => engine.sendAlarm(cid, text.trim(), now() + minutes * 60_000, next));
    if (mid === undefined) return;
    onClose();
    onSent();
  };
  return (
    <Dialog title={t.alarm.form} onClose={onClose}>
      <form onSubmit={(event: Event) => void send(event)}>
        <p class="hint">{t.alarm.formHint}</p>
        <label class="field">
          <span>{t.alarm.formText}</span>
          <textarea class="text-input" rows={3} required value={text} onInput={(event: Event) => setText((event.currentTarget as HTMLTextAreaElement).value)} />
        </label>
        <label class="field">
          <span>{t.alarm.delay}</span>
          <select class="text-input" value={minutes} onChange={(event: Event) => setMinutes(Number((event.currentTarget as HTMLSelectElement).value))}>
            {DELAYS_MIN.map((choice) => (
              <option key={choice} value={choice}>
                {t.alarm.minutes(choice)}
              </option>
            ))}
          </select>
        </label>
        <NextMembers members={others(conversation, own)} next={next} onToggle={toggle} />
        <div class="dialog__actions">
          <button type="button" class="button button--quiet" onClick={onClose}>
            {t.common.cancel}
          </button>
          <button type="submit" class="button button--alarm">
            <Icon name="alarm" /> {t.alarm.send}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Whom to ask when nobody answers, in the order they were chosen. */
function NextMembers({ members, next, onToggle }: { members: readonly Member[]; next: readonly Uid[]; onToggle: (uid: Uid) => void }) {
  const { t } = usePlace();
  return (
    <fieldset class="field">
      <legend>{t.alarm.next}</legend>
      <ul class="people people--short">
        {members.map((member) => {
          const turn = next.indexOf(member.uid);
          return (
            <li key={member.uid}>
              <label class="check check--person">
                <input type="checkbox" checked={turn >= 0} onChange={() => onToggle(member.uid)} />
                <span class="person__name">{fullName(member.who)}</span>
                <span class="person__hint">{member.who.profession}</span>
                {turn >= 0 && <span class="count">{turn + 1}</span>}
              </label>
            </li>
          );
        })}
      </ul>
      {next.length === 0 && <p class="hint">{t.alarm.nextNone}</p>}
    </fieldset>
  );
}
