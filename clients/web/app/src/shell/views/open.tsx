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
  const { t, session, language, preferences, lockLimit, setLockLimit } = useShell();
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
  useEffect(() => followLockLimit(engine, setLockLimit), [engine]);
  if (isProtecting && account) return <ProtectView name={account.label} onDone={() => setProtecting(false)} />;
  const isLockable = account === null || account.locks.length > 0;
  const isBare = lockLimit !== null && !isLockable;
  return (
    <>
      {isBare && account && <ProtectView name={account.label} onDone={() => undefined} />}
      <div class="shell-app" hidden={settings !== null || isBare}>
        <App
          engine={engine}
          language={language}
          first={first}
          banners={<ShellBanners engine={engine} account={account} onSettings={setSettings} />}
          onSettings={(section?: string) => setSettings(section ?? "")}
          {...(isLockable ? { onLock: () => void session.lock() } : {})}
        />
      </div>
      {settings !== null && !isBare && <Settings engine={engine} account={account} at={settings} onClose={() => setSettings(null)} />}
    </>
  );
}

/** What the establishments impose: as the server last said it, then anew with each connection; nobody's once closed. */
function followLockLimit(engine: Engine, take: (minutes: number | null) => void): () => void {
  const ask = (): Promise<void> => engine.askLockLimit().then(take);
  // Without an answer what was said last holds.
  const askAgain = (): void => void ask().catch(() => undefined);
  void engine.lockLimit().then(take).then(ask).catch(() => undefined);
  const stop = engine.subscribe(({ kind }) => {
    if (kind === "synced") askAgain();
  });
  return () => {
    stop();
    take(null);
  };
}
