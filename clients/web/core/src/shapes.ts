/** Identifiers and numbers as they stand in signed objects, with their lengths.  protocol §3 */

import { bytes, integer, text } from "./packing.js";

/** uid, did, mid, blob id. */
export const id16 = bytes(16);
export const hash32 = bytes(32);
export const signature = bytes(64);
/** Ed25519 public key. */
export const signingPublic = bytes(32);
/** X-Wing public key: ML-KEM-768 (1184 bytes) then X25519 (32 bytes). */
export const sealingPublic = bytes(1216);
export const number = integer();
/** Everything that is counted starts at 1; 0 means « none yet ». */
export const ordinal = integer(1);
/** Milliseconds since the Unix epoch, within what calendars know. */
export const millis = integer(0, 2 ** 47 - 1);
/** FINESS number of an establishment (9 characters, a Corsican one with 2A or 2B in front), or empty. */
export const finess = text(0, 9, /^(([0-9]{2}|2[AB])[0-9]{7})?$/);
