/**
 * Links: each change of a person's devices, user key or identity is one, hash-chained and signed.  protocol §3
 *
 * This module writes and reads single links; whether a link may follow the ones before it is decided by `chains`.  A
 * link is signed by a device that already counts (`by`), by the device that enters (`new`) and by the operator
 * (`op`), each over the same bytes: the core as sent.
 */

import { BadLink } from "./errors.js";
import type { DeviceKeys, UserKey } from "./keys.js";
import { MAX_LINK_BYTES } from "./limits.js";
import { bytes, choice, Form, integer, nullable, struct, text } from "./packing.js";
import { hash, VERSION } from "./primitives.js";
import { id16, millis, ordinal, sealingPublic, signature, signingPublic } from "./shapes.js";

/** `proof.method` of a recovery key: a device that exists on paper and signs nothing but `recover`. */
export const PAPER = "paper";

const OPS = [
  "genesis", // first device of a person
  "add", // one more device, let in by another
  "revoke", // one device less, and a new user key
  "uek", // a new user key
  "recover", // a new device, let in by the recovery key
  "reset", // everything was lost: the operator alone starts over, loudly
] as const;
/** What a link does. */
export type Op = (typeof OPS)[number];

/** Who the operator certifies this person to be. */
export interface Who {
  /** Number in the national register; empty for somebody who has none (a medical secretary). */
  readonly rpps: string;
  readonly family: string;
  readonly given: string;
  readonly profession: string;
}

/** How the person or the device was recognised, and when. */
export interface Proof {
  /** For instance `activation-code`, `device`, `pro-sante-connect`, `paper`. */
  readonly method: string;
  readonly time: number;
}

/** What the signatures of a link cover. */
export interface LinkCore {
  readonly v: number;
  readonly uid: Uint8Array;
  readonly seq: number;
  /** Hash of the previous link; empty in the first. */
  readonly prev: Uint8Array;
  readonly op: Op;
  /** The device that enters or leaves; for `uek`, the one that made the key. */
  readonly did: Uint8Array;
  /** Keys of the device that enters; null for `revoke` and `uek`. */
  readonly ik: Uint8Array | null;
  readonly ek: Uint8Array | null;
  /** The user key in force after this link. */
  readonly uekGen: number;
  readonly uekPk: Uint8Array;
  /** Required in `genesis` and `reset`; elsewhere only when the identity changes. */
  readonly who: Who | null;
  readonly proof: Proof;
  readonly ts: number;
}

interface Outer {
  readonly core: Uint8Array;
  readonly by: Uint8Array | null;
  readonly bySig: Uint8Array | null;
  readonly newSig: Uint8Array | null;
  readonly opSig: Uint8Array | null;
}

const name = text(1, 120);

const CORE = new Form(
  struct<LinkCore>({
    v: integer(),
    uid: id16,
    seq: ordinal,
    prev: bytes(0, 32),
    op: choice(text(), OPS),
    did: id16,
    ik: nullable(signingPublic),
    ek: nullable(sealingPublic),
    uekGen: ordinal,
    uekPk: sealingPublic,
    who: nullable(
      struct<Who>({ rpps: text(0, 11, /^([0-9]{11})?$/), family: name, given: name, profession: name }),
    ),
    proof: struct<Proof>({ method: text(1, 32, /^[a-z][a-z0-9-]{0,31}$/), time: millis }),
    ts: millis,
  }),
  BadLink,
  MAX_LINK_BYTES,
  VERSION,
);
const OUTER = new Form(
  struct<Outer>({
    core: bytes(0, MAX_LINK_BYTES),
    by: nullable(id16),
    bySig: nullable(signature),
    newSig: nullable(signature),
    opSig: nullable(signature),
  }),
  BadLink,
  MAX_LINK_BYTES,
);

/** A device as others know it. */
export interface DevicePublic {
  readonly did: Uint8Array;
  readonly ik: Uint8Array;
  readonly ek: Uint8Array;
}

/** One link as sent.  Signatures that are still to come are null. */
export interface Link {
  readonly core: LinkCore;
  /** `core` as its author packed it: what is hashed and signed. */
  readonly coreBytes: Uint8Array;
  /** H("link", core): what the next link names as `prev`, and commits as `linkHead`. */
  readonly hash: Uint8Array;
  /** The device that vouches for the change. */
  readonly by: Uint8Array | null;
  readonly bySig: Uint8Array | null;
  readonly newSig: Uint8Array | null;
  readonly opSig: Uint8Array | null;
}

/** The link in `data`, signatures unchecked.  Throws BadLink, UnsupportedVersion. */
export function parseLink(data: Uint8Array): Link {
  const { core, ...signatures } = OUTER.parse(data);
  return { core: CORE.parse(core), coreBytes: core, hash: hash("link", core), ...signatures };
}

/** A link as it is sent.  Throws BadLink if it is too long. */
export function packLink({ coreBytes, by, bySig, newSig, opSig }: Link): Uint8Array {
  return OUTER.compose({ core: coreBytes, by, bySig, newSig, opSig });
}

/** The first link of a person, signed by the first device; the operator's signature is still to come. */
export function composeGenesis(first: {
  readonly uid: Uint8Array;
  readonly did: Uint8Array;
  readonly keys: DeviceKeys;
  readonly userKey: UserKey;
  readonly who: Who;
  readonly proof: Proof;
  readonly tsMs: number;
}): Link {
  const core: LinkCore = {
    v: VERSION,
    uid: first.uid,
    seq: 1,
    prev: new Uint8Array(),
    op: "genesis",
    did: first.did,
    ik: first.keys.ikPublic,
    ek: first.keys.ekPublic,
    uekGen: first.userKey.generation,
    uekPk: first.userKey.public,
    who: first.who,
    proof: first.proof,
    ts: first.tsMs,
  };
  return cosign(wrapCore(core), first.keys);
}

/** `core`, packed and not signed by anybody yet.  Throws BadLink if a field is out of bounds. */
export function wrapCore(core: LinkCore): Link {
  const coreBytes = CORE.compose(core);
  return { core, coreBytes, hash: hash("link", coreBytes), by: null, bySig: null, newSig: null, opSig: null };
}

/** `link`, signed by a device that already counts (for `recover`: by the recovery key). */
export function vouch(link: Link, by: Uint8Array, keys: DeviceKeys): Link {
  return { ...link, by, bySig: keys.ik.sign("link-by", link.coreBytes) };
}

/** `link`, signed by the device that enters: it holds the keys that the link names. */
export function cosign(link: Link, keys: DeviceKeys): Link {
  return { ...link, newSig: keys.ik.sign("link-new", link.coreBytes) };
}
