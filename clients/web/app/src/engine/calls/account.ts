/** Calls about this person's devices and recovery key.  protocol §5 */

import type { Invitation } from "../account/invitation.js";
import type { Prepared } from "../account/recovery.js";
import type { OwnDevice, Passkey, PasskeyAnswer, RecoverySecret, RecoveryState, TypedMethod } from "../api.js";
import { EngineError } from "../errors.js";
import type { Did, Ms } from "../ids.js";
import { FileCalls } from "./files.js";

export class AccountCalls extends FileCalls {
  #invitation: Invitation | null = null;
  #prepared: Prepared | null = null;

  devices(): Promise<readonly OwnDevice[]> {
    return this.parts.devices.list();
  }

  async renameDevice(did: Did, name: string): Promise<void> {
    await this.parts.devices.rename(did, name);
    this.parts.announcer.announce({ kind: "devicesChanged" });
  }

  async revokeDevice(did: Did): Promise<void> {
    await this.parts.devices.revoke(did);
  }

  // One pairing at a time

  /** Open a slot and show its code; the one before, if it is open still, is closed.  Throws as `Devices.invite`. */
  async invite(): Promise<{ code: string; uri: string; expiresAtMs: Ms }> {
    await this.inviteCancel();
    this.#invitation = await this.parts.devices.invite();
    const { code, expiresAtMs, uri } = this.#invitation;
    return { code, uri, expiresAtMs };
  }

  /** Wait for the new device and the name it gives itself.  Throws `pairing_expired`, `pairing_refused`. */
  async inviteOffer(): Promise<{ deviceName: string }> {
    return { deviceName: (await this.#open().offer()).name };
  }

  async inviteAccept(): Promise<void> {
    const invitation = this.#open();
    await invitation.accept();
    this.#invitation = null;
  }

  async inviteCancel(): Promise<void> {
    const invitation = this.#invitation;
    this.#invitation = null;
    await invitation?.cancel();
  }

  #open(): Invitation {
    if (this.#invitation === null) throw new EngineError("pairing_expired");
    return this.#invitation;
  }

  // What this person's establishments impose

  async lockLimit(): Promise<number | null> {
    return this.parts.store.device.lockLimit();
  }

  async askLockLimit(): Promise<number | null> {
    const { api, store } = this.parts;
    const minutes = await api.fetchLockLimit();
    if (minutes !== store.device.lockLimit()) await store.transaction(() => store.device.setLockLimit(minutes));
    return minutes;
  }

  // The recovery key

  recovery(): Promise<RecoveryState> {
    return this.parts.recovery.state();
  }

  /** A secret to be shown once; in force once it was typed back.  Throws as `Recovery.prepare`. */
  async prepareRecovery(replaces: boolean, method: TypedMethod): Promise<string> {
    this.#prepared = await this.parts.recovery.prepare(replaces, method);
    return this.#prepared.secret;
  }

  /** Another secret of the key there is, likewise.  Throws as `Recovery.prepareMethod`. */
  async prepareRecoveryMethod(known: RecoverySecret, method: TypedMethod): Promise<string> {
    this.#prepared = await this.parts.recovery.prepareMethod(known, method);
    return this.#prepared.secret;
  }

  addRecoveryPasskey(known: RecoverySecret, passkey: Passkey & PasskeyAnswer): Promise<Ms> {
    return this.parts.recovery.addPasskey(known, passkey);
  }

  /** Broken off, the same call again goes on.  Throws `recovery_key_missing`, and as `Prepared.confirm`. */
  async confirmRecovery(typed: string): Promise<void> {
    if (this.#prepared === null) throw new EngineError("recovery_key_missing");
    await this.#prepared.confirm(typed);
    this.#prepared = null;
    this.parts.announcer.announce({ kind: "devicesChanged" });
  }

  testRecovery(secret: RecoverySecret): Promise<Ms> {
    return this.parts.recovery.test(secret);
  }
}
