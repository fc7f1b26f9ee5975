/** How this browser becomes a device: by another device, by the letter, by the recovery key, or from the beginning. */
import { useEffect, useRef, useState } from "preact/hooks";

import type { AskPasskey, Enrolment } from "../../engine/api.js";
import type { ShellTexts } from "../../texts/shell.js";
import { deviceNameOf } from "../device-name.js";
import { askOneOf, knowsPasskeys } from "../passkey.js";
import { useShell, useWork } from "./context.js";
import { Busy, Field, Step } from "./parts.js";
import { Scanner } from "./scanner.js";

type Way = "another" | "letter" | "recovery" | "restart";

export function EnrolView({ enrolment, isFirst }: { readonly enrolment: Enrolment; readonly isFirst: boolean }) {
  const { t, session, language, choose } = useShell();
  const [way, setWay] = useState<Way | null>(null);
  const ways: readonly [Way, string, string][] = [
    ["another", t.enrol.another, t.enrol.anotherHint],
    ["letter", t.enrol.letter, t.enrol.letterHint],
    ["recovery", t.enrol.recovery, t.enrol.recoveryHint],
    ["restart", t.enrol.restart, t.enrol.restartHint],
  ];
  if (way === "another") return <PairView enrolment={enrolment} onBack={() => setWay(null)} />;
  if (way) return <PaperView key={way} way={way} enrolment={enrolment} onBack={() => setWay(null)} />;
  return (
    <main class="gate">
      <img class="gate__mark" src="icons/miss.svg" alt="" width="56" height="56" />
      <h1>{t.enrol.title}</h1>
      <p class="gate__state">{t.enrol.intro}</p>
      <ul class="ways">
        {ways.map(([key, title, hint]) => (
          <li key={key}>
            <button type="button" class="way" onClick={() => setWay(key)}>
              <span class="way__title">{title}</span>
              <span class="way__hint">{hint}</span>
            </button>
          </li>
        ))}
      </ul>
      <div class="gate__ways">
        {!isFirst && (
          <button type="button" class="button button--quiet" onClick={() => void session.giveUpEnrolment()}>
            {t.enrol.stop}
          </button>
        )}
        <button
          type="button"
          class="button button--quiet"
          lang={language === "fr" ? "en" : "fr"}
          onClick={() => choose({ language: language === "fr" ? "en" : "fr" })}
        >
          {language === "fr" ? "English" : "Français"}
        </button>
      </div>
    </main>
  );
}

type Paper = Exclude<Way, "another">;

/** The three ways that begin with paper. */
function PaperView({ way, enrolment, onBack }: { readonly way: Paper; readonly enrolment: Enrolment; readonly onBack: () => void }) {
  const { t, session } = useShell();
  const [rpps, setRpps] = useState("");
  const [code, setCode] = useState("");
  const [secret, setSecret] = useState("");
  const [fingerprint, setFingerprint] = useState("");
  const [device, setDevice] = useState(() => deviceNameOf(navigator));
  const [isTried, setTried] = useState(false);
  const work = useWork();
  const missing = (value: string): string => (value.trim() ? "" : t.enrol.missing);
  const number = rpps.replace(/\s/g, "");
  const badRpps = /^\d{11}$/.test(number) ? "" : t.enrol.badRpps;
  const badFingerprint = /^[0-9a-f]{32}$/i.test(fingerprint.replace(/\s/g, "")) ? "" : t.enrol.badFingerprint;
  const needsSecret = way === "recovery";
  const go = (opener: string | AskPasskey): void => {
    setTried(true);
    if (badRpps || badFingerprint || !code.trim() || !device.trim() || (needsSecret && opener === "")) return;
    void work.run(async () => {
      const name = device.trim();
      if (way === "letter") await enrolment.link(number, code, fingerprint, name);
      else if (way === "restart") await enrolment.reset(number, code, fingerprint, name);
      else await enrolment.recover(number, code, opener, fingerprint, name);
      await session.enrolled();
    });
  };
  const [codeLabel, codeHint] = codeWords(way, t);
  const common = (problem: string) => ({ disabled: work.isRunning, problem: isTried ? problem : "" });
  return (
    <main class="gate">
      <h1>{t.enrol[way]}</h1>
      {way === "restart" && <p class="shell-problem">{t.enrol.resetWarning}</p>}
      <Step
        work={work}
        busy={needsSecret ? t.enrol.recovering : t.enrol.linking}
        go={t.enrol.link}
        onGo={() => go(secret.trim())}
        ways={[needsSecret && knowsPasskeys() && [t.enrol.withPasskey, () => go(askOneOf)], [t.common.back, onBack]]}
      >
        <Field label={t.enrol.rpps} hint={t.enrol.rppsHint} value={rpps} onInput={setRpps} inputMode="numeric" isCode autofocus {...common(badRpps)} />
        <Field label={codeLabel} hint={codeHint} value={code} onInput={setCode} isCode {...common(missing(code))} />
        {needsSecret && <Field label={t.enrol.secret} hint={t.enrol.secretHint} value={secret} onInput={setSecret} isCode {...common(missing(secret))} />}
        <Field label={t.enrol.fingerprint} hint={t.enrol.fingerprintHint} value={fingerprint} onInput={setFingerprint} isCode {...common(badFingerprint)} />
        <Field label={t.enrol.device} hint={t.enrol.deviceHint} value={device} onInput={setDevice} maxLength={80} {...common(missing(device))} />
      </Step>
    </main>
  );
}

