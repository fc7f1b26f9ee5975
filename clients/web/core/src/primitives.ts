/**
 * The few cryptographic operations everything else is made of.  protocol §2
 *
 * Every hash, derivation and signature is bound to its use: it covers `"MiSS1 " ‖ label ‖ 0x00` before the data, so
 * that a value made for one use never counts for another.  Suite 1 is BLAKE2b-256, Ed25519, XChaCha20-Poly1305 and
 * HPKE (see `hpke`); there is no negotiation and no fallback.  Randomness is an argument.
 *
 * libsodium is WebAssembly: whoever imports this module waits, once, until it is ready.
 */

import sodium from "libsodium-wrappers-sumo";

import { concat } from "./bytes.js";

await sodium.ready;

/** `randomBytes(n)` returns n bytes fit for keys. */
export type RandomBytes = (size: number) => Uint8Array;

/** `v` of every object. */
export const VERSION = 1;
/** BLAKE2b-256, Ed25519, XChaCha20-Poly1305, HPKE with X-Wing, HKDF-SHA256 and ChaCha20-Poly1305. */
export const SUITE = 1;

export const KEY_BYTES = 32;
export const HASH_BYTES = 32;
export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;
export const PAD_BYTES = 256;
const SIGNATURE_BYTES = 64;

/** An Ed25519 private key, from its 32-byte seed, which nothing prints. */
export class SigningKey {
  /** Ed25519, 32 bytes. */
  readonly public: Uint8Array;
  readonly #private: Uint8Array;

  constructor(seed: Uint8Array) {
    const pair = sodium.crypto_sign_seed_keypair(seed);
    this.public = pair.publicKey;
    this.#private = pair.privateKey;
  }

  /** Signature (64 bytes) over the domain and `data`. */
  sign(label: string, data: Uint8Array): Uint8Array {
    return sodium.crypto_sign_detached(concat(domain(label), data), this.#private);
  }
}

/** `"MiSS1 " ‖ label ‖ 0x00`: what stands before the data in every hash and signature. */
export function domain(label: string): Uint8Array {
  return new TextEncoder().encode(`MiSS1 ${label}\0`);
}

/** H(label, data): BLAKE2b-256 of the domain and `data`. */
export function hash(label: string, data: Uint8Array): Uint8Array {
  return sodium.crypto_generichash(HASH_BYTES, concat(domain(label), data), null);
}

/** K(key, label, data): BLAKE2b-256 of the domain and `data`, keyed with `key` (32 bytes). */
export function derive(key: Uint8Array, label: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  if (key.length !== KEY_BYTES) throw new RangeError("a key has 32 bytes");
  return sodium.crypto_generichash(HASH_BYTES, concat(domain(label), data), key);
}

/** Equality of secrets or tags, in constant time. */
export function same(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && sodium.memcmp(left, right);
}

/** True if `signature` over `data` was made for `label` by the owner of `publicKey` (32 bytes). */
export function verify(publicKey: Uint8Array, label: string, data: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return sodium.crypto_sign_verify_detached(signature, concat(domain(label), data), publicKey);
}

/** nonce (24 random bytes) ‖ XChaCha20-Poly1305 of `plaintext`, which also authenticates `ad`. */
export function seal(key: Uint8Array, plaintext: Uint8Array, ad: Uint8Array, randomBytes: RandomBytes): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  return concat(nonce, sealWithNonce(key, nonce, plaintext, ad));
}

/** The plaintext of `seal`; null if the key, `ad` or any byte of `sealed` is not the original. */
export function open(key: Uint8Array, sealed: Uint8Array, ad: Uint8Array): Uint8Array | null {
  return openWithNonce(key, sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES), ad);
}

/** XChaCha20-Poly1305 under a nonce (24 bytes) that the caller guarantees to be fresh for this key. */
export function sealWithNonce(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  ad: Uint8Array,
): Uint8Array {
  return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, ad, null, nonce, key);
}

/** The plaintext of `sealWithNonce`, or null. */
export function openWithNonce(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  ad: Uint8Array,
): Uint8Array | null {
  if (nonce.length !== NONCE_BYTES || ciphertext.length < TAG_BYTES) return null;
  return orNull(() => sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, ad, nonce, key));
}

/** Argon2id, version 1.3, one lane: a key (32 bytes) from what a person types and a salt (16 bytes).  Slow by design. */
export function stretch(typed: string, salt: Uint8Array, ops: number, memBytes: number): Uint8Array {
  return sodium.crypto_pwhash(KEY_BYTES, typed, salt, ops, memBytes, sodium.crypto_pwhash_ALG_ARGON2ID13);
}

/** `data`, 0x80, then zeros up to a multiple of 256 (ISO/IEC 7816-4): lengths tell less. */
export function pad256(data: Uint8Array): Uint8Array {
  return sodium.pad(data, PAD_BYTES);
}

/** What was padded; null if `padded` does not end as `pad256` ends it. */
export function unpad256(padded: Uint8Array): Uint8Array | null {
  if (padded.length === 0 || padded.length % PAD_BYTES !== 0) return null;
  return orNull(() => sodium.unpad(padded, PAD_BYTES));
}

/** libsodium throws where its C functions return −1: the answer « no » and nothing else, once lengths were checked. */
export function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
