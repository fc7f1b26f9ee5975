/** The steps of making, opening and widening the recovery key; each is a small form that knows nothing of the others. */
import { useState } from "preact/hooks";

import type { Engine, RecoverySecret, RecoveryState, TypedMethod } from "../../engine/api.js";
import { askOneOf, knowsPasskeys, makePasskey } from "../passkey.js";
import { useShell, useWork } from "./context.js";
import { Choice, Field, Step } from "./parts.js";

interface ChooseProps {
  readonly onChoose: (method: TypedMethod) => Promise<void>;
  readonly onBack: () => void;
}

/** A code or words, for a new key. */
export function ChooseMethod({ onChoose, onBack }: ChooseProps) {
  const { t } = useShell();
  const [method, setMethod] = useState<TypedMethod>("code");
  const work = useWork();
  return (
    <Step work={work} busy={t.common.wait} go={t.common.goOn} onGo={() => void work.run(() => onChoose(method))} ways={[[t.common.cancel, onBack]]}>
      <Choice legend={t.recovery.choose} options={t.recovery.methods} value={method} onChoose={setMethod} />
    </Step>
  );
}

interface OpenKeyProps {
  readonly engine: Engine;
  readonly state: RecoveryState;
  readonly hint: string;
  /** It opened what the server holds. */
  readonly onOpened: (secret: RecoverySecret) => Promise<void>;
  readonly onBack: () => void;
}

/** The key there is, opened: typed, or by a passkey. */
export function OpenKey({ engine, state, hint, onOpened, onBack }: OpenKeyProps) {
  const { t } = useShell();
  const [typed, setTyped] = useState("");
  const work = useWork();
  const open = (secret: () => Promise<RecoverySecret>): void =>
    void work.run(async () => {
      const given = await secret();
      await engine.testRecovery(given);
      await onOpened(given);
    });
  const isTyped = state.methods.some((method) => method !== "passkey");
  return (
    <Step
      work={work}
      busy={t.recovery.working}
      go={isTyped ? t.recovery.confirm : null}
      isReady={!!typed.trim()}
      onGo={() => open(() => Promise.resolve(typed))}
      ways={[
        state.passkeys.length > 0 && knowsPasskeys() && [t.enrol.withPasskey, () => open(() => askOneOf(state.passkeys))],
        [t.common.back, onBack],
      ]}
    >
      {isTyped && <Field label={t.enrol.secret} hint={hint} value={typed} onInput={setTyped} isCode autofocus disabled={work.isRunning} />}
    </Step>
  );
}

interface AddWayProps {
  readonly engine: Engine;
  /** What opened the key just now. */
  readonly known: RecoverySecret;
  readonly onSecret: (secret: string) => void;
  readonly onPasskey: () => Promise<void>;
  readonly onBack: () => void;
}

/** One more way to open it. */
export function AddWay({ engine, known, onSecret, onPasskey, onBack }: AddWayProps) {
  const { t } = useShell();
  const work = useWork();
  const words = (method: TypedMethod): void => void work.run(async () => onSecret(await engine.prepareRecoveryMethod(known, method)));
  const passkey = (): void =>
    void work.run(async () => {
      await engine.addRecoveryPasskey(known, await makeOwn(engine));
      await onPasskey();
    });
  return (
    <Step
      work={work}
      busy={t.recovery.working}
      go={knowsPasskeys() ? t.recovery.addPasskey : null}
      onGo={passkey}
      ways={[
        [t.recovery.addPassphrase, () => words("passphrase")],
        [t.recovery.addCode, () => words("code")],
        [t.common.cancel, onBack],
      ]}
    >
      <p>{t.recovery.addWhich}</p>
      {knowsPasskeys() && <p class="field__hint">{t.recovery.passkeyHint}</p>}
    </Step>
  );
}

async function makeOwn(engine: Engine): ReturnType<typeof makePasskey> {
  const { who } = await engine.owner();
  return makePasskey(`${who.given} ${who.family}`);
}

interface WriteDownProps {
  readonly secret: string;
  readonly replaces: boolean;
  readonly onDone: () => void;
  readonly onBack: () => void;
}

/** Shown once, large. */
export function WriteDown({ secret, replaces, onDone, onBack }: WriteDownProps) {
  const { t } = useShell();
  return (
    <Step work={useWork()} busy="" go={t.recovery.written} onGo={onDone} ways={[[t.common.cancel, onBack]]}>
      <p>{t.recovery.write}</p>
      {replaces && <p>{t.recovery.replaceText}</p>}
      <p class="shown">
        <code class="shown__text shown__text--large">{secret}</code>
      </p>
    </Step>
  );
}

/** From the paper: what was not kept fails today and not in a year. */
export function TypeBack({ engine, onDone, onBack }: { readonly engine: Engine; readonly onDone: () => Promise<void>; readonly onBack: () => void }) {
  const { t } = useShell();
  const [typed, setTyped] = useState("");
  const work = useWork();
  return (
    <Step
      work={work}
      busy={t.recovery.confirming}
      go={t.recovery.confirm}
      isReady={!!typed.trim()}
      onGo={() => void work.run(() => engine.confirmRecovery(typed).then(onDone))}
      ways={[[t.common.back, onBack]]}
    >
      <Field label={t.recovery.typeBack} value={typed} onInput={setTyped} isCode autofocus disabled={work.isRunning} />
    </Step>
  );
}
