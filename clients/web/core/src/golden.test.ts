/**
 * The samples of version 1, kept for ever: keys, chains, conversations.
 *
 * A test that fails here means that the wire or the objects changed: make a new version instead.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import sodium from "libsodium-wrappers-sumo";

import { decryptBlob, encryptBlob, hashBlob } from "./attachments.js";
import { signAuth, verifyAuth } from "./auth.js";
import { concat, hex, join, uint64, unhex } from "./bytes.js";
import { HistoryPolicy, openBox, openHistory, parseCommit, Role } from "./commits.js";
import { hashEnvelope, openEnvelope } from "./envelopes.js";
import { chainOf, keysOf, NAMES, ROOT, userKeyOf, V1 } from "./golden-samples.js";
import { openUserKey } from "./keys.js";
import { parseLink } from "./links.js";
import { verifyCommit } from "./membership.js";
import { verifyOpcert } from "./opcert.js";
import { derive, hash } from "./primitives.js";
import { coversEnvelope, logNext, logStart, parseReceipt, verifyReadReceipt, verifyReceipt } from "./receipts.js";

const ABC = new TextEncoder().encode("abc");
const known = new Map(NAMES.map((name) => [V1.keys[name].uid, chainOf(name)]));
const [first, second] = [parseCommit(unhex(V1.commits[0].bytes)), parseCommit(unhex(V1.commits[1].bytes))];
const env = unhex(V1.envelope.bytes);
const opened = () => openEnvelope(env, unhex(V1.commits[0].es), first, known);

test("primitives", () => {
  assert.equal(hex(hash("env", ABC)), V1.primitives.hash_env_of_abc);
  assert.equal(hex(derive(new Uint8Array(32), "msg", ABC)), V1.primitives.derive_msg_of_abc_with_zero_key);
  assert.equal(hex(keysOf("alice").ik.sign("read", ABC)), V1.primitives.sign_read_of_abc_by_alice);
});

test("public keys follow from the secrets", () => {
  for (const name of NAMES) {
    const { ik, ek, uek_pk } = V1.keys[name];
    const keys = keysOf(name);
    assert.deepEqual([hex(keys.ikPublic), hex(keys.ekPublic), hex(userKeyOf(name).public)], [ik, ek, uek_pk]);
  }
});

test("a sealed user key", () => {
  const { uid, did, user_key } = V1.keys.bob;
  const sealed = unhex(V1.keys.bobs_user_key_sealed_to_his_device);
  assert.equal(hex(openUserKey(sealed, unhex(uid), unhex(did), 1, keysOf("bob")).toSecret()), user_key);
});

test("links", () => {
  const links = V1.links.every_operation.map((link) => parseLink(unhex(link)));
  assert.deepEqual(
    links.map((link) => hex(link.hash)),
    V1.links.heads,
  );
  const { seq, uekGen, resets, devices } = chainOf("every_operation");
  assert.deepEqual([seq, uekGen, resets, devices.size], [7, 4, 1, 1]);
  assert.equal(chainOf("bob").who.family, "Bernard");
});

test("commits", () => {
  verifyCommit(first, null, known);
  verifyCommit(second, first, known);
  assert.deepEqual([hex(first.hash), hex(first.core.cid)], [V1.commits[0].hash, V1.commits[0].cid]);
  assert.equal(hex(second.hash), V1.commits[1].hash);
  for (const name of NAMES) {
    const uid = unhex(V1.keys[name].uid);
    assert.equal(hex(openBox(second, uid, userKeyOf(name))), V1.commits[1].es);
  }
  const secrets = openHistory(second, unhex(V1.keys.carol.uid), userKeyOf("carol"), new Map([[1, first]]));
  assert.deepEqual([...secrets], [[1, unhex(V1.commits[0].es)]]);
  assert.deepEqual(first.core.policy, { ttlS: 86_400, history: HistoryPolicy.EVERYTHING, owner: "990000017" });
  assert.deepEqual(
    second.core.members.map((member) => member.role),
    [Role.ADMIN, Role.MEMBER, Role.MEMBER],
  );
});

test("an envelope", () => {
  const { uid, header, body } = opened();
  assert.equal(hex(hashEnvelope(env)), V1.envelope.hash);
  assert.equal(hex(uid), V1.keys.bob.uid);
  assert.deepEqual([body.text, hex(body.mid), header.n], [V1.envelope.text, V1.envelope.mid, 3]);
  assert.deepEqual([body.urgent, body.mentions.map(hex)], [true, [V1.keys.alice.uid]]);
  assert.deepEqual(header.blobs, [body.att[0]?.blob]);
});

test("an attachment", () => {
  const [attachment] = opened().body.att;
  assert.ok(attachment);
  const file = sodium.crypto_xof_shake256(70_000, concat(new TextEncoder().encode("golden file"), uint64(1)));
  const prefix = unhex(V1.blob.start).slice(0, 16);
  const blob = join([...encryptBlob([file], file.length, attachment.key, prefix)]);
  assert.equal(hex(hashBlob(blob)), V1.blob.bytes_hash);
  assert.deepEqual([hex(blob.slice(0, 64)), hex(blob.slice(-64))], [V1.blob.start, V1.blob.end]);
  assert.deepEqual(decryptBlob(blob, attachment), file);
});

test("receipts", () => {
  const receipt = parseReceipt(unhex(V1.deposit_receipt));
  verifyReceipt(receipt, verifyOpcert(unhex(V1.opcerts.receipt), ROOT));
  assert.ok(coversEnvelope(receipt, env));
  assert.ok(!coversEnvelope(receipt, env.slice(1)));
  const log = logNext(logStart(first.core.cid), hashEnvelope(env), 1);
  assert.deepEqual([hex(log), hex(receipt.leaf.log)], [V1.log, V1.log]);
  const read = verifyReadReceipt(unhex(V1.read_receipt), chainOf("alice"));
  assert.deepEqual([read.seq, hex(read.log)], [1, V1.log]);
});

test("certificates", () => {
  for (const purpose of ["identity", "receipt"] as const) {
    assert.equal(verifyOpcert(unhex(V1.opcerts[purpose]), ROOT).purpose, purpose);
  }
});

test("authentication", () => {
  const { nonce, host, sig } = V1.auth;
  const { ik, ikPublic } = keysOf("alice");
  assert.ok(verifyAuth(ikPublic, unhex(nonce), host, unhex(sig)));
  assert.equal(hex(signAuth(ik, unhex(nonce), host)), sig);
});

test("secrets do not show", () => {
  const keys = keysOf("alice");
  const shown = JSON.stringify([keys, keys.ik, userKeyOf("alice")]) + String(keys);
  assert.ok(!shown.includes("secret") && !shown.includes("seed") && !shown.includes("private"));
});
