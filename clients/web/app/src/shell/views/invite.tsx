/** Letting one more device in: the code, who asks, and the owner's yes. */
import { useEffect, useState } from "preact/hooks";

import type { Engine } from "../../engine/api.js";
import { hourOf, useShell, useWork } from "./context.js";
import { Busy, Problem, Shown } from "./parts.js";
import { QrCode } from "./qr-code.js";

interface Invitation {
  readonly code: string;
  readonly uri: string;
  readonly expiresAtMs: number;
}

export function Invite({ engine, onClose }: { readonly engine: Engine; readonly onClose: () => void }) {
  const { t, language } = useShell();
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [offered, setOffered] = useState<string | null>(null);
  const [isDone, setDone] = useState(false);
  const wait = useWork();
  const accept = useWork();
  useEffect(() => {
    let isOver = false;
    void wait.run(async () => {
      const made = await engine.invite();
      if (isOver) return;
      setInvitation(made);
      const { deviceName } = await engine.inviteOffer();
      if (!isOver) setOffered(deviceName);
    });
    return () => {
      isOver = true;
      void engine.inviteCancel().catch(() => undefined);
    };
  }, [engine]);
  const yes = (): void =>
    void accept.run(async () => {
      await engine.inviteAccept();
      setDone(true);
    });
  if (isDone) {
    return (
      <div class="invite" role="status">
        <p>{t.invite.done(offered ?? "")}</p>
        <button type="button" class="button" onClick={onClose}>
          {t.common.goOn}
        </button>
      </div>
    );
  }
  return (
    <div class="invite">
      {offered === null && invitation && (
        <>
          <p>{t.invite.how}</p>
          <QrCode content={invitation.uri} label={t.invite.qr} />
          <p>{t.invite.or}</p>
          <Shown text={invitation.code} copy={t.common.copy} copied={t.common.copied} />
          <p class="field__hint">{t.invite.expires(hourOf(invitation.expiresAtMs, language))}</p>
          <Busy text={wait.problem ? "" : t.invite.waiting} />
        </>
      )}
      {offered !== null && (
        <div role="alertdialog" aria-label={t.invite.asksTitle} class="gate__note">
          <p>
            <strong>{t.invite.asksTitle}</strong>
          </p>
          <p>{t.invite.asks(offered)}</p>
          <Busy text={accept.isRunning ? t.invite.accepting : ""} />
          <Problem text={accept.problem} />
          <span class="shell-actions">
            <button type="button" class="button" disabled={accept.isRunning} onClick={yes}>
              {t.invite.accept}
            </button>
            <button type="button" class="button button--quiet" disabled={accept.isRunning} onClick={onClose}>
              {t.invite.refuse}
            </button>
          </span>
        </div>
      )}
      <Problem text={wait.problem} />
      {offered === null && (
        <button type="button" class="button button--quiet" onClick={onClose}>
          {t.common.cancel}
        </button>
      )}
    </div>
  );
}
