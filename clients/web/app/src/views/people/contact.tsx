/** Who somebody is: the certified identity, the safety words, and what has to be looked at. */
import { useEffect, useState } from "preact/hooks";
import type { Uid, Who } from "../../engine/api.js";
import { directWith } from "../../state/directory.js";
import { fullName, memberOf, titledName } from "../../state/names.js";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icons.js";
import { useVerified } from "../parts/verified.js";
import { useDesk, usePlace } from "../place.js";

export function ContactPanel({ uid }: { uid: Uid }) {
  const { t, desk, engine, navigation } = usePlace();
  const who = useWho(uid);
  const warnings = useDesk((state) => state.warnings).filter((warning) => warning.uid === uid);
  const write = async (): Promise<void> => {
    const there = directWith(desk.state.conversations.values(), uid);
    const cid = there ? there.cid : await desk.act(() => engine.createConversation([uid], ""));
    if (cid !== undefined) navigation.replace({ cid, panel: null, picture: null });
  };
  if (!who) return <p class="empty">{t.common.loading}</p>;
  return (
    <div class="panel__body">
      <div class="identity">
        <Avatar id={uid} name={fullName(who)} />
        <p class="identity__name">{titledName(who)}</p>
        <p class="identity__what">{who.profession}</p>
        <p class="identity__badge">
          <Icon name="verified" /> {t.contact.certified}
        </p>
      </div>
      {warnings.map((warning) => (
        <div class="banner banner--danger" role="alert" key={warning.kind}>
          <Icon name="warn" />
          <p class="banner__text">{t.contact.warning[warning.kind](fullName(who))}</p>
          <button type="button" class="button button--small" onClick={() => void desk.act(() => engine.acceptContact(uid)).then(() => desk.refreshWarnings())}>
            {t.contact.accept}
          </button>
        </div>
      ))}
      <dl class="facts">
        <div>
          <dt>{t.contact.rpps}</dt>
          <dd>{who.rpps}</dd>
        </div>
        <div>
          <dt>{t.contact.profession}</dt>
          <dd>{who.profession}</dd>
        </div>
      </dl>
      <p class="hint">{t.contact.certifiedHint}</p>
      <button type="button" class="button button--wide" onClick={() => void write()}>
        {t.contact.write}
      </button>
      <SafetySection uid={uid} warned={warnings.length} />
    </div>
  );
}

/** The words to compare, and whether they were. */
function SafetySection({ uid, warned }: { uid: Uid; warned: number }) {
  const { t, desk, openSettings } = usePlace();
  const [changes, setChanges] = useState(0);
  const verified = useVerified(uid, changes);
  const words = useWords(uid, warned + changes);
  const set = async (next: boolean): Promise<void> => {
    await desk.act((engine) => engine.setVerified(uid, next));
    setChanges(changes + 1);
  };
  return (
    <section>
      <h3 class="section-title">{t.contact.words}</h3>
      {words.length > 0 ? (
        <ol class="safety">
          {words.map((word, index) => (
            <li key={index}>{word}</li>
          ))}
        </ol>
      ) : (
        <p class="hint">{t.contact.wordsNone}</p>
      )}
      <p class="hint">{t.contact.wordsHint}</p>
      {words.length > 0 && (
        <p class={verified ? "note note--ok" : "note"}>
          <Icon name={verified ? "verified" : "info"} /> {verified ? t.contact.compared : t.contact.notCompared}
        </p>
      )}
      {words.length > 0 && (
        <button type="button" class={verified ? "button button--quiet" : "button"} onClick={() => void set(!verified)}>
          {verified ? t.contact.unconfirm : t.contact.confirm}
        </button>
      )}
      {openSettings && words.length > 0 && (
        <button type="button" class="button button--quiet" onClick={() => openSettings(`safety:${uid}`)}>
          {t.contact.byQr}
        </button>
      )}
    </section>
  );
}

/** The identity: from a conversation at once, else from the engine. */
function useWho(uid: Uid): Who | null {
  const { desk } = usePlace();
  const [who, setWho] = useState<Who | null>(null);
  useEffect(() => {
    for (const conversation of desk.state.conversations.values()) {
      const member = memberOf(conversation, uid);
      if (member) return setWho(member.who);
    }
    void desk.act((engine) => engine.identity(uid)).then((found) => found && setWho(found));
  }, [uid]);
  return who;
}

function useWords(uid: Uid, again: number): readonly string[] {
  const { engine } = usePlace();
  const [words, setWords] = useState<readonly string[]>([]);
  useEffect(() => {
    let here = true;
    engine.safetyWords(uid).then(
      (found) => here && setWords(found),
      () => here && setWords([]),
    );
    return () => {
      here = false;
    };
  }, [uid, again]);
  return words;
}
