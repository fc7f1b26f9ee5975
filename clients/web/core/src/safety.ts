/**
 * Safety numbers: two persons confirm, by voice or by QR code, that they see each other's true devices.  protocol §6
 *
 *     number = H("safety", uid_a ‖ head_a ‖ uid_b ‖ head_b)        uid_a < uid_b
 *     card   = [v, uid, head, uid_other, head_other]               shown as a QR code by `uid`
 *
 * A head is the hash of the last link of a chain: it says every device the person ever had.  If both sides compute the
 * same number, no server stands between them with devices of its own.  A comparison holds until one of the two chains
 * grows; six words carry 66 bits of the number, the QR code all of it.
 */

import { concat, equal, hex } from "./bytes.js";
import { BadSafetyCard, SafetyMismatch } from "./errors.js";
import { Form, integer, struct } from "./packing.js";
import { hash, same, VERSION } from "./primitives.js";
import { hash32, id16 } from "./shapes.js";
import { wordsOf } from "./words.js";

const SAFETY_WORDS = 6;
const MAX_CARD_BYTES = 128;

/** What one side sees of both. */
export interface SafetyCard {
  readonly v: number;
  /** Who shows it, and the head of that person's own chain. */
  readonly uid: Uint8Array;
  readonly head: Uint8Array;
  /** The contact, and the head that the first one knows. */
  readonly uidOther: Uint8Array;
  readonly headOther: Uint8Array;
}

const CARD = new Form(
  struct<SafetyCard>({ v: integer(), uid: id16, head: hash32, uidOther: id16, headOther: hash32 }),
  BadSafetyCard,
  MAX_CARD_BYTES,
  VERSION,
);

/** The number (32 bytes) that both sides compute, in either order. */
export function safetyNumber({ uid, head, uidOther, headOther }: Omit<SafetyCard, "v">): Uint8Array {
  const sides = [concat(uid, head), concat(uidOther, headOther)];
  return hash("safety", concat(...sides.sort((left, right) => (hex(left) < hex(right) ? -1 : 1))));
}

/** Six words for the first 66 bits of a number, from a list of 2048 (`words.wordlist`). */
export function safetyWords(number: Uint8Array, words: readonly string[]): readonly string[] {
  return wordsOf(number, SAFETY_WORDS, words);
}

/** What `uid` shows to `uidOther`; `packSafetyCard` gives the content of the QR code. */
export function composeSafetyCard(sides: Omit<SafetyCard, "v">): SafetyCard {
  return { v: VERSION, ...sides };
}

/** The content of the QR code.  Throws BadSafetyCard if a field is out of bounds. */
export function packSafetyCard(card: SafetyCard): Uint8Array {
  return CARD.compose(card);
}

/** The card in a scanned code.  Throws BadSafetyCard, UnsupportedVersion. */
export function parseSafetyCard(data: Uint8Array): SafetyCard {
  return CARD.parse(data);
}

/**
 * Check that the contact's card and one's own say the same.
 *
 * Throws SafetyMismatch: `persons` if the card is not the contact's for oneself, `devices` if the heads differ.
 */
export function compareSafety(scanned: SafetyCard, own: SafetyCard): void {
  if (!equal(scanned.uid, own.uidOther) || !equal(scanned.uidOther, own.uid)) {
    throw new SafetyMismatch({ reason: "persons" });
  }
  if (!same(safetyNumber(scanned), safetyNumber(own))) throw new SafetyMismatch({ reason: "devices" });
}
