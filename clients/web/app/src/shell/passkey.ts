/**
 * A passkey that opens an account on this browser, or a recovery key on any: its PRF (WebAuthn Level 3) gives 32 bytes for a salt, the same each
 * time, and only after the person was verified by finger, face or code.
 *
 * The server knows nothing of it: challenge and signature count for nothing here.  Passkeys without PRF are refused.
 */

import { EngineError, type Passkey, type PasskeyAnswer } from "../engine/api.js";

const PRF_BYTES = 32;
const TIMEOUT_MS = 120_000;


/** True if this browser may have one. */
export async function canHavePasskey(): Promise<boolean> {
  const kind = (globalThis as { PublicKeyCredential?: typeof PublicKeyCredential }).PublicKeyCredential;
  return (await kind?.isUserVerifyingPlatformAuthenticatorAvailable?.()) ?? false;
}

/** Make one for `name`.  Throws `passkey_refused` (given up, or not possible), `passkey_without_prf`. */
export async function makePasskey(name: string): Promise<Passkey & { readonly prf: Uint8Array }> {
  const prfSalt = random(32);
  const created = await ceremony(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: "MiSS", id: location.hostname },
        user: { id: random(16), name, displayName: name },
        challenge: random(32),
        pubKeyCredParams: [
          { type: "public-key", alg: -7 },
          { type: "public-key", alg: -8 },
          { type: "public-key", alg: -257 },
        ],
        authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
        timeout: TIMEOUT_MS,
        extensions: { prf: { eval: { first: prfSalt } } },
      },
    }),
  );
  const credentialId = new Uint8Array(created.rawId);
  if (created.getClientExtensionResults().prf?.enabled !== true) throw new EngineError("passkey_without_prf");
  // Many authenticators say it only when asked, not when made.
  const prf = prfOf(created) ?? (await askPasskey({ credentialId, prfSalt }));
  return { credentialId, prfSalt, prf };
}

/** True if this browser knows passkeys at all, be it on a key of metal or on a telephone. */
export function knowsPasskeys(): boolean {
  return "PublicKeyCredential" in globalThis;
}

/** What it gives for its salt, 32 bytes.  Throws `passkey_refused`, `passkey_without_prf`. */
export async function askPasskey(passkey: Passkey): Promise<Uint8Array> {
  return (await askOneOf([passkey])).prf;
}

/** Which of several answered, and what it gives for its own salt.  Throws as `askPasskey`. */
export async function askOneOf(passkeys: readonly Passkey[]): Promise<PasskeyAnswer> {
  const salts = passkeys.map(({ credentialId, prfSalt }) => [base64url(credentialId), { first: own(prfSalt) }] as const);
  const got = await ceremony(() =>
    navigator.credentials.get({
      publicKey: {
        rpId: location.hostname,
        challenge: random(32),
        allowCredentials: passkeys.map(({ credentialId }) => ({ type: "public-key", id: own(credentialId) })),
        userVerification: "required",
        timeout: TIMEOUT_MS,
        extensions: { prf: { evalByCredential: Object.fromEntries(salts) } },
      },
    }),
  );
  const prf = prfOf(got);
  if (!prf) throw new EngineError("passkey_without_prf");
  return { credentialId: new Uint8Array(got.rawId), prf };
}

async function ceremony(begin: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await begin();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (error) {
    throw new EngineError("passkey_refused", {}, { cause: error });
  }
  throw new EngineError("passkey_refused");
}

function prfOf(credential: PublicKeyCredential): Uint8Array | null {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return null;
  const bytes = ArrayBuffer.isView(first) ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength) : new Uint8Array(first);
  return bytes.length === PRF_BYTES ? bytes.slice() : null;
}

function random(size: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(size));
}

function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function base64url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
