/** Somebody at work: the application with what the shell adds to it, the settings over it. */
import { useEffect, useMemo, useState } from "preact/hooks";

import type { Cid, Engine } from "../../engine/api.js";
import type { Account } from "../../engine/store/keys.js";
import { App } from "../../views/app.js";
import { notify } from "../notifications.js";
import { keepPush } from "../push-keeper.js";
import { ShellBanners } from "./banners.js";
import { useShell } from "./context.js";
import { ProtectView } from "./protect.js";
import { Settings } from "./settings.js";

interface OpenProps {
  readonly engine: Engine;
  readonly account: Account | null;
  readonly isNew: boolean;
  readonly first: Cid | null;
}

export function OpenView({ engine, account, isNew, first }: OpenProps) {
  const { t, session, language, preferences } = useShell();
  const [isProtecting, setProtecting] = useState(isNew && account !== null && account.locks.length === 0);
  const [settings, setSettings] = useState<string | null>(null);
  const isLeader = account !== null;
  useEffect(() => {
    if (!isLeader) return undefined;
    return notify(engine, () => ({ level: preferences.notifications, t: t.notify }));
  }, [engine, isLeader, preferences.notifications, t]);
  const choices = useMemo(
    () => ({ language, isQuiet: preferences.notifications === "off", isShared: preferences.isShared }),
    [language, preferences.notifications, preferences.isShared],
  );
  useEffect(() => (isLeader ? keepPush(engine, choices) : undefined), [engine, isLeader, choices]);
  useEffect(() => {
    if (isLeader) void engine.setPresence(preferences.presence).catch(() => undefined);
  }, [engine, isLeader, preferences.presence]);
  useEffect(() => {
    // After a sleep, or a tunnel, the connection is tried at once.
    const wake = (): void => {
      if (document.visibilityState === "visible") void engine.hurry().catch(() => undefined);
    };
    document.addEventListener("visibilitychange", wake);
    addEventListener("online", wake);
    return () => {
      document.removeEventListener("visibilitychange", wake);
      removeEventListener("online", wake);
    };
  }, [engine]);
  if (isProtecting && account) return <ProtectView name={account.label} onDone={() => setProtecting(false)} />;
  const isLockable = account === null || account.locks.length > 0;
  return (
    <>
      <div class="shell-app" hidden={settings !== null}>
        <App
          engine={engine}
          language={language}
          first={first}
          banners={<ShellBanners engine={engine} account={account} onSettings={setSettings} />}
          onSettings={(section?: string) => setSettings(section ?? "")}
          {...(isLockable ? { onLock: () => void session.lock() } : {})}
        />
      </div>
      {settings !== null && <Settings engine={engine} account={account} at={settings} onClose={() => setSettings(null)} />}
    </>
  );
}
