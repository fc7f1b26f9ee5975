/**
 * Wraps of the recovery key as the server keeps them: which way each opens, with which parameters.  protocol §5
 *
 *     wrap = [v, method, params, sealed]        params: packed, as a byte string
 *
 *     code        params []
 *     passphrase  params [salt, ops, mem_bytes]            of Argon2id, version 1.3, one lane
 *     passkey     params [credential id, PRF salt]
 *
 * Parameters of Argon2id beyond what any program of MiSS writes are refused when a wrap is read, before any work is
 * done.
 */

import { BadWrap, WrapTooCostly, WrongRecoveryMethod } from "./errors.js";
import { MAX_PASSKEYS, MAX_WRAPS } from "./limits.js";
import { bytes, choice, Form, integer, struct, text } from "./packing.js";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES, VERSION } from "./primitives.js";
import { number } from "./shapes.js";

export const ARGON2_OPS = 3;
export const ARGON2_MEM_BYTES = 64 * 1024 * 1024;
const MAX_ARGON2_OPS = 10;
const MAX_ARGON2_MEM_BYTES = 256 * 1024 * 1024;
export const SALT_BYTES = 16;
const MAX_CREDENTIAL_ID_BYTES = 1023;
const MAX_WRAP_BYTES = 2048;

/** What opens a wrap, and how many such wraps one RK may have. */
const MOST = { code: 1, passphrase: 1, passkey: MAX_PASSKEYS } as const;
export type Method = keyof typeof MOST;
const METHODS = Object.keys(MOST) as Method[];

/** RK, wrapped in one way. */
export interface Wrap {
  readonly v: number;
  readonly method: Method;
  /** Packed: what `packParams` wrote. */
  readonly params: Uint8Array;
  readonly sealed: Uint8Array;
}

/** What Argon2id is asked for. */
export interface PassphraseParams {
  readonly salt: Uint8Array;
  readonly ops: number;
  readonly memBytes: number;
}

/** Which passkey, and the salt that its PRF is asked with (WebAuthn, extension `prf`). */
export interface PasskeyParams {
  readonly credentialId: Uint8Array;
  readonly prfSalt: Uint8Array;
}

/** The parameters of each method; a code has none. */
export interface Params {
  readonly code: object;
  readonly passphrase: PassphraseParams;
  readonly passkey: PasskeyParams;
}

const WRAP = new Form(
  struct<Wrap>({
    v: integer(),
    method: choice(text(), METHODS),
    params: bytes(0, MAX_WRAP_BYTES),
    sealed: bytes(NONCE_BYTES + KEY_BYTES + TAG_BYTES),
  }),
  BadWrap,
  MAX_WRAP_BYTES,
  VERSION,
);
const PARAMS: { readonly [M in Method]: Form<Params[M]> } = {
  code: new Form(struct<object>({}), BadWrap, MAX_WRAP_BYTES),
  passphrase: new Form(
    struct<PassphraseParams>({ salt: bytes(SALT_BYTES), ops: number, memBytes: number }),
    BadWrap,
    MAX_WRAP_BYTES,
  ),
  passkey: new Form(
    struct<PasskeyParams>({ credentialId: bytes(1, MAX_CREDENTIAL_ID_BYTES), prfSalt: bytes(32) }),
    BadWrap,
    MAX_WRAP_BYTES,
  ),
};

/** Parameters as they stand in a wrap and in what authenticates it.  Throws BadWrap. */
export function packParams<M extends Method>(method: M, params: Params[M]): Uint8Array {
  return PARAMS[method].compose(params);
}

/** A wrap as it is sent.  Throws BadWrap if it is too long. */
export function packWrap(wrap: Wrap): Uint8Array {
  return WRAP.compose(wrap);
}

/** The wrap in `data`; nothing is opened.  Throws BadWrap, UnsupportedVersion, WrapTooCostly. */
export function parseWrap(data: Uint8Array): Wrap {
  const wrap = WRAP.parse(data);
  if (wrap.method === "passphrase") argon2Params(wrap);
  else PARAMS[wrap.method].parse(wrap.params);
  return wrap;
}

/**
 * All wraps of one RK: at least one, one code, one passphrase and five passkeys at most.
 *
 * Throws BadWrap, UnsupportedVersion, WrapTooCostly.
 */
export function parseWraps(raws: readonly Uint8Array[]): readonly Wrap[] {
  if (raws.length === 0 || raws.length > MAX_WRAPS) throw new BadWrap({ reason: "count", count: raws.length });
  const wraps = raws.map(parseWrap);
  for (const method of METHODS) {
    if (wraps.filter((wrap) => wrap.method === method).length > MOST[method]) {
      throw new BadWrap({ reason: "too_many", method });
    }
  }
  return wraps;
}

/** What Argon2id is asked for, within bounds.  Throws BadWrap, WrapTooCostly, WrongRecoveryMethod. */
export function argon2Params(wrap: Wrap): PassphraseParams {
  requireMethod(wrap, "passphrase");
  const params = PARAMS.passphrase.parse(wrap.params);
  if (params.ops > MAX_ARGON2_OPS || params.memBytes > MAX_ARGON2_MEM_BYTES) {
    throw new WrapTooCostly({ ops: params.ops, mem_bytes: params.memBytes });
  }
  // Nobody writes it cheaper: whoever offers it wants a passphrase that is quick to guess.
  if (params.ops < ARGON2_OPS || params.memBytes < ARGON2_MEM_BYTES) throw new BadWrap({ reason: "too_cheap" });
  return params;
}

/** What a browser needs to ask the passkey for its PRF output.  Throws WrongRecoveryMethod, BadWrap. */
export function passkeyParams(wrap: Wrap): PasskeyParams {
  requireMethod(wrap, "passkey");
  return PARAMS.passkey.parse(wrap.params);
}

/** Throws WrongRecoveryMethod unless `wrap` opens in that way. */
export function requireMethod(wrap: Wrap, method: Method): void {
  if (wrap.method !== method) throw new WrongRecoveryMethod({ method: wrap.method });
}
