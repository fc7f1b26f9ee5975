/** The fingerprint of the operator's root key, as the activation letter bears it.  protocol §6, Proof of a message */

import { blake2b } from "@noble/hashes/blake2.js";

import { EngineError } from "../errors.js";
import { hex } from "../ids.js";

const PERSON = new TextEncoder().encode("MiSS root".padEnd(16, "\0"));

/** What people compare by eye: eight groups of four hexadecimal digits. */
export function rootFingerprint(root: Uint8Array): string {
  const digest = hex(blake2b(root, { dkLen: 16, personalization: PERSON }));
  return (digest.match(/.{4}/g) ?? []).join(" ");
}

/** Throws `root_mismatch` unless the operator's root has the fingerprint on paper, spaces and case aside. */
export function requireRoot(root: Uint8Array, expected: string): void {
  const seen = rootFingerprint(root);
  if (bare(seen) !== bare(expected)) throw new EngineError("root_mismatch", { seen, expected });
}

function bare(fingerprint: string): string {
  return fingerprint.replace(/\s+/g, "").toLowerCase();
}
