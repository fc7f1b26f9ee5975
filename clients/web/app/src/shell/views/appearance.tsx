/** Language, colours, size of the text, installation. */
import { useEffect, useState } from "preact/hooks";

import { installable } from "../install.js";
import { useShell } from "./context.js";
import { Choice } from "./parts.js";

export function Appearance() {
  const { t, preferences, choose } = useShell();
  return (
    <>
      <Choice legend={t.settings.language} options={{ fr: "Français", en: "English" }} value={preferences.language} onChoose={(language) => choose({ language })} />
      <Choice legend={t.settings.theme} options={t.settings.themes} value={preferences.theme} onChoose={(theme) => choose({ theme })} />
      <Choice legend={t.settings.textSize} options={t.settings.sizes} value={preferences.textSize} onChoose={(textSize) => choose({ textSize })} />
      <Install />
    </>
  );
}

function Install() {
  const { t } = useShell();
  const [state, setState] = useState(installable.state);
  useEffect(() => installable.watch(setState), []);
  if (state === "installed") return <p>{t.settings.installed}</p>;
  if (state === "apple") return <p>{t.settings.installApple}</p>;
  if (state === "no") return null;
  return (
    <div>
      <button type="button" class="button" onClick={() => void installable.ask()}>
        {t.settings.install}
      </button>
      <p class="field__hint">{t.settings.installHint}</p>
    </div>
  );
}
