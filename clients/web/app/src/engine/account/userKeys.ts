/**
 * The user key of the owner: which generation is in force, and how a device comes to hold it.  protocol §2, §5
 *
 * The verified chain says which key it is; the server only hands over the box.  Older generations are forgotten as soon
 * as the next is held: the rotation that made it has sealed all they opened into the vault.
 */

import { equal } from "@miss/core/bytes.js";
import type { Chain } from "@miss/core/chains.js";
import { BadSealed } from "@miss/core/errors.js";
import { type DeviceKeys, openUserKey, type UserKey } from "@miss/core/keys.js";

import { EngineError } from "../errors.js";
import { unhex } from "../ids.js";
import type { Identities } from "../people/identities.js";
import type { ServerApi } from "../serverApi.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import { Mutex } from "../waiting.js";

/** The generations of one person's user key on one device. */
export class UserKeys {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #identities: Identities;
  readonly #api: ServerApi;
  readonly #turn = new Mutex();

  constructor(store: Store, device: DeviceRecord, identities: Identities, api: ServerApi) {
    this.#store = store;
    this.#device = device;
    this.#identities = identities;
    this.#api = api;
  }

  /** The owner's own pinned chain.  Throws `contact_without_device` if the store holds none. */
  chain(): Chain {
    const chain = this.#identities.find(this.#device.uid);
    if (chain === null) throw new EngineError("contact_without_device", { uid: this.#device.uid });
    return chain;
  }

  /** The key of one generation, if this device (still) holds it. */
  find(generation: number): UserKey | null {
    return this.#store.device.findUserKey(generation);
  }

  /**
   * The key in force by the pinned chain, fetched if another device made it.
   *
   * Throws `user_key_withheld` if the server has none for this device, `user_key_forged` if it is not the chain's;
   * ServerRefused, ServerUnreachable, and as `Identities.refresh`.
   */
  follow(): Promise<UserKey> {
    return this.#turn.run(async () => {
      const held = this.#store.device.lastUserKey();
      if (held.generation === this.chain().uekGen) return held;
      const answer = await this.#api.identity.fetchUserKey();
      if (answer.generation > this.chain().uekGen) await this.#identities.refresh(this.#device.uid);
      const chain = this.chain();
      if (answer.generation !== chain.uekGen || answer.box === null) {
        throw new EngineError("user_key_withheld", { generation: chain.uekGen });
      }
      const key = openChainKey(answer.box, chain, unhex(this.#device.did), this.#device.keys);
      await this.#replace(key);
      return key;
    });
  }

  /** `follow`, after the owner's chain was fetched again.  Throws as both. */
  async catchUp(): Promise<UserKey> {
    await this.#identities.refresh(this.#device.uid);
    return this.follow();
  }

  /** This device has just made `key`, and the operator has countersigned it. */
  async takeOwn(key: UserKey): Promise<void> {
    // If it is another: a rotation came right after, and its key is followed like any other.
    if (equal(key.public, this.chain().uekPk)) await this.#replace(key);
  }

  async #replace(key: UserKey): Promise<void> {
    await this.#store.transaction(() => this.#store.device.replaceUserKey(key));
  }
}

/** The user key in force, sealed to the device `did` of that chain.  Throws `user_key_forged`. */
export function openChainKey(box: Uint8Array, chain: Chain, did: Uint8Array, keys: DeviceKeys): UserKey {
  let key: UserKey | null = null;
  try {
    key = openUserKey(box, chain.uid, did, chain.uekGen, keys);
  } catch (error) {
    if (!(error instanceof BadSealed)) throw error;
  }
  if (key === null || !equal(key.public, chain.uekPk)) {
    throw new EngineError("user_key_forged", { generation: chain.uekGen });
  }
  return key;
}
