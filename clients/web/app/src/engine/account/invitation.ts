/**
 * Letting a new device in, from one that counts: the code shown, the device that answers, the owner's yes.  §5
 *
 * The owner compares the name that `offer` returns with the new device in hand, then says `accept` or `cancel`.
 * Whoever saw the code within its ten minutes could answer first; that is what the comparison is for.
 */

import { composeAdd } from "@miss/core/changes.js";
import { PairingUnreadable } from "@miss/core/errors.js";
import { sealUserKey } from "@miss/core/keys.js";
import { composeAnswer, type Offer, type PairingKeys, parseOffer } from "@miss/core/pairing.js";

import { EngineError, hasCode } from "../errors.js";
import { unhex } from "../ids.js";
import type { DevicesParts } from "./devices.js";

const GONE = "pairing_unknown";

/** One pairing, on the side that invites. */
export class Invitation {
  /** To be typed on the new device, in groups. */
  readonly code: string;
  /** The text of the QR code: the code and the server's address. */
  readonly uri: string;
  readonly expiresAtMs: number;
  readonly #keys: PairingKeys;
  readonly #parts: DevicesParts;
  #offer: Uint8Array | null = null;

  /** Use `Devices.invite`. */
  constructor(code: string, uri: string, expiresAtMs: number, keys: PairingKeys, parts: DevicesParts) {
    this.code = code;
    this.uri = uri;
    this.expiresAtMs = expiresAtMs;
    this.#keys = keys;
    this.#parts = parts;
  }

  /**
   * Wait for the new device: its keys, and the name it gives itself.
   *
   * Throws `pairing_expired`, `pairing_refused` (`offer`: something without the code lies in the slot), ServerRefused,
   * ServerUnreachable (nothing is lost, call again).
   */
  async offer(): Promise<Offer> {
    while (this.#offer === null) {
      this.#offer = await named(this.#parts.api.identity.waitForOffer(this.#keys.slot));
    }
    try {
      return parseOffer(this.#keys, this.#offer);
    } catch (error) {
      if (error instanceof PairingUnreadable) throw new EngineError("pairing_refused", { reason: "offer" });
      throw error;
    }
  }

  /**
   * Vouch for the device that answered and hand it the user key; it links itself within a moment.
   *
   * Throws as `offer`, and as `Identities.refresh` and `UserKeys.follow`.
   */
  async accept(): Promise<void> {
    const { api, device, identities, platform, store, time, userKeys } = this.#parts;
    const offer = await this.offer();
    const chain = await identities.refresh(device.uid);
    const key = await userKeys.follow();
    const nowMs = time.nowMs();
    const link = composeAdd(chain, {
      device: { did: offer.did, ik: offer.ik, ek: offer.ek },
      by: unhex(device.did),
      byKeys: device.keys,
      proof: { method: "device", time: nowMs },
      tsMs: nowMs,
    });
    const answer = composeAnswer(
      this.#keys,
      this.#offer ?? new Uint8Array(),
      {
        root: device.root,
        opcerts: store.device.opcerts(),
        links: store.people.links(device.uid),
        link,
        userKeyBox: sealUserKey(key, chain.uid, offer.did, offer.ek, platform.randomBytes),
      },
      platform.randomBytes,
    );
    await named(api.identity.putAnswer(this.#keys.slot, answer));
  }

  /** Close the slot: the code is worth nothing any more.  Throws ServerRefused, ServerUnreachable. */
  async cancel(): Promise<void> {
    try {
      await this.#parts.api.identity.cancelPairing(this.#keys.slot);
    } catch (error) {
      if (!hasCode(error, GONE)) throw error;
    }
  }
}

async function named<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw hasCode(error, GONE) ? new EngineError("pairing_expired") : error;
  }
}
