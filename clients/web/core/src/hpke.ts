/**
 * HPKE, single shot, base mode, empty aad: X-Wing / HKDF-SHA256 / ChaCha20-Poly1305.  protocol §1, §2; RFC 9180 §5.1
 *
 * libsodium has the KEM, the MAC and the cipher; what stands here is the key schedule between them, for this one suite
 * (docs/adr/0020).  X-Wing yields the shared secret of HPKE directly, without another extraction.
 */

import sodium from "libsodium-wrappers-sumo";

import { concat } from "./bytes.js";
import { orNull, type RandomBytes, TAG_BYTES } from "./primitives.js";

export const SEED_BYTES = 32;
export const PUBLIC_BYTES = 1216;
export const ENCAPSULATION_BYTES = 1120;
/** Of ML-KEM (32) and of X25519 (32). */
const ENCAPSULATION_SEED_BYTES = 64;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

const EMPTY = new Uint8Array();
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** "HPKE" ‖ KEM 0x647a (X-Wing) ‖ KDF 0x0001 (HKDF-SHA256) ‖ AEAD 0x0003 (ChaCha20-Poly1305). */
const SUITE_ID = concat(ascii("HPKE"), Uint8Array.of(0x64, 0x7a, 0x00, 0x01, 0x00, 0x03));
const LABEL_PREFIX = concat(ascii("HPKE-v1"), SUITE_ID);
const MODE_BASE = Uint8Array.of(0x00);

/** The public key (1216 bytes) of an X-Wing seed (32 bytes). */
export function publicOf(seed: Uint8Array): Uint8Array {
  return sodium.crypto_kem_xwing_seed_keypair(seed).publicKey;
}

/** encapsulation (1120 bytes) ‖ ciphertext (16 bytes longer than `plaintext`); null if `publicKey` is none. */
export function seal(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  info: Uint8Array,
  randomBytes: RandomBytes,
): Uint8Array | null {
  const seed = randomBytes(ENCAPSULATION_SEED_BYTES);
  const sent = orNull(() => sodium.crypto_kem_xwing_enc_deterministic(publicKey, seed));
  if (sent === null) return null;
  const { key, nonce } = schedule(sent.sharedSecret, info);
  return concat(
    sent.ciphertext,
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, EMPTY, null, nonce, key),
  );
}

/** What was sealed to the key of `seed` under the same `info`; null if a byte of any of them is not the original. */
export function open(seed: Uint8Array, sealed: Uint8Array, info: Uint8Array): Uint8Array | null {
  if (sealed.length < ENCAPSULATION_BYTES + TAG_BYTES) return null;
  const encapsulation = sealed.subarray(0, ENCAPSULATION_BYTES);
  const ciphertext = sealed.subarray(ENCAPSULATION_BYTES);
  const shared = orNull(() => sodium.crypto_kem_xwing_dec(encapsulation, seed));
  if (shared === null) return null;
  const { key, nonce } = schedule(shared, info);
  return orNull(() => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, ciphertext, EMPTY, nonce, key));
}

/** RFC 9180 §5.1, KeySchedule in base mode, where PSK and its id are empty; the first nonce is the base nonce. */
function schedule(shared: Uint8Array, info: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const none = new Uint8Array(KEY_BYTES);
  const context = concat(MODE_BASE, extract(none, "psk_id_hash", EMPTY), extract(none, "info_hash", info));
  const secret = extract(shared, "secret", EMPTY);
  return {
    key: expand(secret, "key", context, KEY_BYTES),
    nonce: expand(secret, "base_nonce", context, NONCE_BYTES),
  };
}

/** LabeledExtract; an empty salt is a key of zeros to HMAC. */
function extract(salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return sodium.crypto_auth_hmacsha256(concat(LABEL_PREFIX, ascii(label), ikm), salt);
}

/** LabeledExpand, for one block of HMAC-SHA256: `size` up to 32 bytes. */
function expand(secret: Uint8Array, label: string, context: Uint8Array, size: number): Uint8Array {
  const info = concat(Uint8Array.of(0, size), LABEL_PREFIX, ascii(label), context);
  return sodium.crypto_auth_hmacsha256(concat(info, Uint8Array.of(1)), secret).slice(0, size);
}
