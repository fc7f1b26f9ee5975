/**
 * The signature that opens a connection: over the server's nonce and its host name.  protocol §7
 *
 * The host is the name the client connected to, as in its URL, in lower case and without the port: a signature given to
 * one server is worth nothing at another.
 */

import { concat } from "./bytes.js";
import { type SigningKey, verify } from "./primitives.js";

/** `sig` of an `auth` frame, for the `nonce` (32 bytes) of this connection's `hello`. */
export function signAuth(ik: SigningKey, nonce: Uint8Array, host: string): Uint8Array {
  return ik.sign("auth", signed(nonce, host));
}

/** True if the device that owns `ikPublic` signed this nonce for this host. */
export function verifyAuth(ikPublic: Uint8Array, nonce: Uint8Array, host: string, signature: Uint8Array): boolean {
  return verify(ikPublic, "auth", signed(nonce, host), signature);
}

function signed(nonce: Uint8Array, host: string): Uint8Array {
  return concat(nonce, new TextEncoder().encode(host));
}
