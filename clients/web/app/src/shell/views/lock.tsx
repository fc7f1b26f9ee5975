/** The closed door: who one is, and the PIN or the passkey that opens.  It shows nothing of what is behind. */
import { useEffect, useState } from "preact/hooks";

import type { Account } from "../../engine/store/keys.js";
import { askPasskey } from "../passkey.js";
import { useShell, useWork } from "./context.js";
import { Busy, Field, Problem } from "./parts.js";

export function LockView({ accounts }: { readonly accounts: readonly Account[] }) {
  const { t, session, preferences } = useShell();
  const isAlone = accounts.length === 1 && !preferences.isShared;
  const [chosen, choose] = useState<string | null>(isAlone ? (accounts[0]?.name ?? null) : null);
  const account = accounts.find((one) => one.name === chosen);
  return (
    <main class="gate">
      <img class="gate__mark" src="icons/miss.svg" alt="" width="56" height="56" />
      {account ? (
        <Door account={account} onBack={isAlone ? null : () => choose(null)} />
      ) : (
        <>
          <h1>{t.lock.who}</h1>
          <ul class="gate__people">
            {accounts.map((one) => (
              <li key={one.name}>
                <button type="button" class="button button--wide" onClick={() => choose(one.name)}>
                  {one.label || t.lock.nameless}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      {(!isAlone || preferences.isShared) && (
        <button type="button" class="button button--quiet" onClick={() => void session.addAccount()}>
          {t.lock.someoneElse}
        </button>
      )}
    </main>
  );
}

function Door({ account, onBack }: { readonly account: Account; readonly onBack: (() => void) | null }) {
  const { t, session } = useShell();
  const [pin, setPin] = useState("");
  const [isForgotten, setForgotten] = useState(false);
  const [waitS, setWaitS] = useState(0);
  const work = useWork();
  useEffect(() => {
    if (waitS <= 0) return undefined;
    const timer = setTimeout(() => setWaitS(waitS - 1), 1_000);
    return () => clearTimeout(timer);
  }, [waitS]);
  useEffect(() => {
    setPin("");
    setWaitS(Math.ceil(Number(work.error?.params["waitMs"] ?? 0) / 1_000));
  }, [work.error]);
  const wrong = work.error?.code === "wrong_pin";
  const problem = waitS > 0 ? t.lock.waitFor(waitS) : wrong ? t.lock.wrong(Number(work.error?.params["left"] ?? 0)) : work.problem;
  const withPasskey = (): void => {
    const { passkey } = account;
    if (passkey) void work.run(async () => session.unlock(account.name, { prf: await askPasskey(passkey) }));
  };
  return (
    <>
      <h1>{account.label || t.lock.nameless}</h1>
      <p class="gate__state">{t.lock.title}</p>
      {account.locks.includes("pin") && (
        <form
          class="gate__form"
          onSubmit={(event) => {
            event.preventDefault();
            if (pin && waitS <= 0 && !work.isRunning) void work.run(() => session.unlock(account.name, { pin }));
          }}
        >
          <Field label={t.lock.pin} type="password" autocomplete="current-password" value={pin} onInput={setPin} autofocus />
          <button class="button button--wide" disabled={work.isRunning || waitS > 0 || !pin}>
            {t.lock.open}
          </button>
        </form>
      )}
      {account.locks.includes("passkey") && (
        <button type="button" class="button button--wide" disabled={work.isRunning} onClick={withPasskey}>
          {t.lock.passkey}
        </button>
      )}
      {account.locks.length === 0 && (
        <button type="button" class="button button--wide" disabled={work.isRunning} onClick={() => void work.run(() => session.unlock(account.name, null))}>
          {t.lock.openPlain}
        </button>
      )}
      <Busy text={work.isRunning ? t.lock.opening : ""} />
      <Problem text={problem} />
      <div class="gate__ways">
        {onBack && (
          <button type="button" class="button button--quiet" onClick={onBack}>
            {t.lock.someoneElse}
          </button>
        )}
        {account.locks.length > 0 && (
          <button type="button" class="button button--quiet" aria-expanded={isForgotten} onClick={() => setForgotten(!isForgotten)}>
            {t.lock.forgotten}
          </button>
        )}
      </div>
      {isForgotten && (
        <div class="gate__note">
          <p>{t.lock.forgottenText}</p>
          <button type="button" class="button button--danger" onClick={() => void session.forget(account.name)}>
            {t.lock.forget}
          </button>
        </div>
      )}
    </>
  );
}
