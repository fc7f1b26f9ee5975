/**
 * Where this device stands in its owner's chain: still in it, or out.  protocol §4, §7
 *
 * Out by a link that another device of the owner signed: everything held here is deleted.  Turned away in any other
 * way, by the server's word or by the operator's reset: locked, and nothing is deleted, since neither may destroy what
 * a person holds.
 */

import { ProtocolError } from "@miss/core/errors.js";
import { parseLink } from "@miss/core/links.js";

import type { Announcer } from "../announcer.js";
import { isIdentityError, isTemporary, ServerRefused } from "../errors.js";
import { hex, type Uid } from "../ids.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import type { UserKeys } from "./userKeys.js";

/** Why a device is locked: the server says that it was revoked, and shows no link; or the operator started over. */
export type LockReason = "server" | "reset";

/** Reads the owner's chain for what it says of this device, and acts on it. */
export class Standing {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #userKeys: UserKeys;
  readonly #announcer: Announcer;
  readonly #refreshOwn: (uid: Uid) => Promise<unknown>;
  readonly #stop: () => void;
  /** True once this device does not count any more: nothing more is taken in. */
  isOut = false;
  /** Why nothing is shown to anybody until the server takes this device again; empty while all is well. */
  locked: string;

  /** `refreshOwn`: `Identities.refreshOwn`.  `stop`: end the connection, for good. */
  constructor(
    store: Store,
    device: DeviceRecord,
    userKeys: UserKeys,
    announcer: Announcer,
    refreshOwn: (uid: Uid) => Promise<unknown>,
    stop: () => void,
  ) {
    this.#store = store;
    this.#device = device;
    this.#userKeys = userKeys;
    this.#announcer = announcer;
    this.#refreshOwn = refreshOwn;
    this.#stop = stop;
    this.locked = store.device.locked();
  }

  /** The owner's chain has changed, or may have: hold the user key in force, or leave.  Throws as `UserKeys.follow`. */
  async review(): Promise<void> {
    if (this.isOut) return;
    if (this.#isRevoked()) await this.#leave();
    else await this.#userKeys.follow();
  }

  /** The server closed the door: does the owner's chain say so too? */
  async turnedAway(): Promise<void> {
    if (this.isOut) return;
    try {
      await this.#refreshOwn(this.#device.uid);
    } catch (error) {
      const isTold = error instanceof ServerRefused || error instanceof ProtocolError || isIdentityError(error);
      if (!isTold && !isTemporary(error)) throw error;
    }
    if (this.#isRevoked()) await this.#leave();
    else if (!this.isOut) await this.#lock("server");
  }

  /** The server takes this device: whatever it said before, it is not locked any more. */
  async welcomed(): Promise<void> {
    if (this.locked === "") return;
    await this.#store.transaction(() => this.#store.device.unlock());
    this.locked = "";
  }

  #isRevoked(): boolean {
    return this.#userKeys.chain().revoked.has(this.#device.did);
  }

  async #leave(): Promise<void> {
    if (this.isOut) return;
    if (!this.#wasRevoked()) {
      await this.#lock("reset");
      return;
    }
    this.isOut = true;
    await this.#store.wipe();
    this.#stop();
    this.#announcer.announce({ kind: "revoked", wiped: true, reason: "revoke" });
  }

  /** True if a device of the owner signed this one out; the chain that holds the link is verified. */
  #wasRevoked(): boolean {
    const links = this.#store.people.links(this.#device.uid).map(parseLink);
    return links.some(({ core }) => core.op === "revoke" && hex(core.did) === this.#device.did);
  }

  async #lock(reason: LockReason): Promise<void> {
    this.isOut = true;
    this.locked = reason;
    await this.#store.transaction(() => this.#store.device.lock(reason));
    this.#stop();
    this.#announcer.announce({ kind: "revoked", wiped: false, reason });
  }
}
