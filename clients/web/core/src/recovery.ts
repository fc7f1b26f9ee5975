/**
 * The recovery key: a device on paper, wrapped in what a person keeps.  protocol §5
 *
 * RK is 32 random bytes.  Its device keys and `did` follow from it; in the chain it signs `recover` and nothing else,
 * and the user key is sealed to it as to any device.  The server keeps it wrapped (`wraps`), in up to three ways:
 *
 *     sealed = nonce ‖ XChaCha20-Poly1305(wrap key, nonce, RK, domain("recovery-wrap") ‖ uid ‖ method ‖ params)
 *
 *     code        wrap key H("recovery-code", uid ‖ 17 bytes of the code)
 *     passphrase  wrap key Argon2id13(folded words, salt, ops, mem), 32 bytes
 *     passkey     wrap key H("recovery-passkey", uid ‖ PRF output)
 *
 * Neither secrets that a person chose nor PINs.
 */

import { concat, uint64 } from "./bytes.js";
import { codeSecret, composeCode, parseCode } from "./codes.js";
import { BadKey, BadRecoveryCode, WrongRecoverySecret } from "./errors.js";
import { DeviceKeys } from "./keys.js";
import {
  derive,
  domain,
  hash,
  KEY_BYTES,
  open,
  type RandomBytes,
  seal,
  stretch,
  VERSION,
  verify,
} from "./primitives.js";
import { parsePassphrase } from "./words.js";
import {
  ARGON2_MEM_BYTES,
  ARGON2_OPS,
  argon2Params,
  type Method,
  packParams,
  type Params,
  type PasskeyParams,
  type PassphraseParams,
  requireMethod,
  SALT_BYTES,
  type Wrap,
} from "./wraps.js";

/** What a passkey gives (WebAuthn, extension `prf`). */
const PRF_OUTPUT_BYTES = 32;
const DID_BYTES = 16;

/** A new RK, 32 bytes. */
export function composeRecoveryKey(randomBytes: RandomBytes): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/** The keys of the device on paper.  Throws BadKey unless `rk` has 32 bytes. */
export function recoveryDeviceKeys(rk: Uint8Array): DeviceKeys {
  requireRk(rk);
  return DeviceKeys.fromSecret(concat(derive(rk, "recovery-ik"), derive(rk, "recovery-ek")));
}

/** The id of the device on paper.  Throws BadKey unless `rk` has 32 bytes. */
export function recoveryDid(rk: Uint8Array): Uint8Array {
  requireRk(rk);
  return derive(rk, "recovery-did").slice(0, DID_BYTES);
}

/** A new code, in groups as printed. */
export function composeRecoveryCode(randomBytes: RandomBytes): string {
  return composeCode(randomBytes);
}

/** The 26 characters of a typed code.  Throws BadRecoveryCode with the position of the first wrong one. */
export function parseRecoveryCode(text: string): string {
  return parseCode(text, BadRecoveryCode);
}

/** RK under a printed code.  Throws BadRecoveryCode, BadKey. */
export function wrapWithCode(rk: Uint8Array, uid: Uint8Array, code: string, randomBytes: RandomBytes): Wrap {
  return wrapRk(rk, uid, "code", {}, codeKey(uid, code), randomBytes);
}

/**
 * RK under a generated passphrase (`words.composePassphrase`).  Takes 64 MiB and about half a second.
 *
 * Throws BadRecoveryPassphrase, BadKey.
 */
export function wrapWithPassphrase(
  rk: Uint8Array,
  uid: Uint8Array,
  passphrase: string,
  randomBytes: RandomBytes,
): Wrap {
  const params = { salt: randomBytes(SALT_BYTES), ops: ARGON2_OPS, memBytes: ARGON2_MEM_BYTES };
  return wrapRk(rk, uid, "passphrase", params, passphraseKey(passphrase, params), randomBytes);
}

