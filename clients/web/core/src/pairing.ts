/**
 * Pairing: a linked device lets in a new one, over the server, under a code the server never sees.  protocol §5
 *
 * The code (see `codes`) is shown by the device that is linked, as text and as a QR code (see `pairing-uri`), and typed
 * or scanned on the new one.  Both derive from it
 *
 *     p    = H("pairing", 17 bytes of the code)
 *     slot = K(p, "pairing-slot", "")[:16]        where the server keeps the two messages
 *     key  = K(p, "pairing-key", "")              what seals them
 *
 *     offer  = seal(key, [v, did, ik, ek, name], domain("pairing-offer") ‖ slot)                  from the new device
 *     answer = seal(key, [v, root, opcerts, links, link, user_key_box],
 *                   domain("pairing-answer") ‖ slot ‖ H("pairing-offer", offer))                  to it
 *
 * `link` lets the new device in; it is vouched for by the other and not yet cosigned.  130 bits leave nothing to guess,
 * so whoever answers under the key is the device that showed the code.
 */

import { concat, equal } from "./bytes.js";
import { applyLink, type Chain, verifyChain } from "./chains.js";
import { codeSecret, composeCode, parseCode } from "./codes.js";
import { BadPairing, BadPairingCode, BadSealed, PairingMismatch, PairingUnreadable } from "./errors.js";
import { ENCAPSULATION_BYTES } from "./hpke.js";
import { type DeviceKeys, openUserKey, type UserKey } from "./keys.js";
import { MAX_DEVICE_NAME, MAX_LINK_BYTES, MAX_PAIRING_BYTES } from "./limits.js";
import { cosign, type DevicePublic, type Link, packLink, PAPER, parseLink } from "./links.js";
import { bytes, Form, integer, list, struct, text } from "./packing.js";
import {
  derive,
  domain,
  hash,
  KEY_BYTES,
  NONCE_BYTES,
  open,
  type RandomBytes,
  seal,
  TAG_BYTES,
  VERSION,
} from "./primitives.js";
import { id16, sealingPublic, signingPublic } from "./shapes.js";

const SLOT_BYTES = 16;
const EMPTY = new Uint8Array();
const SEAL_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;

/** What a code stands for; nothing prints or serialises the key. */
export class PairingKeys {
  /** 16 bytes: the place on the server. */
  readonly slot: Uint8Array;
  readonly #key: Uint8Array;

  constructor(slot: Uint8Array, key: Uint8Array) {
    this.slot = slot;
    this.#key = key;
  }

