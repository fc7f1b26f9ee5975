/**
 * The operator's certificates: ROOT, offline and pinned in clients, signs the keys that work online.  protocol §2, §3
 *
 * A browser only verifies them; the operator makes them.
 */

import { BadOpCert, OpCertRefused } from "./errors.js";
import { bytes, choice, Form, integer, struct, text } from "./packing.js";
import { VERSION, verify } from "./primitives.js";
import { millis, signature, signingPublic } from "./shapes.js";

const MAX_CERT_BYTES = 512;

const PURPOSES = [
  "identity", // OP: countersigns links
  "receipt", // RC: signs deposit receipts
] as const;
/** What a certified key may sign. */
export type Purpose = (typeof PURPOSES)[number];

interface Core {
  readonly v: number;
  readonly purpose: Purpose;
  readonly public: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
}

interface Outer {
  readonly core: Uint8Array;
  readonly sig: Uint8Array;
}

const CORE = new Form(
  struct<Core>({
    v: integer(),
    purpose: choice(text(), PURPOSES),
    public: signingPublic,
    notBefore: millis,
    notAfter: millis,
  }),
  BadOpCert,
  MAX_CERT_BYTES,
  VERSION,
);
const OUTER = new Form(struct<Outer>({ core: bytes(0, MAX_CERT_BYTES), sig: signature }), BadOpCert, MAX_CERT_BYTES);

/** One key of the operator, what it is for and when (milliseconds since 1970, both ends included). */
export interface OpCert {
  readonly purpose: Purpose;
  readonly public: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** The certificate as sent. */
  readonly raw: Uint8Array;
}

/** The certificate in `raw`.  Throws BadOpCert unless ROOT (Ed25519, 32 bytes) signed it. */
export function verifyOpcert(raw: Uint8Array, rootPublic: Uint8Array): OpCert {
  const outer = OUTER.parse(raw);
  const core = CORE.parse(outer.core);
  if (!verify(rootPublic, "opcert", outer.core, outer.sig)) throw new BadOpCert({ reason: "not_signed_by_root" });
  if (core.notAfter < core.notBefore) throw new BadOpCert({ reason: "dates_reversed" });
  return { purpose: core.purpose, public: core.public, notBeforeMs: core.notBefore, notAfterMs: core.notAfter, raw };
}

/** True if this key may sign for `purpose` at that instant. */
export function covers(cert: OpCert, purpose: Purpose, atMs: number): boolean {
  return cert.purpose === purpose && cert.notBeforeMs <= atMs && atMs <= cert.notAfterMs;
}

/** Throws OpCertRefused if `cert` may not sign for `purpose` at that instant. */
export function requireCover(cert: OpCert, purpose: Purpose, atMs: number): void {
  if (cert.purpose !== purpose) throw new OpCertRefused({ reason: "purpose", purpose: cert.purpose });
  if (!covers(cert, purpose, atMs)) throw new OpCertRefused({ reason: "date" });
}
