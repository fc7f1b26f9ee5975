/** What a restored server has lost of a conversation and this device holds still: apart from the log, until it is back. */
import { useEffect, useState } from "preact/hooks";
import type { Conversation, LostMessage, Uid } from "../../engine/api.js";
import { gist, nameIn } from "../../state/preview.js";
import { fullTime } from "../../state/times.js";
import { Icon } from "../parts/icons.js";
import { usePlace } from "../place.js";

export function Lost({ conversation, own }: { conversation: Conversation; own: Uid }) {
  const { desk, t, language } = usePlace();
  const [found, setFound] = useState<readonly LostMessage[]>([]);
  const { cid, lost } = conversation;
  useEffect(() => {
    if (lost > 0) void desk.act((engine) => engine.lostMessages(cid)).then((all) => setFound(all ?? []));
  }, [conversation]);
  if (lost === 0) return null;
  return (
    <details class="lost">
      <summary>
        <Icon name="warn" /> {t.thread.lost(lost)}
      </summary>
      <p>{t.thread.lostHint}</p>
      <ul>
        {found.map(({ message, resent }) => (
          <li key={message.seq}>
            <strong>{nameIn(conversation, message.uid, own, t)}</strong>, {fullTime(message.sentAtMs, language)}
            {resent && ` (${t.thread.lostResent})`}
            <br />
            {gist(message, t)}
          </li>
        ))}
      </ul>
    </details>
  );
}
