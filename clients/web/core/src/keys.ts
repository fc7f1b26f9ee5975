/**
 * Keys of a device and of a person, and sealing to them.  protocol §2
 *
 * A device holds `ik` (Ed25519, signs) and `ek` (X-Wing, receives); a person holds one user key per generation,
 * sealed to each of the person's devices.  Sealing is HPKE with the hybrid post-quantum KEM X-Wing, so what is
 * recorded today stays closed to a quantum computer later.  Secrets are private fields: nothing prints or serialises
 * them by accident.
 */

import { concat, uint64 } from "./bytes.js";
import { BadKey, BadSealed } from "./errors.js";
import * as hpke from "./hpke.js";
import { derive, domain, KEY_BYTES, type RandomBytes, SigningKey } from "./primitives.js";

const DEVICE_SECRET_BYTES = 2 * hpke.SEED_BYTES;

/** An X-Wing private key, from its 32-byte seed. */
export class SealingKey {
  /** 1216 bytes: ML-KEM-768 then X25519. */
  readonly public: Uint8Array;
  readonly #seed: Uint8Array;

  /** Throws BadKey unless `seed` has 32 bytes. */
  constructor(seed: Uint8Array) {
    if (seed.length !== hpke.SEED_BYTES) throw new BadKey({ kind: "sealing" });
    this.#seed = seed.slice();
    this.public = hpke.publicOf(seed);
  }

  /**
   * What was sealed with `sealTo` under the same `info`.
   *
   * Throws BadSealed if the key, `info` or any byte of `sealed` is not the original.
   */
  open(sealed: Uint8Array, info: Uint8Array): Uint8Array {
    const opened = hpke.open(this.#seed, sealed, info);
    if (opened === null) throw new BadSealed();
    return opened;
  }
}

/**
 * `plaintext` sealed to an X-Wing public key (1216 bytes): encapsulation ‖ ciphertext, 1136 bytes longer.
 *
 * `info` is bound to the box: it opens only with the same.  Draws 64 random bytes.  Throws BadKey for bytes that are no
 * public key.
 */
export function sealTo(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  info: Uint8Array,
  randomBytes: RandomBytes,
): Uint8Array {
  const sealed = hpke.seal(publicKey, plaintext, info, randomBytes);
  if (sealed === null) throw new BadKey({ kind: "sealing" });
  return sealed;
}

/** The two private keys of one device. */
export class DeviceKeys {
  readonly ik: SigningKey;
  readonly ek: SealingKey;
  readonly #secret: Uint8Array;

  private constructor(secret: Uint8Array) {
    this.#secret = secret.slice();
    this.ik = new SigningKey(secret.subarray(0, hpke.SEED_BYTES));
    this.ek = new SealingKey(secret.subarray(hpke.SEED_BYTES));
  }

  /** New keys, from 64 bytes of randomness. */
  static generate(randomBytes: RandomBytes): DeviceKeys {
    return DeviceKeys.fromSecret(randomBytes(DEVICE_SECRET_BYTES));
  }

  /** The keys that `toSecret` wrote.  Throws BadKey unless `secret` has 64 bytes. */
  static fromSecret(secret: Uint8Array): DeviceKeys {
    if (secret.length !== DEVICE_SECRET_BYTES) throw new BadKey({ kind: "device" });
    return new DeviceKeys(secret);
  }

  /** Both seeds, 64 bytes, for the device's own key store and for nothing else. */
  toSecret(): Uint8Array {
    return this.#secret.slice();
  }

  /** Ed25519, 32 bytes. */
  get ikPublic(): Uint8Array {
    return this.ik.public;
  }

  /** X-Wing, 1216 bytes. */
  get ekPublic(): Uint8Array {
    return this.ek.public;
  }
}

/** UEK_g: what epoch boxes are sealed to, shared by a person's devices.  `generation` counts from 1. */
export class UserKey {
  readonly generation: number;
  readonly #secret: Uint8Array;
  readonly #sealing: SealingKey;

  /** Throws BadKey unless `secret` has 32 bytes and `generation` is positive. */
  constructor(generation: number, secret: Uint8Array) {
    if (secret.length !== KEY_BYTES || !Number.isSafeInteger(generation) || generation < 1) {
      throw new BadKey({ kind: "user" });
    }
    this.generation = generation;
    this.#secret = secret.slice();
    // Not the secret itself: it also keys the vault (protocol §2), and one key has one use.
    this.#sealing = new SealingKey(derive(secret, "user-key"));
  }

  /** A new user key; the first of a person is generation 1. */
  static generate(generation: number, randomBytes: RandomBytes): UserKey {
    return new UserKey(generation, randomBytes(KEY_BYTES));
  }

  /** `uek_pk`: X-Wing, 1216 bytes. */
  get public(): Uint8Array {
    return this.#sealing.public;
  }

  /** What was sealed to `public` under `info`.  Throws BadSealed. */
  open(sealed: Uint8Array, info: Uint8Array): Uint8Array {
    return this.#sealing.open(sealed, info);
  }

  /** The 32 bytes, for the device's own key store and for `sealUserKey`. */
  toSecret(): Uint8Array {
    return this.#secret.slice();
  }
}

/** The user key, sealed to one of the person's own devices.  Throws BadKey. */
export function sealUserKey(
  userKey: UserKey,
  uid: Uint8Array,
  did: Uint8Array,
  ekPublic: Uint8Array,
  randomBytes: RandomBytes,
): Uint8Array {
  return sealTo(ekPublic, userKey.toSecret(), userKeyInfo(uid, did, userKey.generation), randomBytes);
}

/**
 * The user key that another device sealed to this one.
 *
 * The caller compares its `public` with `uekPk` of the verified chain before using it.  Throws BadSealed.
 */
export function openUserKey(
  sealed: Uint8Array,
  uid: Uint8Array,
  did: Uint8Array,
  generation: number,
  keys: DeviceKeys,
): UserKey {
  return new UserKey(generation, keys.ek.open(sealed, userKeyInfo(uid, did, generation)));
}

function userKeyInfo(uid: Uint8Array, did: Uint8Array, generation: number): Uint8Array {
  return concat(domain("uek"), uid, did, uint64(generation));
}
