/** What the others see of oneself: whether one is there, and what one has read. */
import { useEffect, useState } from "preact/hooks";

import type { Engine } from "../../engine/api.js";
import { PRESENCES } from "../preferences.js";
import { useShell, useWork } from "./context.js";
import { Choice, Problem } from "./parts.js";

export function PresenceSettings({ engine }: { readonly engine: Engine }) {
  const { t, preferences, choose } = useShell();
  const [tells, setTells] = useState<boolean | null>(null);
  const work = useWork();
  useEffect(() => void work.run(async () => setTells(await engine.tellsReading())), [engine]);
  const set = (on: boolean): void =>
    void work.run(async () => {
      await engine.setTellsReading(on);
      setTells(on);
    });
  const options = Object.fromEntries(PRESENCES.map((one) => [one, t.presence.states[one]])) as typeof t.presence.states;
  return (
    <>
      <Choice legend={t.presence.legend} options={options} value={preferences.presence} onChoose={(presence) => choose({ presence })} />
      <p class="field__hint">{t.presence.hint}</p>
      <label class="choice__one">
        <input type="checkbox" checked={tells ?? true} disabled={tells === null || work.isRunning} onChange={(event) => set(event.currentTarget.checked)} />
        <span>{t.presence.reads}</span>
      </label>
      <p class="field__hint">{t.presence.readsHint}</p>
      <Problem text={work.problem} />
    </>
  );
}
