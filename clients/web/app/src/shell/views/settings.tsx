/** The settings: one page, its sections in the order in which people look for them. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Engine } from "../../engine/api.js";
import type { Account } from "../../engine/store/keys.js";
import { idleChoices, idleMinutes } from "../preferences.js";
import { Appearance } from "./appearance.js";
import { useShell, useWork } from "./context.js";
import { Devices } from "./devices.js";
import { NotificationSettings } from "./notification-settings.js";
import { Choice, Problem, Section } from "./parts.js";
import { PasskeyButton, PinForm } from "./protect.js";
import { PresenceSettings } from "./presence-settings.js";
import { RecoverySettings } from "./recovery.js";
import { Safety } from "./safety.js";
import { Security } from "./security.js";

interface SettingsProps {
  readonly engine: Engine;
  readonly account: Account | null;
  /** A section to begin at: "lock", "safety:" and a person; empty: the top. */
  readonly at: string;
  readonly onClose: () => void;
}

export function Settings({ engine, account, at, onClose }: SettingsProps) {
  const { t } = useShell();
  const title = useRef<HTMLHeadingElement>(null);
  const [first = "", person = ""] = at.split(":");
  useLayoutEffect(() => {
    const section = first && document.getElementById(`settings-${first}`);
    if (section) section.scrollIntoView();
    else title.current?.focus();
    const leave = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented) onClose();
    };
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, []);
  return (
    <main class="settings">
      <header class="settings__head">
        <button type="button" class="button button--quiet" onClick={onClose}>
          {t.common.back}
        </button>
        <h1 ref={title} tabIndex={-1}>
          {t.settings.title}
        </h1>
      </header>
      <Section id="devices" title={t.devices.title}>
        <Devices engine={engine} />
      </Section>
      <Section id="recovery" title={t.recovery.title}>
        <RecoverySettings engine={engine} />
      </Section>
      <Section id="lock" title={t.lockSettings.title}>
        {account ? <LockSettings account={account} /> : <p>{t.lockSettings.elsewhere}</p>}
      </Section>
      <Section id="notifications" title={t.notifications.title}>
        <NotificationSettings engine={engine} />
      </Section>
      <Section id="presence" title={t.presence.title}>
        <PresenceSettings engine={engine} />
      </Section>
      <Section id="appearance" title={t.settings.appearance}>
        <Appearance />
      </Section>
      <Section id="safety" title={t.safety.title}>
        <Safety engine={engine} person={person} />
      </Section>
      <Section id="security" title={t.security.title}>
        <Security engine={engine} />
      </Section>
    </main>
  );
}

function LockSettings({ account }: { readonly account: Account }) {
  const { t, session, preferences, choose, lockLimit } = useShell();
  const [isChoosing, setChoosing] = useState(false);
  const [isForgetting, setForgetting] = useState(false);
  const work = useWork();
  const hasPin = account.locks.includes("pin");
  const hasPasskey = account.locks.includes("passkey");
  const isLockable = hasPin || hasPasskey;
  // The last one stays where an establishment has it locked.
  const isRemovable = lockLimit === null || account.locks.length > 1;
  const minutes = Object.fromEntries(idleChoices(preferences, lockLimit).map((count) => [`m${count}`, t.lockSettings.minutes(count)]));
  return (
    <>
      {!isLockable && <p>{t.lockSettings.none}</p>}
      {hasPin && <p>{t.lockSettings.hasPin}</p>}
      {hasPasskey && <p>{t.lockSettings.hasPasskey}</p>}
      {isChoosing ? (
        <PinForm onDone={() => setChoosing(false)} onCancel={() => setChoosing(false)} />
      ) : (
        <div class="shell-actions">
          <button type="button" class="button" onClick={() => setChoosing(true)}>
            {hasPin ? t.lockSettings.changePin : t.lockSettings.setPin}
          </button>
          {hasPin && isRemovable && (
            <button type="button" class="button button--quiet" onClick={() => void work.run(() => session.unprotect("pin"))}>
              {t.lockSettings.removePin}
            </button>
          )}
          {hasPasskey && isRemovable && (
            <button type="button" class="button button--quiet" onClick={() => void work.run(() => session.unprotect("passkey"))}>
              {t.lockSettings.removePasskey}
            </button>
          )}
        </div>
      )}
      {!hasPasskey && <PasskeyButton label={t.lockSettings.setPasskey} name={account.label} onDone={() => undefined} />}
      <Problem text={work.problem} />
      <Choice
        legend={t.lockSettings.idle}
        options={minutes}
        value={`m${idleMinutes({ ...preferences, isShared: false }, lockLimit)}`}
        onChoose={(value) => choose({ idleMinutes: Number(value.slice(1)) })}
      />
      {lockLimit !== null && <p class="field__hint">{t.lockSettings.imposed(lockLimit)}</p>}
      <label class="choice__one">
        <input type="checkbox" checked={preferences.isShared} disabled={!isLockable} onChange={(event) => choose({ isShared: event.currentTarget.checked })} />
        <span>{t.lockSettings.shared}</span>
      </label>
      <p class="field__hint">{isLockable ? t.lockSettings.sharedHint : t.lockSettings.sharedNeedsPin}</p>
      <div class="shell-actions">
        {isLockable && (
          <button type="button" class="button" onClick={() => void session.lock()}>
            {preferences.isShared ? t.lockSettings.switchUser : t.lockSettings.now}
          </button>
        )}
        <button type="button" class="button button--quiet" aria-expanded={isForgetting} onClick={() => setForgetting(!isForgetting)}>
          {t.lockSettings.forget}
        </button>
      </div>
      {isForgetting && (
        <div class="gate__note">
          <p>{t.lockSettings.forgetText}</p>
          <button type="button" class="button button--danger" onClick={() => void work.run(() => session.forget(account.name))}>
            {t.lockSettings.forget}
          </button>
        </div>
      )}
    </>
  );
}
