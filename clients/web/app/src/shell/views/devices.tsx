/** This person's devices: their names, one more, one less. */
import { useEffect, useState } from "preact/hooks";

import type { Engine, OwnDevice } from "../../engine/api.js";
import { dayOf, useShell, useWork } from "./context.js";
import { Invite } from "./invite.js";
import { Field, Problem, Step } from "./parts.js";

export function Devices({ engine }: { readonly engine: Engine }) {
  const { t } = useShell();
  const [devices, setDevices] = useState<readonly OwnDevice[]>([]);
  const [isInviting, setInviting] = useState(false);
  const work = useWork();
  const refresh = (): void => void work.run(async () => setDevices(await engine.devices()));
  useEffect(() => {
    refresh();
    return engine.subscribe((event) => {
      if (event.kind === "devicesChanged") refresh();
    });
  }, [engine]);
  const current = devices.filter((device) => device.revokedAtMs === null);
  const revoked = devices.filter((device) => device.revokedAtMs !== null);
  return (
    <>
      <ul class="devices">
        {current.map((device) => (
          <Device key={device.did} device={device} engine={engine} onChanged={refresh} />
        ))}
      </ul>
      <Problem text={work.problem} />
      {isInviting ? (
        <Invite
          engine={engine}
          onClose={() => {
            setInviting(false);
            refresh();
          }}
        />
      ) : (
        <button type="button" class="button" onClick={() => setInviting(true)}>
          {t.devices.add}
        </button>
      )}
      {revoked.length > 0 && (
        <details class="devices__revoked">
          <summary>
            {t.devices.revoked} ({revoked.length})
          </summary>
          <ul class="devices">
            {revoked.map((device) => (
              <RevokedDevice key={device.did} device={device} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function RevokedDevice({ device }: { readonly device: OwnDevice }) {
  const { t, language } = useShell();
  return (
    <li class="device">
      <span class="device__name">{device.isPaper ? t.devices.paper : device.name}</span>
      <span class="device__when">{t.devices.revokedOn(dayOf(device.revokedAtMs ?? 0, language))}</span>
    </li>
  );
}

interface DeviceProps {
  readonly device: OwnDevice;
  readonly engine: Engine;
  readonly onChanged: () => void;
}

function Device({ device, engine, onChanged }: DeviceProps) {
  const { t, language } = useShell();
  const [doing, setDoing] = useState<"rename" | "revoke" | null>(null);
  const [name, setName] = useState(device.name);
  const work = useWork();
  const stop = (): void => setDoing(null);
  const act = (call: () => Promise<void>): void =>
    void work.run(async () => {
      await call();
      stop();
      onChanged();
    });
  const seen = device.lastSeenMs === null ? "" : ` · ${t.devices.seen(dayOf(device.lastSeenMs, language))}`;
  return (
    <li class="device">
      <span class="device__name">
        {device.isPaper ? t.devices.paper : device.name} {device.isCurrent && <span class="device__badge">{t.devices.current}</span>}
      </span>
      <span class="device__when">{t.devices.linked(dayOf(device.linkedAtMs, language)) + seen}</span>
      {doing === null && !device.isPaper && (
        <span class="shell-actions">
          <button type="button" class="button button--quiet button--small" onClick={() => setDoing("rename")}>
            {t.devices.rename}
            <span class="visually-hidden"> {device.name}</span>
          </button>
          {!device.isCurrent && (
            <button type="button" class="button button--quiet button--small" onClick={() => setDoing("revoke")}>
              {t.devices.revoke}
              <span class="visually-hidden"> {device.name}</span>
            </button>
          )}
        </span>
      )}
      {doing === "rename" && (
        <Step work={work} busy="" go={t.common.save} isReady={!!name.trim()} onGo={() => act(() => engine.renameDevice(device.did, name.trim()))} ways={[[t.common.cancel, stop]]}>
          <Field label={t.devices.newName} value={name} onInput={setName} maxLength={80} autofocus />
        </Step>
      )}
      {doing === "revoke" && (
        <div class="gate__note">
          <p>
            <strong>{t.devices.revokeTitle(device.name)}</strong> {t.devices.revokeText}
          </p>
          <span class="shell-actions">
            <button type="button" class="button button--danger" disabled={work.isRunning} onClick={() => act(() => engine.revokeDevice(device.did))}>
              {t.devices.revoke}
            </button>
            <button type="button" class="button button--quiet" onClick={stop}>
              {t.common.cancel}
            </button>
          </span>
        </div>
      )}
      {doing !== "rename" && <Problem text={work.problem} />}
    </li>
  );
}
