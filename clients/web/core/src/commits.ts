/**
 * Commits: who is in a conversation from an epoch on, and the secret of that epoch, sealed to each.  protocol §3, §4
 *
 * This module holds the object: its bytes, its hashes, its boxes.  Who may commit what is decided by `membership`.
 *
 * The boxes are hashed one by one and their digests together, so that a commit can travel with digests in place of
 * boxes (a member needs one box of five hundred) and still be verified whole.
 */

import { concat, equal, hex, join, uint64 } from "./bytes.js";
import {
  BadCommit,
  BadSealed,
  BoxMissing,
  BoxUnreadable,
  UnsupportedSuite,
  WrongConfirmation,
  WrongUserKey,
} from "./errors.js";
import type { UserKey } from "./keys.js";
import { MAX_COMMIT_BYTES, MAX_MEMBERS } from "./limits.js";
import { bytes, choice, Form, integer, list, pack, struct } from "./packing.js";
import { derive, domain, HASH_BYTES, hash, KEY_BYTES, same, SUITE, VERSION } from "./primitives.js";
import { finess, hash32, id16, number, ordinal, signature } from "./shapes.js";

/** A history box holds 40 bytes an epoch; a secret's box is 1168 bytes. */
const MAX_BOX_BYTES = 256 * 1024;

/** What a member may commit: MEMBER a new secret; ADMIN also members, roles and policy. */
export const Role = { MEMBER: 1, ADMIN: 2 } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** What a newcomer may read of the time before: NOTHING, or EVERYTHING that retention has left. */
export const HistoryPolicy = { NOTHING: 0, EVERYTHING: 1 } as const;
export type HistoryPolicy = (typeof HistoryPolicy)[keyof typeof HistoryPolicy];

/** One person in a conversation, pinned to a state of that person's chain. */
export interface Member {
  readonly uid: Uint8Array;
  readonly linkHead: Uint8Array;
  readonly uekGen: number;
  readonly role: Role;
}

/** What the members agreed on. */
export interface Policy {
  /** Seconds after which the server deletes an envelope and its blobs; 0: the server's own retention. */
  readonly ttlS: number;
  readonly history: HistoryPolicy;
  /** FINESS number of the establishment that owns the care team; empty: only its members.  It never changes. */
  readonly owner: string;
}

/** What a box is bound to: the core up to its author, since the hashes of the boxes come after. */
interface Content {
  readonly v: number;
  readonly suite: number;
  /** Empty only while the first core is hashed (`conversationId`). */
  readonly cid: Uint8Array;
  readonly epoch: number;
  /** Hash of the previous commit; empty in the first. */
  readonly prev: Uint8Array;
  /** In ascending order of `uid`. */
  readonly members: readonly Member[];
  readonly policy: Policy;
  /** The author, and the device that signs. */
  readonly uid: Uint8Array;
  readonly did: Uint8Array;
}

/** What the confirmation and the signature of a commit cover. */
export interface CommitCore extends Content {
  readonly boxesHash: Uint8Array;
  readonly historyHash: Uint8Array;
}

/** Something sealed to one member's user key, or its 32-byte digest. */
export interface Box {
  readonly uid: Uint8Array;
  readonly sealed: Uint8Array;
}

interface Outer {
  readonly core: Uint8Array;
  readonly conf: Uint8Array;
  readonly sig: Uint8Array;
  readonly boxes: readonly Box[];
  readonly history: readonly Box[];
}

interface Secret {
  readonly epoch: number;
  readonly es: Uint8Array;
}

const content = {
  v: integer(),
  suite: number,
  cid: bytes(0, HASH_BYTES),
  epoch: ordinal,
  prev: bytes(0, HASH_BYTES),
  members: list(
    struct<Member>({ uid: id16, linkHead: hash32, uekGen: ordinal, role: choice(integer(), Object.values(Role)) }),
    1,
    MAX_MEMBERS,
  ),
  policy: struct<Policy>({ ttlS: number, history: choice(integer(), Object.values(HistoryPolicy)), owner: finess }),
  uid: id16,
  did: id16,
};
const CONTENT = struct<Content>(content);
const CORE_SHAPE = struct<CommitCore>({
  ...content,
  boxesHash: bytes(0, HASH_BYTES),
  historyHash: bytes(0, HASH_BYTES),
});
const boxes = list(struct<Box>({ uid: id16, sealed: bytes(HASH_BYTES, MAX_BOX_BYTES) }), 0, MAX_MEMBERS);

