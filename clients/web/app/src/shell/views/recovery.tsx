/** The recovery key: made, written down, typed back, tried, opened in more than one way. */
import { useEffect, useState } from "preact/hooks";

import type { Engine, RecoverySecret, RecoveryState, TypedMethod } from "../../engine/api.js";
import { dayOf, useShell, useWork } from "./context.js";
import { Busy, Problem } from "./parts.js";
import { AddWay, ChooseMethod, OpenKey, TypeBack, WriteDown } from "./recovery-steps.js";

/** Where the person is; `done`: what is said when it ends well. */
type Step =
  | { readonly at: "rest" | "choose" | "test" | "open" }
  | { readonly at: "add"; readonly known: RecoverySecret }
  | { readonly at: "write" | "typeBack"; readonly secret: string; readonly replaces: boolean; readonly done: string };

const REST: Step = { at: "rest" };

export function RecoverySettings({ engine }: { readonly engine: Engine }) {
  const { t } = useShell();
  const [state, setState] = useState<RecoveryState | null>(null);
  const [step, setStep] = useState<Step>(REST);
  const [said, setSaid] = useState("");
  const work = useWork();
  const refresh = async (): Promise<void> => setState(await engine.recovery());
  useEffect(() => void work.run(refresh), [engine]);
  const go = (next: Step): void => {
    setSaid("");
    setStep(next);
  };
  const end = async (sentence: string): Promise<void> => {
    go(REST);
    setSaid(sentence);
    await refresh();
  };
  if (!state) return work.problem ? <Problem text={work.problem} /> : <Busy text={t.common.wait} />;
  return (
    <>
      <Body engine={engine} state={state} step={step} go={go} end={end} />
      <p role="status">{said}</p>
    </>
  );
}

interface BodyProps {
  readonly engine: Engine;
  readonly state: RecoveryState;
  readonly step: Step;
  readonly go: (next: Step) => void;
  readonly end: (sentence: string) => Promise<void>;
}

function Body({ engine, state, step, go, end }: BodyProps) {
  const { t } = useShell();
  const back = (): void => go(REST);
  const make = async (method: TypedMethod): Promise<void> => {
    const secret = await engine.prepareRecovery(state.hasKey, method);
    go({ at: "write", secret, replaces: state.hasKey, done: t.recovery.done });
  };
  switch (step.at) {
    case "rest":
      return <Rest state={state} go={go} />;
    case "choose":
      return <ChooseMethod onChoose={make} onBack={back} />;
    case "test":
      return <OpenKey engine={engine} state={state} hint={t.recovery.testHint} onOpened={() => end(t.recovery.works)} onBack={back} />;
    case "open":
      return <OpenKey engine={engine} state={state} hint={t.recovery.addOpen} onOpened={async (known) => go({ at: "add", known })} onBack={back} />;
    case "add":
      return (
        <AddWay
          engine={engine}
          known={step.known}
          onSecret={(secret) => go({ at: "write", secret, replaces: false, done: t.recovery.methodAdded })}
          onPasskey={() => end(t.recovery.passkeyAdded)}
          onBack={back}
        />
      );
    case "write":
      return <WriteDown secret={step.secret} replaces={step.replaces} onDone={() => go({ ...step, at: "typeBack" })} onBack={back} />;
    case "typeBack":
      return <TypeBack engine={engine} onDone={() => end(step.done)} onBack={() => go({ ...step, at: "write" })} />;
  }
}

/** What there is, and what can be done with it. */
function Rest({ state, go }: { readonly state: RecoveryState; readonly go: (next: Step) => void }) {
  const { t, language } = useShell();
  if (!state.hasKey) {
    return (
      <>
        <p>{t.recovery.none}</p>
        <button type="button" class="button" onClick={() => go({ at: "choose" })}>
          {t.recovery.make}
        </button>
      </>
    );
  }
  const ways = [...new Set(state.methods)].map((method) => t.recovery.ways[method]);
  return (
    <>
      <p>
        {t.recovery.has} {t.recovery.opens} {new Intl.ListFormat(language, { type: "disjunction" }).format(ways)}.
      </p>
      <p>{state.testedAtMs === null ? t.recovery.untested : t.recovery.tested(dayOf(state.testedAtMs, language))}</p>
      <div class="shell-actions">
        <button type="button" class="button" onClick={() => go({ at: "test" })}>
          {t.recovery.test}
        </button>
        <button type="button" class="button button--quiet" onClick={() => go({ at: "open" })}>
          {t.recovery.add}
        </button>
        <button type="button" class="button button--quiet" onClick={() => go({ at: "choose" })}>
          {t.recovery.replace}
        </button>
      </div>
    </>
  );
}