/** RK under the PRF output (32 bytes) of a passkey.  Throws BadWrap, BadKey. */
export function wrapWithPasskey(
  rk: Uint8Array,
  uid: Uint8Array,
  params: PasskeyParams,
  prfOutput: Uint8Array,
  randomBytes: RandomBytes,
): Wrap {
  return wrapRk(rk, uid, "passkey", params, passkeyKey(uid, prfOutput), randomBytes);
}

/** RK.  Throws BadRecoveryCode, WrongRecoverySecret, WrongRecoveryMethod. */
export function unwrapWithCode(wrap: Wrap, uid: Uint8Array, code: string): Uint8Array {
  requireMethod(wrap, "code");
  return unwrapRk(wrap, uid, codeKey(uid, code));
}

/** RK.  Throws BadRecoveryPassphrase, WrapTooCostly, WrongRecoverySecret, WrongRecoveryMethod. */
export function unwrapWithPassphrase(wrap: Wrap, uid: Uint8Array, passphrase: string): Uint8Array {
  const params = argon2Params(wrap);
  return unwrapRk(wrap, uid, passphraseKey(passphrase, params));
}

/** RK.  Throws BadKey, WrongRecoverySecret, WrongRecoveryMethod. */
export function unwrapWithPasskey(wrap: Wrap, uid: Uint8Array, prfOutput: Uint8Array): Uint8Array {
  requireMethod(wrap, "passkey");
  return unwrapRk(wrap, uid, passkeyKey(uid, prfOutput));
}

/** The proof, for the server, that RK was opened at `tsMs`: Sign("recovery-test", did ‖ ts). */
export function signRecoveryTest(paperKeys: DeviceKeys, paperDid: Uint8Array, tsMs: number): Uint8Array {
  return paperKeys.ik.sign("recovery-test", concat(paperDid, uint64(tsMs)));
}

/** True if the device on paper signed that test. */
export function verifyRecoveryTest(
  paperIk: Uint8Array,
  paperDid: Uint8Array,
  tsMs: number,
  signature: Uint8Array,
): boolean {
  return verify(paperIk, "recovery-test", concat(paperDid, uint64(tsMs)), signature);
}

function requireRk(rk: Uint8Array): void {
  if (rk.length !== KEY_BYTES) throw new BadKey({ kind: "recovery" });
}

function wrapRk<M extends Method>(
  rk: Uint8Array,
  uid: Uint8Array,
  method: M,
  params: Params[M],
  wrapKey: Uint8Array,
  randomBytes: RandomBytes,
): Wrap {
  requireRk(rk);
  const packed = packParams(method, params);
  return { v: VERSION, method, params: packed, sealed: seal(wrapKey, rk, wrapAd(uid, method, packed), randomBytes) };
}

function unwrapRk({ method, params, sealed }: Wrap, uid: Uint8Array, wrapKey: Uint8Array): Uint8Array {
  const rk = open(wrapKey, sealed, wrapAd(uid, method, params));
  if (rk === null) throw new WrongRecoverySecret({ method });
  return rk;
}

function wrapAd(uid: Uint8Array, method: Method, params: Uint8Array): Uint8Array {
  return concat(domain("recovery-wrap"), uid, new TextEncoder().encode(method), params);
}

function codeKey(uid: Uint8Array, code: string): Uint8Array {
  return hash("recovery-code", concat(uid, codeSecret(parseRecoveryCode(code))));
}

function passphraseKey(passphrase: string, { salt, ops, memBytes }: PassphraseParams): Uint8Array {
  const words = parsePassphrase(passphrase);
  return stretch(words, salt, ops, memBytes);
}

function passkeyKey(uid: Uint8Array, prfOutput: Uint8Array): Uint8Array {
  if (prfOutput.length !== PRF_OUTPUT_BYTES) throw new BadKey({ kind: "passkey" });
  return hash("recovery-passkey", concat(uid, prfOutput));
}
