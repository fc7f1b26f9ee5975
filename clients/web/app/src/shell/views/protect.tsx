/** Choosing a PIN or a passkey for this browser. */
import { useEffect, useState } from "preact/hooks";

import { canHavePasskey, makePasskey } from "../passkey.js";
import { pinProblem } from "../pin.js";
import { useShell, useWork } from "./context.js";
import { Field, Problem, Step } from "./parts.js";

/** Two fields and a button. */
export function PinForm({ onDone, onCancel }: { readonly onDone: () => void; readonly onCancel: (() => void) | null }) {
  const { t, session } = useShell();
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [isTried, setTried] = useState(false);
  const work = useWork();
  const weak = pinProblem(pin);
  const submit = (): void => {
    setTried(true);
    if (weak || pin !== again) return;
    void work.run(async () => {
      await session.protect({ pin });
      onDone();
    });
  };
  return (
    <Step work={work} busy={t.protect.working} go={t.common.save} onGo={submit} ways={[onCancel && [t.common.cancel, onCancel]]}>
      <Field
        label={t.protect.pin}
        hint={t.protect.pinHint}
        type="password"
        autocomplete="new-password"
        value={pin}
        onInput={setPin}
        problem={isTried && weak ? t.protect[weak] : undefined}
        disabled={work.isRunning}
        autofocus
      />
      <Field
        label={t.protect.again}
        type="password"
        autocomplete="new-password"
        value={again}
        onInput={setAgain}
        problem={isTried && !weak && pin !== again ? t.protect.different : undefined}
        disabled={work.isRunning}
      />
    </Step>
  );
}

/** A passkey, where this browser can have one. */
export function PasskeyButton({ label, name, onDone }: { readonly label: string; readonly name: string; readonly onDone: () => void }) {
  const { t, session } = useShell();
  const [isPossible, setPossible] = useState(false);
  const work = useWork();
  useEffect(() => void canHavePasskey().then(setPossible), []);
  if (!isPossible) return null;
  const make = (): void =>
    void work.run(async () => {
      await session.protect(await makePasskey(name));
      onDone();
    });
  return (
    <div>
      <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={make}>
        {label}
      </button>
      <p class="field__hint">{t.protect.passkeyHint}</p>
      <Problem text={work.problem} />
    </div>
  );
}

/** The step after a device was linked; where an establishment has it locked, before anything is shown. */
export function ProtectView({ name, onDone }: { readonly name: string; readonly onDone: () => void }) {
  const { t, preferences, lockLimit } = useShell();
  return (
    <main class="gate">
      <img class="gate__mark" src="icons/miss.svg" alt="" width="56" height="56" />
      <h1>{t.protect.title}</h1>
      <p class="gate__state">{lockLimit === null ? t.protect.intro : t.protect.imposed(lockLimit)}</p>
      <PinForm onDone={onDone} onCancel={null} />
      <PasskeyButton label={t.protect.passkey} name={name} onDone={onDone} />
      {!preferences.isShared && lockLimit === null && (
        <button type="button" class="button button--quiet" onClick={onDone}>
          {t.protect.later}
        </button>
      )}
    </main>
  );
}