const CORE = new Form(CORE_SHAPE, BadCommit, MAX_COMMIT_BYTES, VERSION);
const OUTER = new Form(
  struct<Outer>({ core: bytes(0, MAX_COMMIT_BYTES), conf: hash32, sig: signature, boxes, history: boxes }),
  BadCommit,
  MAX_COMMIT_BYTES,
);
const HISTORY = new Form(
  struct<{ readonly secrets: readonly Secret[] }>({
    secrets: list(struct<Secret>({ epoch: ordinal, es: bytes(KEY_BYTES) })),
  }),
  BadCommit,
  MAX_BOX_BYTES,
);

/** One commit as sent; the boxes may be digests. */
export interface Commit {
  readonly core: CommitCore;
  readonly coreBytes: Uint8Array;
  readonly conf: Uint8Array;
  readonly sig: Uint8Array;
  readonly boxes: readonly Box[];
  readonly history: readonly Box[];
  /** H("commit", core ‖ conf): what the next commit names as `prev`, and envelopes in their header. */
  readonly hash: Uint8Array;
}

/** The commit made of these parts, with its hash. */
export function assembleCommit(parts: Omit<Commit, "hash">): Commit {
  return { ...parts, hash: hash("commit", concat(parts.coreBytes, parts.conf)) };
}

/** core ‖ conf, which the author's device signs. */
export function signedBytes(commit: Commit): Uint8Array {
  return concat(commit.coreBytes, commit.conf);
}

/** A commit as it is sent.  Throws BadCommit if it is too long. */
export function packCommit({ coreBytes, conf, sig, boxes, history }: Commit): Uint8Array {
  return OUTER.compose({ core: coreBytes, conf, sig, boxes, history });
}

export function memberOf({ core }: Commit, uid: Uint8Array): Member | null {
  return core.members.find((member) => equal(member.uid, uid)) ?? null;
}

/** The box of one member; null if it is not there or only its digest. */
export function boxOf(commit: Commit, uid: Uint8Array): Uint8Array | null {
  return find(commit.boxes, uid);
}

/** The history sealed to one newcomer; null as for `boxOf`. */
export function historyBoxOf(commit: Commit, uid: Uint8Array): Uint8Array | null {
  return find(commit.history, uid);
}

function find(among: readonly Box[], uid: Uint8Array): Uint8Array | null {
  return among.find((box) => equal(box.uid, uid) && !isDigest(box))?.sealed ?? null;
}

function isDigest(box: Box): boolean {
  return box.sealed.length === HASH_BYTES;
}

/** H("box", sealed), which stands for the box wherever the box itself is left out. */
function digest(box: Box): Uint8Array {
  return isDigest(box) ? box.sealed : hash("box", box.sealed);
}

/**
 * This commit, received with digests, with one member's box put back.
 *
 * Throws BadCommit if it is not the one that the commit hashes.
 */
export function withBox(commit: Commit, uid: Uint8Array, sealed: Uint8Array, history: Uint8Array | null): Commit {
  return {
    ...commit,
    boxes: putBack(commit.boxes, { uid, sealed }),
    history: history === null ? commit.history : putBack(commit.history, { uid, sealed: history }),
  };
}

function putBack(among: readonly Box[], full: Box): readonly Box[] {
  const wanted = digest(full);
  if (!among.some((box) => equal(box.uid, full.uid) && equal(digest(box), wanted))) {
    throw new BadCommit({ reason: "another_box" });
  }
  return among.map((box) => (equal(box.uid, full.uid) ? full : box));
}

/**
 * The commit in `data`: well formed, its boxes those it hashes, its `cid` its own.  Nothing signed is checked.
 *
 * Throws BadCommit, UnsupportedVersion, UnsupportedSuite.
 */
export function parseCommit(data: Uint8Array): Commit {
  const outer = OUTER.parse(data);
  const core = parseCore(outer.core);
  const named = join(outer.boxes.map((box) => box.uid));
  if (!equal(named, join(core.members.map((member) => member.uid)))) {
    throw new BadCommit({ reason: "boxes_of_others" });
  }
  if (!ascending(outer.history)) throw new BadCommit({ reason: "history_order" });
  if (!equal(core.boxesHash, boxesHash(outer.boxes)) || !equal(core.historyHash, historyHash(outer.history))) {
    throw new BadCommit({ reason: "boxes_hash" });
  }
  return assembleCommit({ ...outer, core, coreBytes: outer.core });
}

/** The core of a commit, with the rules that concern it alone. */
function parseCore(data: Uint8Array): CommitCore {
  const core = CORE.parse(data);
  if (core.suite !== SUITE) throw new UnsupportedSuite({ suite: core.suite });
  if (!ascending(core.members)) throw new BadCommit({ reason: "member_order" });
  const first = core.epoch === 1;
  if (core.prev.length !== (first ? 0 : HASH_BYTES)) throw new BadCommit({ reason: "prev" });
  if (core.cid.length !== HASH_BYTES || (first && !equal(core.cid, conversationId(core)))) {
    throw new BadCommit({ reason: "cid" });
  }
  return core;
}