  /** `packed`, for the other device only; bound to the label, the place and `more`. */
  seal(label: string, packed: Uint8Array, randomBytes: RandomBytes, more: Uint8Array = EMPTY): Uint8Array {
    return seal(this.#key, packed, concat(domain(label), this.slot, more), randomBytes);
  }

  /** What `seal` sealed.  Throws PairingUnreadable. */
  open(label: string, sealed: Uint8Array, more: Uint8Array = EMPTY): Uint8Array {
    const ad = concat(domain(label), this.slot, more);
    const packed = sealed.length <= MAX_PAIRING_BYTES ? open(this.#key, sealed, ad) : null;
    if (packed === null) throw new PairingUnreadable();
    return packed;
  }
}

/** A device that asks to be let in, and the name it gives itself. */
export interface Offer extends DevicePublic {
  readonly name: string;
}

/** What the linked device tells the new one. */
export interface Answer {
  /** ROOT's public key, which the new device pins. */
  readonly root: Uint8Array;
  readonly opcerts: readonly Uint8Array[];
  /** The person's chain, as sent, from the first link on. */
  readonly links: readonly Uint8Array[];
  /** The `add` of the new device, vouched for and not cosigned. */
  readonly link: Uint8Array;
  /** From `keys.sealUserKey`, to the new device. */
  readonly userKeyBox: Uint8Array;
}

/** A verified answer: the new device sends `link` to the server and then counts. */
export interface Accepted {
  /** The person's chain, before the link. */
  readonly chain: Chain;
  /** Cosigned; the operator countersigns. */
  readonly link: Link;
  readonly userKey: UserKey;
}

interface Versioned {
  readonly v: number;
}

const OFFER = new Form(
  struct<Versioned & Offer>({
    v: integer(),
    did: id16,
    ik: signingPublic,
    ek: sealingPublic,
    name: text(0, MAX_DEVICE_NAME),
  }),
  BadPairing,
  MAX_PAIRING_BYTES,
  VERSION,
);
const ANSWER = new Form(
  struct<Versioned & Answer>({
    v: integer(),
    root: signingPublic,
    opcerts: list(bytes(0, MAX_PAIRING_BYTES)),
    links: list(bytes(0, MAX_PAIRING_BYTES)),
    link: bytes(0, MAX_LINK_BYTES),
    userKeyBox: bytes(KEY_BYTES + ENCAPSULATION_BYTES + TAG_BYTES),
  }),
  BadPairing,
  MAX_PAIRING_BYTES - SEAL_OVERHEAD_BYTES,
  VERSION,
);

/** A new code, in groups as shown. */
export function composePairingCode(randomBytes: RandomBytes): string {
  return composeCode(randomBytes);
}

/** The 26 characters of a typed code.  Throws BadPairingCode with the position of the first wrong one. */
export function parsePairingCode(typed: string): string {
  return parseCode(typed, BadPairingCode);
}

/** The place and the key that a code stands for.  Throws BadPairingCode. */
export function pairingKeys(code: string): PairingKeys {
  const secret = hash("pairing", codeSecret(parsePairingCode(code)));
  return new PairingKeys(derive(secret, "pairing-slot").slice(0, SLOT_BYTES), derive(secret, "pairing-key"));
}

/** The new device's offer, sealed.  Throws BadPairing if its name has over 80 characters. */
export function composeOffer(keys: PairingKeys, offer: Offer, randomBytes: RandomBytes): Uint8Array {
  return keys.seal("pairing-offer", OFFER.compose({ v: VERSION, ...offer }), randomBytes);
}

/** Who asks to be let in.  Throws PairingUnreadable, BadPairing, UnsupportedVersion. */
export function parseOffer(keys: PairingKeys, offer: Uint8Array): Offer {
  const { did, ik, ek, name } = OFFER.parse(keys.open("pairing-offer", offer));
  return { did, ik, ek, name };
}

/**
 * The answer to that very `offer` (as received), sealed.
 *
 * `link`: from `changes.composeAdd`.  Throws BadPairing if it is larger than 1 MiB.
 */
export function composeAnswer(
  keys: PairingKeys,
  offer: Uint8Array,
  answer: Omit<Answer, "link"> & { readonly link: Link },
  randomBytes: RandomBytes,
): Uint8Array {
  const packed = ANSWER.compose({ v: VERSION, ...answer, link: packLink(answer.link) });
  return keys.seal("pairing-answer", packed, randomBytes, hash("pairing-offer", offer));
}

/**
 * What the other device answered to `offer`; its signatures are checked by `acceptAnswer`.
 *
 * Throws PairingUnreadable, BadPairing, UnsupportedVersion.
 */
export function parseAnswer(keys: PairingKeys, offer: Uint8Array, answer: Uint8Array): Answer {
  const { v: _, ...said } = ANSWER.parse(keys.open("pairing-answer", answer, hash("pairing-offer", offer)));
  return said;
}

/**
 * The chain that the new `device` enters, its link cosigned with its `keys`, and the user key.
 *
 * Throws LinkError and BadOpCert for a chain or a link that does not hold, PairingMismatch if the link lets in another
 * device, or does something else, or the user key is not the one of the chain.
 */
export function acceptAnswer(answer: Answer, device: DevicePublic, keys: DeviceKeys, nowMs: number): Accepted {
  const chain = verifyChain(answer.links.map(parseLink), answer.root, answer.opcerts, nowMs);
  const link = cosign(parseLink(answer.link), keys);
  const { op, proof, did, ik, ek } = link.core;
  if (op !== "add" || proof.method === PAPER) throw new PairingMismatch({ part: "operation" });
  const entering = ik !== null && equal(ik, device.ik) && ek !== null && equal(ek, device.ek);
  if (!equal(did, device.did) || !entering) throw new PairingMismatch({ part: "device" });
  const after = applyLink(chain, link);
  const userKey = unbox(answer.userKeyBox, after, device.did, keys);
  if (userKey === null || !equal(userKey.public, after.uekPk)) throw new PairingMismatch({ part: "user_key" });
  return { chain, link, userKey };
}

function unbox(box: Uint8Array, { uid, uekGen }: Chain, did: Uint8Array, keys: DeviceKeys): UserKey | null {
  try {
    return openUserKey(box, uid, did, uekGen, keys);
  } catch (error) {
    if (error instanceof BadSealed) return null;
    throw error;
  }
}
