/**
 * The owner's devices: listed, named, let in, taken out.  protocol §3, §5
 *
 * Whether a device counts is read from the verified chain; the server adds names and times, which it could invent.
 */

import { type Chain, states } from "@miss/core/chains.js";
import { composePairingUri } from "@miss/core/pairing-uri.js";
import { composePairingCode, pairingKeys } from "@miss/core/pairing.js";

import type { OwnDevice } from "../api.js";
import type { Did, Ms } from "../ids.js";
import type { Identities } from "../people/identities.js";
import type { Platform } from "../platform.js";
import type { ServerApi } from "../serverApi.js";
import type { ServerTime } from "../serverTime.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import { Invitation } from "./invitation.js";
import { requireRoom } from "./model.js";
import type { Rotation } from "./rotation.js";
import type { UserKeys } from "./userKeys.js";

export interface DevicesParts {
  readonly platform: Platform;
  readonly store: Store;
  readonly device: DeviceRecord;
  /** Where the other devices find the server. */
  readonly serverUrl: string;
  readonly identities: Identities;
  readonly userKeys: UserKeys;
  readonly rotation: Rotation;
  readonly api: ServerApi;
  readonly time: ServerTime;
}

export class Devices {
  readonly #parts: DevicesParts;

  constructor(parts: DevicesParts) {
    this.#parts = parts;
  }

  /**
   * Every device the owner has or had, those that count first, each group as linked.
   *
   * Throws ServerRefused, ServerUnreachable, and as `Identities.refresh`.
   */
  async list(): Promise<readonly OwnDevice[]> {
    const { api, device, identities } = this.#parts;
    const chain = await identities.refresh(device.uid);
    const lines = new Map((await api.identity.fetchDevices()).map((line) => [line.did, line]));
    const { entered, left } = dates(chain);
    const devices = [...entered].map(([did, linkedAtMs]): OwnDevice => {
      const line = lines.get(did);
      const active = chain.devices.get(did);
      return {
        did,
        name: line?.name ?? "",
        linkedAtMs,
        revokedAtMs: active === undefined ? (left.get(did) ?? chain.tsMs) : null,
        lastSeenMs: line?.lastSeen ?? null,
        isPaper: active?.paper ?? line?.paper ?? false,
        isCurrent: did === device.did,
      };
    });
    const hasLeft = (one: OwnDevice): number => (one.revokedAtMs === null ? 0 : 1);
    return devices.sort((one, other) => hasLeft(one) - hasLeft(other) || one.linkedAtMs - other.linkedAtMs);
  }

  /** Give one of the owner's devices another name.  Throws ServerRefused (`not_found`…), ServerUnreachable. */
  async rename(did: Did, name: string): Promise<void> {
    await this.#parts.api.identity.renameDevice(did, name);
  }

  /**
   * Take a device out, and change the user key so that it opens nothing sent from now on.
   *
   * It wipes itself when it reads the link.  Throws LinkNotAllowed for this very device (sign it out on another one),
   * and as `Rotation.revoke`.
   */
  async revoke(did: Did): Promise<void> {
    await this.#parts.rotation.revoke(did);
  }

  /**
   * Open a slot for a new device, and the code to show it: valid for ten minutes, for one device.
   *
   * Throws `too_many_devices`, ServerRefused (`pairing_too_many`), ServerUnreachable, and as `Identities.refresh`.
   */
  async invite(): Promise<Invitation> {
    const { api, device, identities, platform, serverUrl } = this.#parts;
    requireRoom(await identities.refresh(device.uid));
    const code = composePairingCode(platform.randomBytes);
    const keys = pairingKeys(code);
    const expiresAtMs = await api.identity.openPairing(keys.slot);
    return new Invitation(code, composePairingUri(serverUrl, code), expiresAtMs, keys, this.#parts);
  }
}

/** When each device entered and left, by the dates of the links. */
function dates(chain: Chain): { readonly entered: ReadonlyMap<Did, Ms>; readonly left: ReadonlyMap<Did, Ms> } {
  const entered = new Map<Did, Ms>();
  const left = new Map<Did, Ms>();
  for (const state of [...states(chain)].reverse()) {
    for (const did of state.devices.keys()) if (!entered.has(did)) entered.set(did, state.tsMs);
    for (const did of state.revoked) if (!left.has(did)) left.set(did, state.tsMs);
  }
  return { entered, left };
}
