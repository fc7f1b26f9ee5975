/**
 * Codes of 26 characters that people read and type: Crockford's base32, 130 bits.  protocol §2
 *
 * The alphabet is the digits and the capital letters without I, L, O and U.  Shown in groups; typed in any case, with
 * spaces and dashes anywhere, I or L for 1 and O for 0.  There is no check character: what a code opens is
 * authenticated, so a typing mistake shows there; a character outside the alphabet shows here, with its place.
 */

import { BadCode, type ErrorClass } from "./errors.js";
import type { RandomBytes } from "./primitives.js";

export const CODE_CHARACTERS = 26;
/** 130 bits, after six zero bits. */
const SECRET_BYTES = 17;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BITS = 5;
/** Five groups of five; the last one has a sixth character. */
const GROUPS = /^(.{5})(.{5})(.{5})(.{5})(.{6})$/;

/** What Python calls space: White_Space and the four separators of ASCII. */
export const SPACE = String.raw`\p{White_Space}\x1c-\x1f`;
/** Dashes of every kind too: keyboards and printers replace the plain one. */
const SEPARATOR = new RegExp(`^[${SPACE}\\p{Pd}]$`, "u");

const CANONICAL: ReadonlyMap<string, string> = new Map([
  ...[...ALPHABET].flatMap((character): [string, string][] => [
    [character, character],
    [character.toLowerCase(), character],
  ]),
  ...[..."IiLl"].map((character): [string, string] => [character, "1"]),
  ...[..."Oo"].map((character): [string, string] => [character, "0"]),
]);

/** A new code, in groups as shown: `XXXXX-XXXXX-XXXXX-XXXXX-XXXXXX`.  Draws 17 random bytes. */
export function composeCode(randomBytes: RandomBytes): string {
  let rest = randomBytes(SECRET_BYTES).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  let code = "";
  while (code.length < CODE_CHARACTERS) {
    code = ALPHABET.charAt(Number(rest & 31n)) + code;
    rest >>= BigInt(BITS);
  }
  return formatCode(code);
}

/** A code as `parseCode` gives it, in groups as shown. */
export function formatCode(code: string): string {
  return code.replace(GROUPS, "$1-$2-$3-$4-$5");
}

/**
 * The 26 characters of the code in `text`, in their canonical form, without separators.
 *
 * Throws `error` with `reason` and the `position` (from 1, separators not counted) of the first character that is not
 * in the alphabet, missing or too many.
 */
export function parseCode(text: string, error: ErrorClass = BadCode): string {
  let code = "";
  for (const character of text) {
    if (SEPARATOR.test(character)) continue;
    const position = code.length + 1;
    if (position > CODE_CHARACTERS) throw new error({ reason: "too_long", position });
    const canonical = CANONICAL.get(character);
    if (canonical === undefined) throw new error({ reason: "alphabet", position });
    code += canonical;
  }
  if (code.length < CODE_CHARACTERS) throw new error({ reason: "too_short", position: code.length + 1 });
  return code;
}

/** What a code says, 17 bytes: its 130 bits, big-endian, left-padded with zeros.  Throws BadCode. */
export function codeSecret(code: string): Uint8Array {
  const secret = new Uint8Array(SECRET_BYTES);
  let rest = [...parseCode(code)].reduce(
    (value, character) => (value << BigInt(BITS)) | BigInt(ALPHABET.indexOf(character)),
    0n,
  );
  for (let at = SECRET_BYTES - 1; at >= 0; at -= 1) {
    secret[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return secret;
}
