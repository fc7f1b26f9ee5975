/** What this browser is worth, the hashes of its program, and what the server could not prove. */
import { useEffect, useState } from "preact/hooks";

import type { Engine, Incident } from "../../engine/api.js";
import { sentenceOf } from "../../texts/errors.js";
import { type Check, checkKept, fetchPublished, type Published } from "../hashes.js";
import { dayOf, useShell, useWork } from "./context.js";
import { Busy, Problem } from "./parts.js";

export function Security({ engine }: { readonly engine: Engine }) {
  const { t, language } = useShell();
  const [published, setPublished] = useState<Published | null>(null);
  const [isPersisted, setPersisted] = useState<boolean | null>(null);
  const [incidents, setIncidents] = useState<readonly Incident[]>([]);
  const [check, setCheck] = useState<Check | null>(null);
  const work = useWork();
  useEffect(() => {
    // Without network there is nothing to compare with, and the page says the rest all the same.
    void fetchPublished().then(setPublished, () => undefined);
    void navigator.storage?.persisted?.().then(setPersisted);
    void engine.incidents().then(setIncidents, () => undefined);
  }, [engine]);
  const compare = (): void =>
    void work.run(async () => {
      const latest = await fetchPublished();
      setPublished(latest);
      setCheck(await checkKept(latest));
    });
  return (
    <>
      <h3>{t.security.limitTitle}</h3>
      <ul class="limits">
        {t.security.limits.map((limit) => (
          <li key={limit}>{limit}</li>
        ))}
        {isPersisted !== null && <li>{isPersisted ? t.security.persisted : t.security.notPersisted}</li>}
      </ul>
      <p>
        {published && <>{t.security.version(published.version)} · </>}
        <a href="hashes.json" target="_blank" rel="noopener">
          {t.security.hashes}
        </a>
      </p>
      <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={compare}>
        {t.security.check}
      </button>
      <Busy text={work.isRunning ? t.security.checking : ""} />
      <p role="status">{check ? said(check, t.security) : ""}</p>
      <Problem text={work.problem} />
      <h3>{t.security.incidents}</h3>
      {incidents.length === 0 ? (
        <p>{t.security.noIncidents}</p>
      ) : (
        <ul class="limits">
          {incidents.map((incident) => (
            <li key={`${incident.code} ${incident.cid ?? ""} ${incident.uid ?? ""}`}>
              {dayOf(incident.lastAtMs, language)} : {sentenceOf(incident.code, {}, language)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function said(check: Check, t: ReturnType<typeof useShell>["t"]["security"]): string {
  if (check.kind === "none") return t.noCache;
  return check.different.length === 0 ? t.same(check.count) : t.different(check.different.join(", "));
}
