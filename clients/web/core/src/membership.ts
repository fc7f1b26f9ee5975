/**
 * Who may commit what, and how a commit comes about.  protocol §4
 *
 * The server and every client run the same `verifyCommit`.  That a commit names the last states of the chains and that
 * its epoch is free, only the server can tell.
 */

import { equal, hex } from "./bytes.js";
import { type Chain, signerAt, stateAt } from "./chains.js";
import {
  assembleCommit,
  type Box,
  boxesHash,
  boxInfo,
  type Commit,
  type CommitCore,
  confirmation,
  conversationId,
  hashContent,
  historyHash,
  HistoryPolicy,
  type Label,
  type Member,
  memberOf,
  packCore,
  packHistory,
  type Policy,
  Role,
  signedBytes,
} from "./commits.js";
import {
  CommitForged,
  CommitNotAllowed,
  CommitOutOfOrder,
  CommitStale,
  UnknownLinkHead,
  UnsupportedSuite,
} from "./errors.js";
import { type DeviceKeys, sealTo } from "./keys.js";
import { KEY_BYTES, type RandomBytes, SUITE, VERSION, verify } from "./primitives.js";

/** The verified chains at hand, by uid in hexadecimal. */
export type Chains = ReadonlyMap<string, Chain>;

/** Who commits, on which device, with which keys. */
export interface Author {
  readonly uid: Uint8Array;
  readonly did: Uint8Array;
  readonly keys: DeviceKeys;
}

/** What the next commit is to say. */
export interface NextCommit {
  readonly author: Author;
  /** Everybody in the new epoch by uid in hexadecimal, the author included. */
  readonly members: ReadonlyMap<string, Role>;
  readonly policy: Policy;
  /** The current chain of each member. */
  readonly chains: Chains;
  readonly randomBytes: RandomBytes;
  /** Null for the first commit. */
  readonly previous: Commit | null;
  /** ES of earlier epochs, by epoch; if the policy opens history they are sealed to each newcomer. */
  readonly secrets: ReadonlyMap<number, Uint8Array>;
}

/** A commit and the fresh secret ES of its epoch. */
export interface Composed {
  readonly commit: Commit;
  readonly es: Uint8Array;
}

