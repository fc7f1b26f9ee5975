/** Comparing keys with somebody who stands beside one: words read aloud, or each other's screen scanned. */
import { useEffect, useState } from "preact/hooks";

import type { Comparison, Engine, Uid, Who } from "../../engine/api.js";
import { useShell, useWork } from "./context.js";
import { Problem } from "./parts.js";
import { QrCode } from "./qr-code.js";
import { Scanner } from "./scanner.js";

/** `person`: whom to begin with; empty: nobody yet. */
export function Safety({ engine, person }: { readonly engine: Engine; readonly person: Uid }) {
  const { t } = useShell();
  const [people, setPeople] = useState<readonly (readonly [Uid, Who])[] | null>(null);
  const [chosen, choose] = useState<Uid>(person);
  const work = useWork();
  useEffect(() => {
    void work.run(async () => {
      const [{ uid: own }, conversations] = await Promise.all([engine.owner(), engine.conversations()]);
      const known = new Map(conversations.flatMap(({ members }) => members.map(({ uid, who }) => [uid, who] as const)));
      known.delete(own);
      setPeople([...known].sort(([, a], [, b]) => a.family.localeCompare(b.family) || a.given.localeCompare(b.given)));
    });
  }, [engine]);
  if (people?.length === 0) return <p>{t.safety.nobody}</p>;
  const who = people?.find(([uid]) => uid === chosen)?.[1];
  return (
    <>
      <p>{t.safety.intro}</p>
      <label class="field">
        <span class="field__label">{t.safety.choose}</span>
        <select class="field__input" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">–</option>
          {(people ?? []).map(([uid, { family, given, profession }]) => (
            <option key={uid} value={uid}>
              {`${given} ${family}, ${profession}`}
            </option>
          ))}
        </select>
      </label>
      {who && <Compare key={chosen} engine={engine} uid={chosen} name={`${who.given} ${who.family}`} />}
      <Problem text={work.problem} />
    </>
  );
}

function Compare({ engine, uid, name }: { readonly engine: Engine; readonly uid: Uid; readonly name: string }) {
  const { t } = useShell();
  const [words, setWords] = useState<readonly string[]>([]);
  const [card, setCard] = useState<Uint8Array | null>(null);
  const [isVerified, setVerified] = useState(false);
  const [outcome, setOutcome] = useState<Comparison | null>(null);
  const [isScanning, setScanning] = useState(false);
  const work = useWork();
  const refresh = async (): Promise<void> => {
    setVerified(await engine.isVerified(uid));
    setWords(await engine.safetyWords(uid));
    setCard(await engine.safetyQr(uid));
  };
  useEffect(() => void work.run(refresh), []);
  const set = (verified: boolean): void =>
    void work.run(async () => {
      await engine.setVerified(uid, verified);
      await refresh();
    });
  const found = (bytes: Uint8Array): boolean => {
    setScanning(false);
    void work.run(async () => {
      setOutcome(await engine.compareSafety(uid, bytes));
      await refresh();
    });
    return true;
  };
  return (
    <div class="gate__note">
      <h3>{t.safety.words(name)}</h3>
      <p class="shown">
        <strong class="shown__text shown__text--large">{words.join("  ")}</strong>
      </p>
      {card && <QrCode content={card} label={t.safety.qr(name)} />}
      {isScanning && <Scanner onFound={found} onClose={() => setScanning(false)} />}
      <div role="status">{outcome && <p class={outcome === "match" ? "" : "shell-problem"}>{t.safety[outcome]}</p>}</div>
      <p>{isVerified ? t.safety.verified : ""}</p>
      <div class="shell-actions">
        {!isScanning && (
          <button type="button" class="button" onClick={() => setScanning(true)}>
            {t.safety.scan}
          </button>
        )}
        <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={() => set(!isVerified)}>
          {isVerified ? t.safety.unverify : t.safety.same}
        </button>
      </div>
      <Problem text={work.problem} />
    </div>
  );
}
