/** Being told while MiSS is closed: on or off for this device, why not, and a trial. */
import { useEffect, useMemo, useState } from "preact/hooks";

import type { Engine } from "../../engine/api.js";
import { browserPush, type PushChoices, PushSettings as Settings, type PushStanding, type Trial } from "../push.js";
import { useShell, useWork } from "./context.js";
import { Busy, Problem } from "./parts.js";

export function PushSettings({ engine }: { readonly engine: Engine }) {
  const { t, language, preferences } = useShell();
  const settings = useMemo(() => new Settings(engine, browserPush(window)), [engine]);
  const isQuiet = preferences.notifications === "off";
  const { isShared } = preferences;
  const choices: PushChoices = useMemo(() => ({ language, isQuiet, isShared }), [language, isQuiet, isShared]);
  const [standing, setStanding] = useState<PushStanding | null>(null);
  const [trial, setTrial] = useState<Trial | "running" | null>(null);
  const work = useWork();
  const look = async (): Promise<void> => setStanding(await settings.standing(choices));
  useEffect(() => {
    setStanding(null);
    void work.run(look);
  }, [settings, choices]);

  const turnOn = (): Promise<void> =>
    work.run(async () => {
      setTrial(null);
      setStanding((await settings.turnOn(choices)) ? "on" : "denied");
    });
  const turnOff = (): Promise<void> =>
    work.run(async () => {
      setTrial(null);
      await settings.turnOff();
      await look();
    });
  const tryOut = (): Promise<void> =>
    work.run(async () => {
      setTrial("running");
      try {
        setTrial(await settings.tryOut(choices));
      } catch (error) {
        setTrial(null);
        throw error;
      }
    });
  const words = t.push;
  return (
    <div class="push">
      <h3 class="push__title">{words.title}</h3>
      {standing === null && work.isRunning && <Busy text={words.looking} />}
      {standing !== null && <p>{words.standing[standing]}</p>}
      {standing === "off" && (
        <>
          <p class="field__hint">{words.learns}</p>
          <button type="button" class="button" disabled={work.isRunning} onClick={() => void turnOn()}>
            {words.turnOn}
          </button>
        </>
      )}
      {standing === "on" && (
        <div class="shell-actions">
          <button type="button" class="button" disabled={work.isRunning} onClick={() => void tryOut()}>
            {words.tryOut}
          </button>
          <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={() => void turnOff()}>
            {words.turnOff}
          </button>
        </div>
      )}
      <div role="status">{trial !== null && <TrialLine trial={trial} />}</div>
      <Problem text={work.problem} />
    </div>
  );
}

function TrialLine({ trial }: { readonly trial: Trial | "running" }) {
  const { t, language } = useShell();
  if (trial === "running") return <Busy text={t.push.trying} />;
  if ("failed" in trial) return <p class="shell-problem">{t.push.failed[trial.failed]}</p>;
  const seconds = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(trial.arrivedMs / 1000);
  return <p class="push__arrived">{t.push.arrived(seconds)}</p>;
}
