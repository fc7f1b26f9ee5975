/** What notifications show, whether they may, and one to try. */
import { useState } from "preact/hooks";

import type { Engine } from "../../engine/api.js";
import { permission, show } from "../notifications.js";
import { useShell } from "./context.js";
import { Choice, Problem } from "./parts.js";
import { PushSettings } from "./push-settings.js";

export function NotificationSettings({ engine }: { readonly engine: Engine }) {
  const { t, preferences, choose } = useShell();
  const [allowed, setAllowed] = useState(permission);
  const [isTested, setTested] = useState(false);
  const ask = async (): Promise<void> => {
    await Notification.requestPermission();
    setAllowed(permission());
  };
  const test = async (): Promise<void> => {
    setTested(await show({ title: t.notify.plain, body: t.notify.test }, { tag: "test", cid: "", isUrgent: false }));
  };
  return (
    <>
      <Choice legend={t.notifications.level} options={t.notifications.levels} value={preferences.notifications} onChoose={(notifications) => choose({ notifications })} />
      <p class="field__hint">{t.notifications.hint}</p>
      {allowed === "unsupported" && <p>{t.notifications.unsupported}</p>}
      {allowed === "denied" && <Problem text={t.notifications.denied} />}
      {allowed === "default" && (
        <button type="button" class="button" onClick={() => void ask()}>
          {t.notifications.allow}
        </button>
      )}
      {allowed === "granted" && (
        <button type="button" class="button button--quiet" onClick={() => void test()}>
          {t.notifications.test}
        </button>
      )}
      <p role="status">{isTested ? t.notifications.tested : ""}</p>
      <p class="field__hint">{t.notifications.whileOpen}</p>
      <PushSettings engine={engine} />
    </>
  );
}