/** The next commit and its ES.  Throws what `verifyCommit` throws if it would be refused. */
export function composeCommit(next: NextCommit): Composed {
  const steps = compose(next);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same in steps of one box each, a millisecond or two, for whoever has something else to do between them. */
export function* compose(next: NextCommit): Generator<void, Composed, void> {
  const { author, policy, previous, randomBytes, secrets } = next;
  const empty = new Uint8Array();
  const es = randomBytes(KEY_BYTES);
  const start: CommitCore = {
    v: VERSION,
    suite: SUITE,
    cid: previous?.core.cid ?? empty,
    epoch: (previous?.core.epoch ?? 0) + 1,
    prev: previous?.hash ?? empty,
    members: [...next.members].sort().map(([uid, role]) => pin(chainOf(uid, next.chains), role)),
    policy,
    uid: author.uid,
    did: author.did,
    boxesHash: empty,
    historyHash: empty,
  };
  const contentHash = hashContent(start);
  const boxes = yield* sealAll(start.members, contentHash, next, es, "box");
  const opens = previous !== null && secrets.size > 0 && policy.history === HistoryPolicy.EVERYTHING;
  const packed = opens ? packHistory(secrets) : empty;
  const history = opens ? yield* sealAll(newcomers(start, previous), contentHash, next, packed, "history") : [];
  const hashed = { ...start, boxesHash: boxesHash(boxes), historyHash: historyHash(history) };
  const core = previous === null ? { ...hashed, cid: conversationId(hashed) } : hashed;
  const coreBytes = packCore(core);
  const unsigned = assembleCommit({ core, coreBytes, conf: confirmation(es, coreBytes), sig: empty, boxes, history });
  const commit = { ...unsigned, sig: author.keys.ik.sign("commit", signedBytes(unsigned)) };
  verifyCommit(commit, previous, next.chains);
  return { commit, es };
}

function pin(chain: Chain, role: Role): Member {
  return { uid: chain.uid, linkHead: chain.head, uekGen: chain.uekGen, role };
}

function* sealAll(
  members: readonly Member[],
  contentHash: Uint8Array,
  { chains, randomBytes }: NextCommit,
  plaintext: Uint8Array,
  label: Label,
): Generator<void, readonly Box[], void> {
  const boxes: Box[] = [];
  for (const { uekGen, uid } of members) {
    const { uekPk } = chainOf(hex(uid), chains);
    boxes.push({ uid, sealed: sealTo(uekPk, plaintext, boxInfo(label, contentHash, uid, uekGen), randomBytes) });
    yield;
  }
  return boxes;
}

function chainOf(uid: string, chains: Chains): Chain {
  const chain = chains.get(uid);
  if (chain === undefined) throw new UnknownLinkHead({ uid, seq: 0 });
  return chain;
}

function newcomers(core: CommitCore, previous: Commit): readonly Member[] {
  return core.members.filter((member) => memberOf(previous, member.uid) === null);
}

/**
 * Check a parsed commit against the one before (null for the first) and the members' verified chains.
 *
 * Throws UnknownLinkHead if a chain at hand is missing or too old, CommitOutOfOrder, CommitStale, CommitNotAllowed,
 * CommitForged, UnsupportedSuite.
 */
export function verifyCommit(commit: Commit, previous: Commit | null, chains: Chains): void {
  checkOrder(commit, previous);
  for (const member of commit.core.members) checkMember(member, previous, chains);
  checkAuthor(commit, previous);
  checkRights(commit, previous);
  checkHistory(commit, previous);
  checkSignature(commit, chains);
}

function checkOrder({ core }: Commit, previous: Commit | null): void {
  if (previous === null) {
    if (core.epoch !== 1) throw new CommitOutOfOrder({ epoch: core.epoch, expected: 1 });
    return;
  }
  const expected = previous.core.epoch + 1;
  if (!equal(core.cid, previous.core.cid) || core.epoch !== expected || !equal(core.prev, previous.hash)) {
    throw new CommitOutOfOrder({ epoch: core.epoch, expected });
  }
  // Cryptography never changes downwards inside a conversation; with one suite, never at all (protocol §1).
  if (core.suite !== previous.core.suite) throw new UnsupportedSuite({ suite: core.suite });
}

/** The member's pinned state exists, has that user key, and is not older than the one pinned before. */
function checkMember(member: Member, previous: Commit | null, chains: Chains): void {
  const uid = hex(member.uid);
  const state = stateAt(chainOf(uid, chains), member.linkHead);
  if (state.uekGen !== member.uekGen) throw new CommitStale({ reason: "uek_gen", uid });
  const pinned = previous === null ? null : memberOf(previous, member.uid);
  if (pinned === null) return;
  try {
    stateAt(state, pinned.linkHead);
  } catch (error) {
    if (error instanceof UnknownLinkHead) throw new CommitStale({ reason: "rollback", uid });
    throw error;
  }
}

function checkAuthor(commit: Commit, previous: Commit | null): void {
  const { uid } = commit.core;
  if (memberOf(commit, uid) === null || (previous !== null && memberOf(previous, uid) === null)) {
    throw new CommitNotAllowed({ rule: "author_not_member" });
  }
}

/** Only an admin of the epoch before changes members, roles or policy; a conversation keeps an admin and owner. */
function checkRights(commit: Commit, previous: Commit | null): void {
  const { core } = commit;
  if (!core.members.some((member) => member.role === Role.ADMIN)) throw new CommitNotAllowed({ rule: "no_admin" });
  const rank = memberOf(previous ?? commit, core.uid)?.role;
  if (changes(core, previous) && rank !== Role.ADMIN) throw new CommitNotAllowed({ rule: "admin_only" });
  if (previous !== null && core.policy.owner !== previous.core.policy.owner) {
    throw new CommitNotAllowed({ rule: "owner" });
  }
}

function changes({ members, policy }: CommitCore, previous: Commit | null): boolean {
  if (previous === null) return true;
  const before = previous.core;
  return (
    members.length !== before.members.length ||
    members.some((member) => memberOf(previous, member.uid)?.role !== member.role) ||
    policy.ttlS !== before.policy.ttlS ||
    policy.history !== before.policy.history ||
    policy.owner !== before.policy.owner
  );
}

/** History goes to newcomers only, and only if the policy opens it. */
function checkHistory({ core, history }: Commit, previous: Commit | null): void {
  if (history.length === 0) return;
  if (core.policy.history === HistoryPolicy.NOTHING) throw new CommitNotAllowed({ rule: "history_closed" });
  const entitled = new Set(previous === null ? [] : newcomers(core, previous).map(({ uid }) => hex(uid)));
  if (!history.every(({ uid }) => entitled.has(hex(uid)))) throw new CommitNotAllowed({ rule: "history_not_newcomer" });
}

function checkSignature(commit: Commit, chains: Chains): void {
  const { core } = commit;
  const member = memberOf(commit, core.uid);
  const device = member === null ? null : signerAt(chainOf(hex(core.uid), chains), member.linkHead, core.did);
  if (device === null || !verify(device.ik, "commit", signedBytes(commit), commit.sig)) {
    throw new CommitForged({ epoch: core.epoch });
  }
}
