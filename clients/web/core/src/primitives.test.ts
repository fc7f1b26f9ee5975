/** What wrong keys and wrong lengths are answered with.  protocol §2 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { concat } from "./bytes.js";
import { BadKey, BadSealed } from "./errors.js";
import { DeviceKeys, SealingKey, sealTo, UserKey } from "./keys.js";
import { derive, open, pad256, type RandomBytes, same, seal, SigningKey, unpad256, verify } from "./primitives.js";

const counted: RandomBytes = (size) => Uint8Array.from({ length: size }, (_, at) => at % 256);
const KEY = counted(32);
const DATA = Uint8Array.of(1, 2, 0, 0);

test("padding comes off only as it was put on", () => {
  for (const size of [0, 1, 255, 256, 257]) {
    const data = counted(size);
    assert.equal(pad256(data).length, 256 * (Math.floor(size / 256) + 1));
    assert.deepEqual(unpad256(pad256(data)), data);
  }
  const padded = pad256(DATA);
  for (const wrong of [new Uint8Array(), new Uint8Array(256), concat(DATA, padded), padded.subarray(1)]) {
    assert.equal(unpad256(wrong), null);
  }
});

test("what is sealed opens with the same key and data only", () => {
  const sealed = seal(KEY, DATA, KEY, counted);
  assert.deepEqual(open(KEY, sealed, KEY), DATA);
  for (const wrong of [sealed.subarray(1), sealed.subarray(0, 39), new Uint8Array()]) {
    assert.equal(open(KEY, wrong, KEY), null);
  }
  assert.equal(open(KEY, sealed, DATA), null);
  assert.equal(open(new Uint8Array(32), sealed, KEY), null);
});

test("a signature counts for its label only", () => {
  const key = new SigningKey(KEY);
  const signature = key.sign("msg", DATA);
  assert.ok(verify(key.public, "msg", DATA, signature));
  assert.ok(!verify(key.public, "read", DATA, signature));
  assert.ok(!verify(KEY, "msg", DATA, signature));
  assert.ok(!verify(key.public.subarray(1), "msg", DATA, signature));
  assert.ok(!verify(key.public, "msg", DATA, concat(signature, DATA)));
});

test("secrets compare by content and length", () => {
  assert.ok(same(KEY, counted(32)));
  assert.ok(!same(KEY, new Uint8Array(32)) && !same(KEY, KEY.subarray(1)));
});

test("keys of another length are refused", () => {
  assert.throws(() => derive(DATA, "msg"), RangeError);
  assert.throws(() => DeviceKeys.fromSecret(KEY), BadKey);
  assert.throws(() => new SealingKey(DATA), BadKey);
  assert.throws(() => new UserKey(1, DATA), BadKey);
  for (const generation of [0, 1.5]) assert.throws(() => new UserKey(generation, KEY), BadKey);
  assert.throws(() => sealTo(KEY, DATA, DATA, counted), BadKey);
});

test("a box opens with its key and its info only", () => {
  const key = new SealingKey(KEY);
  const sealed = sealTo(key.public, DATA, KEY, counted);
  assert.equal(sealed.length, DATA.length + 1136);
  assert.deepEqual(key.open(sealed, KEY), DATA);
  assert.throws(() => key.open(sealed, DATA), BadSealed);
  assert.throws(() => new SealingKey(new Uint8Array(32)).open(sealed, KEY), BadSealed);
  assert.throws(() => key.open(sealed.subarray(0, 1135), KEY), BadSealed);
});
