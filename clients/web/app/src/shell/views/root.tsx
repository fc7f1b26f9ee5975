/** The page as a whole: what is shown in each phase of the session, and what stands above it. */
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";

import type { Cid } from "../../engine/api.js";
import { shellTexts } from "../../texts/shell.js";
import { openFile } from "../fetched.js";
import { type Preferences, readPreferences, savePreferences, showPreferences } from "../preferences.js";
import type { Session } from "../session.js";
import { ShellContext, type ShellPlace, useShell } from "./context.js";
import { EnrolView } from "./enrol.js";
import { LockView } from "./lock.js";
import { Failed, Fetched, Starting } from "./root-parts.js";

interface RootProps {
  readonly session: Session;
  /** Tells the rest of the shell of each change, the language of the engine among them, and of the longest delay. */
  readonly onPreferences: (chosen: Preferences, lockLimit: number | null) => void;
  readonly first: Cid | null;
}

export function Root({ session, onPreferences, first }: RootProps) {
  const [preferences, setPreferences] = useState(() => readPreferences(localStorage, navigator.languages));
  const [lockLimit, setLockLimit] = useState<number | null>(null);
  const [phase, setPhase] = useState(session.phase);
  useEffect(() => {
    setPhase(session.phase);
    return session.watch(() => setPhase(session.phase));
  }, [session]);
  useEffect(() => {
    showPreferences(document.documentElement, preferences);
    onPreferences(preferences, lockLimit);
  }, [preferences, lockLimit]);
  const choose = useCallback((change: Partial<Preferences>) => {
    setPreferences((before) => {
      const after = { ...before, ...change };
      savePreferences(localStorage, after);
      return after;
    });
  }, []);
  const { language } = preferences;
  const place: ShellPlace = useMemo(
    () => ({ session, t: shellTexts(language), language, preferences, choose, lockLimit, setLockLimit }),
    [session, preferences, choose, lockLimit],
  );
  return (
    <ShellContext.Provider value={place}>
      <PhaseView phase={phase} first={first} />
    </ShellContext.Provider>
  );
}

function PhaseView({ phase, first }: { readonly phase: Session["phase"]; readonly first: Cid | null }) {
  const { t, session } = useShell();
  switch (phase.kind) {
    case "starting":
      return <Starting />;
    case "elsewhere":
      return (
        <main class="gate">
          <h1>{t.start.elsewhereTitle}</h1>
          <p class="gate__state">{t.start.elsewhere}</p>
          <button type="button" class="button" onClick={() => session.takeOver()}>
            {t.start.takeOver}
          </button>
        </main>
      );
    case "failed":
      return <Failed error={phase.error} />;
    case "enrolling":
      return <EnrolView enrolment={phase.enrolment} isFirst={phase.isFirst} />;
    case "locked":
      return <LockView accounts={phase.accounts} />;
    case "open":
      return (
        <Fetched load={openFile}>
          {({ OpenView }) => <OpenView engine={phase.engine} account={phase.account} isNew={phase.isNew} first={first} />}
        </Fetched>
      );
  }
}
