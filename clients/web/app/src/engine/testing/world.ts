/** An operator and three persons with their keys and chains, for unit tests: everything is signed as it has to be. */

import { concat, uint64 } from "@miss/core/bytes.js";
import { applyLink, type Chain, verifyChain } from "@miss/core/chains.js";
import { type Commit, type Policy, Role } from "@miss/core/commits.js";
import { type Body, sealEnvelope } from "@miss/core/envelopes.js";
import { DeviceKeys, UserKey } from "@miss/core/keys.js";
import { composeGenesis, type Link, packLink } from "@miss/core/links.js";
import { type Author, composeCommit } from "@miss/core/membership.js";
import type { Purpose } from "@miss/core/opcert.js";
import { hash, SigningKey } from "@miss/core/primitives.js";
import type { Leaf } from "@miss/core/receipts.js";

import { hex } from "../ids.js";
import { encode } from "../msgpack.js";
import type { Store } from "../store/store.js";

export const T0 = 1_700_000_000_000;
export const PLAIN: Policy = { ttlS: 0, history: 0, owner: "" };

let drawn = 0;
/** Different bytes at each call, the same in each run. */
export function draw(size: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < size; at += 32) parts.push(hash("test-stream", uint64((drawn += 1))));
  return concat(...parts).slice(0, size);
}

const ROOT = new SigningKey(draw(32));
const OP = new SigningKey(draw(32));
export const ROOT_PUBLIC = ROOT.public;

/** What signs deposit receipts. */
export const RC = new SigningKey(draw(32));

export function certificate(purpose: Purpose, key: SigningKey): Uint8Array {
  const core = encode([1, purpose, key.public, T0 - 1e9, T0 + 1e12]);
  return encode([core, ROOT.sign("opcert", core)]);
}
export const OPCERT = certificate("identity", OP);

/** The proof of one deposit, alone in its batch. */
export function depositReceipt({ cid, envHash, log, seq, serverTs }: Leaf, key = RC): Uint8Array {
  const leaf = [cid, seq, envHash, log, serverTs];
  return encode([1, leaf, [], key.sign("deposit", hash("leaf", encode(leaf)))]);
}

/** ROOT's word, or that of another `key`, that the server was restored: number, hash before, time. */
export function restoration(epoch: number, prev: Uint8Array, restoredTo: number, key = ROOT): Uint8Array {
  const core = encode([1, epoch, prev, restoredTo, T0]);
  return encode([core, key.sign("restoration-root", core)]);
}

export interface Person extends Author {
  readonly id: string;
  readonly didId: string;
  readonly userKey: UserKey;
  readonly link: Link;
  readonly chain: Chain;
}

export function person(family: string): Person {
  const [uid, did] = [draw(16), draw(16)];
  const [keys, userKey] = [DeviceKeys.generate(draw), UserKey.generate(1, draw)];
  const who = { rpps: "99900000011", family, given: "Test", profession: "10" };
  const proof = { method: "activation-code", time: T0 };
  const made = composeGenesis({ uid, did, keys, userKey, who, proof, tsMs: T0 });
  const link = { ...made, opSig: OP.sign("link-op", made.coreBytes) };
  const chain = verifyChain([link], ROOT.public, [OPCERT]);
  return { uid, did, keys, userKey, link, chain, id: hex(uid), didId: hex(did) };
}

export const [ALICE, BOB, CAROL] = [person("MODELE"), person("EXEMPLE"), person("TEMOIN")] as const;
const EVERYBODY = [ALICE, BOB, CAROL] as const;
export { applyLink };

/** Alice's next commit, with these members; all but her are plain ones. */
export function nextCommit(
  previous: Commit | null,
  members: readonly Person[],
  policy = PLAIN,
): { commit: Commit; es: Uint8Array } {
  return composeCommit({
    author: ALICE,
    members: new Map(members.map((one) => [one.id, one === ALICE ? Role.ADMIN : Role.MEMBER])),
    policy,
    chains: new Map(EVERYBODY.map((one) => [one.id, one.chain])),
    randomBytes: draw,
    previous,
    secrets: new Map(),
  });
}

/** Let the store be that of `owner`'s device, who has met everybody. */
export async function linkStore(store: Store, owner: Person): Promise<void> {
  await store.transaction(() => {
    const link = packLink(owner.link);
    const server = { serverUrl: "https://chat.example", root: ROOT_PUBLIC, link, isLinked: false };
    store.device.keep({ uid: owner.id, did: owner.didId, keys: owner.keys, ...server }, owner.userKey);
    store.device.markLinked();
    store.device.addOpcerts([OPCERT]);
    for (const one of EVERYBODY) store.people.append(one.id, 1, [packLink(one.link)]);
  });
}

/** An envelope of `author`, under `commit`. */
export function envelope(author: Person, commit: Commit, es: Uint8Array, body: Partial<Body> = {}): Uint8Array {
  const whole: Body = {
    ...{ mid: draw(16), ts: T0, type: "text", text: "", reply: null, att: [], seen: null, urgent: false, mentions: [] },
    ...body,
  };
  return sealEnvelope({
    es,
    commit,
    did: author.did,
    ik: author.keys.ik,
    body: whole,
    randomBytes: draw,
    n: 0,
    alarm: null,
  });
}
