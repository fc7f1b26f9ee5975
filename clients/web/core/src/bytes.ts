/** Byte strings: joining, comparing, naming.  Comparison here is for public values; secrets use `primitives.same`. */

/** All `parts`, one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return join(parts);
}

/** As `concat`, for many parts: the arguments of a call are bounded. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** True if both hold the same bytes.  Not in constant time. */
export function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal: the key of maps by uid, did or cid, whose order is that of the bytes. */
export function hex(data: Uint8Array): string {
  let text = "";
  for (const byte of data) text += DIGITS[byte];
  return text;
}

/** The bytes that `hex` wrote. */
export function unhex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new TypeError("not lower-case hexadecimal");
  const data = new Uint8Array(text.length / 2);
  for (let at = 0; at < data.length; at += 1) data[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return data;
}

/** A whole number up to 2⁵³ − 1 as 8 bytes, big-endian: integers inside hashes (protocol, conventions). */
export function uint64(value: number): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, BigInt(value));
  return data;
}
