/** The steps of making, opening and widening the recovery key; each is a small form that knows nothing of the others. */
import { useState } from "preact/hooks";

import type { Engine, RecoverySecret, RecoveryState, TypedMethod } from "../../engine/api.js";
import { askOneOf, knowsPasskeys, makePasskey } from "../passkey.js";
import { useShell, useWork } from "./context.js";
import { Busy, Choice, Field, Problem } from "./parts.js";

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
    <div class="gate__note">
      <Choice legend={t.recovery.choose} options={t.recovery.methods} value={method} onChoose={setMethod} />
      <Busy text={work.isRunning ? t.common.wait : ""} />
      <Problem text={work.problem} />
      <div class="shell-actions">
        <button type="button" class="button" disabled={work.isRunning} onClick={() => void work.run(() => onChoose(method))}>
          {t.common.goOn}
        </button>
        <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={onBack}>
          {t.common.cancel}
        </button>
      </div>
    </div>
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
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim()) open(() => Promise.resolve(typed));
      }}
    >
      {isTyped && <Field label={t.enrol.secret} hint={hint} value={typed} onInput={setTyped} isCode autofocus disabled={work.isRunning} />}
      <Busy text={work.isRunning ? t.recovery.working : ""} />
      <Problem text={work.problem} />
      <div class="shell-actions">
        {isTyped && (
          <button class="button" disabled={work.isRunning || !typed.trim()}>
            {t.recovery.confirm}
          </button>
        )}
        {state.passkeys.length > 0 && knowsPasskeys() && (
          <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={() => open(() => askOneOf(state.passkeys))}>
            {t.enrol.withPasskey}
          </button>
        )}
        <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={onBack}>
          {t.common.back}
        </button>
      </div>
    </form>
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
    <div class="gate__note">
      <p>{t.recovery.addWhich}</p>
      <div class="shell-actions">
        {knowsPasskeys() && (
          <button type="button" class="button" disabled={work.isRunning} onClick={passkey}>
            {t.recovery.addPasskey}
          </button>
        )}
        <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={() => words("passphrase")}>
          {t.recovery.addPassphrase}
        </button>
        <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={() => words("code")}>
          {t.recovery.addCode}
        </button>
        <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={onBack}>
          {t.common.cancel}
        </button>
      </div>
      {knowsPasskeys() && <p class="field__hint">{t.recovery.passkeyHint}</p>}
      <Busy text={work.isRunning ? t.recovery.working : ""} />
      <Problem text={work.problem} />
    </div>
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
    <div class="gate__note">
      <p>{t.recovery.write}</p>
      {replaces && <p>{t.recovery.replaceText}</p>}
      <p class="shown">
        <code class="shown__text shown__text--large">{secret}</code>
      </p>
      <div class="shell-actions">
        <button type="button" class="button" onClick={onDone}>
          {t.recovery.written}
        </button>
        <button type="button" class="button button--quiet" onClick={onBack}>
          {t.common.cancel}
        </button>
      </div>
    </div>
  );
}

/** From the paper: what was not kept fails today and not in a year. */
export function TypeBack({ engine, onDone, onBack }: { readonly engine: Engine; readonly onDone: () => Promise<void>; readonly onBack: () => void }) {
  const { t } = useShell();
  const [typed, setTyped] = useState("");
  const work = useWork();
  const submit = (event: Event): void => {
    event.preventDefault();
    if (typed.trim()) void work.run(() => engine.confirmRecovery(typed).then(onDone));
  };
  return (
    <form onSubmit={submit}>
      <Field label={t.recovery.typeBack} value={typed} onInput={setTyped} isCode autofocus disabled={work.isRunning} />
      <Busy text={work.isRunning ? t.recovery.confirming : ""} />
      <Problem text={work.problem} />
      <div class="shell-actions">
        <button class="button" disabled={work.isRunning || !typed.trim()}>
          {t.recovery.confirm}
        </button>
        <button type="button" class="button button--quiet" disabled={work.isRunning} onClick={onBack}>
          {t.common.back}
        </button>
      </div>
    </form>
  );
}
