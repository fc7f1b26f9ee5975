/** Identifiers and hashes as lower-case hexadecimal, which the engine, its maps and its events use throughout. */

import { hex, unhex } from "@miss/core/bytes.js";

export { hex, unhex };
export type { Cid, Did, Mid, Ms, Uid } from "./api.js";
export type BlobId = string;
/** 32 bytes under a domain (protocol §2). */
export type Hash = string;

/** `unhex`, null staying null. */
export function unhexOrNull(text: string | null): Uint8Array | null {
  return text === null ? null : unhex(text);
}
