/** What the shell has to say above the conversations. */
import { useEffect, useState } from "preact/hooks";

import type { Engine } from "../../engine/api.js";
import type { Account } from "../../engine/store/keys.js";
import { Banner } from "../../views/banners.js";
import { notices } from "../notices.js";
import { useShell } from "./context.js";

interface ShellBannersProps {
  readonly engine: Engine;
  readonly account: Account | null;
  readonly onSettings: (section: string) => void;
}

export function ShellBanners({ engine, account, onSettings }: ShellBannersProps) {
  const { t, session } = useShell();
  const [state, setState] = useState(notices.state);
  const [hasRecovery, setRecovery] = useState(true);
  const [isHidden, setHidden] = useState(false);
  const [isRevoked, setRevoked] = useState(false);
  useEffect(() => notices.watch(setState), []);
  useEffect(() => {
    const look = (): void => void engine.recovery().then((found) => setRecovery(found.hasKey), () => undefined);
    look();
    return engine.subscribe((event) => {
      if (event.kind === "revoked") setRevoked(true);
      if (event.kind === "synced" || event.kind === "devicesChanged") look();
    });
  }, [engine]);
  const { use, fullPercent } = state;
  const isOpen = account !== null && account.locks.length === 0;
  return (
    <>
      {isRevoked && account && (
        <Banner tone="danger" icon="warn" action={{ label: t.banners.relink, act: () => void session.forget(account.name) }}>
          {t.banners.revoked}
        </Banner>
      )}
      {use && (
        <Banner tone="quiet" icon="info" action={{ label: t.banners.updateNow, act: use }}>
          {t.banners.update}
        </Banner>
      )}
      {fullPercent !== null && (
        <Banner tone="warn" icon="warn">
          {t.banners.storage(fullPercent)}
        </Banner>
      )}
      {isOpen && !isHidden && (
        <Banner tone="quiet" icon="lock" action={{ label: t.banners.protect, act: () => onSettings("lock") }}>
          {t.banners.unprotected}
        </Banner>
      )}
      {!isOpen && !hasRecovery && !isHidden && (
        <Banner tone="quiet" icon="info" action={{ label: t.banners.makeRecovery, act: () => onSettings("recovery") }}>
          {t.banners.noRecovery}{" "}
          <button type="button" class="link-button" onClick={() => setHidden(true)}>
            {t.banners.hide}
          </button>
        </Banner>
      )}
    </>
  );
}