function ascending(among: readonly { readonly uid: Uint8Array }[]): boolean {
  const uids = among.map(({ uid }) => hex(uid));
  return uids.every((uid, at) => at === 0 || (uids[at - 1] ?? "") < uid);
}

/** The bytes of a core, as its author sends them.  Throws BadCommit if a field is out of bounds. */
export function packCore(core: CommitCore): Uint8Array {
  return CORE.compose(core);
}

/** `cid`: H("conversation", the first core with an empty `cid`). */
export function conversationId(first: CommitCore): Uint8Array {
  return hash("conversation", pack(CORE_SHAPE, { ...first, cid: new Uint8Array() }));
}

/** H("boxes", uid ‖ digest of each box, in the order of the members). */
export function boxesHash(all: readonly Box[]): Uint8Array {
  return hash("boxes", join(all.flatMap((box) => [box.uid, digest(box)])));
}

/** H("history-boxes", uid ‖ digest of each history box, in ascending order of `uid`). */
export function historyHash(all: readonly Box[]): Uint8Array {
  return hash("history-boxes", join(all.flatMap((box) => [box.uid, digest(box)])));
}

/** `conf`: K(ES, "confirm", H("core", core)); whoever opens a box checks it. */
export function confirmation(es: Uint8Array, coreBytes: Uint8Array): Uint8Array {
  return derive(es, "confirm", hash("core", coreBytes));
}

/** What a box is for. */
export type Label = "box" | "history";

/** What a box is bound to: the commit's own content (`hashContent`), the member and the generation of their key. */
export function boxInfo(label: Label, contentHash: Uint8Array, uid: Uint8Array, uekGen: number): Uint8Array {
  return concat(domain(label), contentHash, uid, uint64(uekGen));
}

/** H("content", …); in the first commit `cid`, which depends on the hashes of the boxes, is empty. */
export function hashContent(core: Content): Uint8Array {
  return hash("content", pack(CONTENT, core.epoch === 1 ? { ...core, cid: new Uint8Array() } : core));
}

/**
 * ES, the secret of the commit's epoch (32 bytes), from the box of member `uid`.
 *
 * Throws BoxMissing, WrongUserKey, BoxUnreadable, WrongConfirmation.
 */
export function openBox(commit: Commit, uid: Uint8Array, userKey: UserKey): Uint8Array {
  const es = openSealed(commit, uid, userKey, boxOf(commit, uid), "box");
  requireConfirmed(commit, es);
  return es;
}

/** Throws WrongConfirmation unless `es` is the secret that the commit confirms. */
export function requireConfirmed(commit: Commit, es: Uint8Array): void {
  if (es.length !== KEY_BYTES || !same(confirmation(es, commit.coreBytes), commit.conf)) {
    throw new WrongConfirmation({ epoch: commit.core.epoch });
  }
}

/**
 * The secrets of earlier epochs that the author of `commit` passed on to the newcomer `uid`, by epoch.
 *
 * `commits`: the earlier commits, verified, by epoch; each secret is checked against its own.  Throws as `openBox`, and
 * BoxMissing for an epoch that is not in `commits`.
 */
export function openHistory(
  commit: Commit,
  uid: Uint8Array,
  userKey: UserKey,
  commits: ReadonlyMap<number, Commit>,
): ReadonlyMap<number, Uint8Array> {
  const packed = openSealed(commit, uid, userKey, historyBoxOf(commit, uid), "history");
  const secrets = new Map(HISTORY.parse(packed).secrets.map(({ epoch, es }) => [epoch, es]));
  for (const [epoch, es] of secrets) {
    const own = commits.get(epoch);
    if (own === undefined) throw new BoxMissing({ epoch });
    requireConfirmed(own, es);
  }
  return secrets;
}

/** What a history box holds: [[[epoch, ES], …]], in ascending order of epoch. */
export function packHistory(secrets: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const ordered = [...secrets].sort(([left], [right]) => left - right);
  return HISTORY.compose({ secrets: ordered.map(([epoch, es]) => ({ epoch, es })) });
}

function openSealed(
  commit: Commit,
  uid: Uint8Array,
  userKey: UserKey,
  sealed: Uint8Array | null,
  label: Label,
): Uint8Array {
  const member = memberOf(commit, uid);
  if (member === null || sealed === null) throw new BoxMissing({ epoch: commit.core.epoch });
  if (member.uekGen !== userKey.generation) {
    throw new WrongUserKey({ wanted: member.uekGen, given: userKey.generation });
  }
  try {
    return userKey.open(sealed, boxInfo(label, hashContent(commit.core), uid, member.uekGen));
  } catch (error) {
    if (error instanceof BadSealed) throw new BoxUnreadable({ epoch: commit.core.epoch });
    throw error;
  }
}