/** What the code is called, and where it comes from. */
function codeWords(way: Paper, { enrol }: ShellTexts): readonly [label: string, hint: string] {
  if (way === "recovery") return [enrol.ticket, enrol.ticketHint];
  return [way === "letter" ? enrol.code : enrol.resetCode, enrol.codeHint];
}

/** By what another device shows. */
function PairView({ enrolment, onBack }: { readonly enrolment: Enrolment; readonly onBack: () => void }) {
  const { t, session } = useShell();
  const [isScanning, setScanning] = useState(false);
  const [code, setCode] = useState("");
  const [device, setDevice] = useState(() => deviceNameOf(navigator));
  const [isTried, setTried] = useState(false);
  const broken = useRef<AbortController | null>(null);
  const work = useWork();
  useEffect(() => () => broken.current?.abort(), []);
  const missing = (value: string): string => (isTried && !value.trim() ? t.enrol.missing : "");
  const pair = (text: string): void => {
    setTried(true);
    if (!text.trim() || !device.trim()) return;
    broken.current = new AbortController();
    const { signal } = broken.current;
    void work.run(async () => {
      await enrolment.pair(text, device.trim(), signal);
      await session.enrolled();
    });
  };
  const found = (bytes: Uint8Array): boolean => {
    const text = new TextDecoder().decode(bytes);
    if (!/^\s*miss:pair\?/i.test(text)) return false;
    setScanning(false);
    setCode(text.trim());
    pair(text);
    return true;
  };
  if (work.isRunning) {
    return (
      <main class="gate">
        <h1>{t.enrol.pairing}</h1>
        <p class="gate__state">{t.enrol.pairingHint(device)}</p>
        <Busy text={t.common.wait} />
        <button
          type="button"
          class="button button--quiet"
          onClick={() => {
            broken.current?.abort();
            onBack();
          }}
        >
          {t.common.cancel}
        </button>
      </main>
    );
  }
  return (
    <main class="gate">
      <h1>{t.enrol.another}</h1>
      <p class="gate__state">{t.enrol.pairHow}</p>
      <Step work={work} busy="" go={t.enrol.pair} onGo={() => pair(code)} ways={[[t.common.back, onBack]]}>
        <Field label={t.enrol.device} hint={t.enrol.deviceHint} value={device} onInput={setDevice} maxLength={80} problem={missing(device)} />
        {isScanning ? (
          <Scanner onFound={found} onClose={() => setScanning(false)} />
        ) : (
          <button type="button" class="button button--wide" onClick={() => setScanning(true)}>
            {t.enrol.scan}
          </button>
        )}
        <Field label={t.enrol.pairCode} value={code} onInput={setCode} isCode maxLength={2048} problem={missing(code)} />
      </Step>
    </main>
  );
}
