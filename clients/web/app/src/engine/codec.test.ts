import { expect, test } from "vitest";

import { decodeFrame, encodeFrame } from "./codec.js";
import { hex } from "./ids.js";
import { decode, encode, type Packed, Unreadable } from "./msgpack.js";

const CID = new Uint8Array(32).fill(1);
const UID = new Uint8Array(16).fill(2);

test("MessagePack goes there and back, also across its widths", () => {
  const sizes = [0, 31, 32, 255, 256, 65_535, 65_536];
  const values: Packed[] = [null, true, false, 1.5, -1, -40_000, { a: 1, b: [{}] }];
  for (const at of [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER])
    values.push(at);
  for (const value of values) expect(decode(encode(value))).toEqual(value);
  for (const size of sizes) {
    expect(decode(encode("e".repeat(size)))).toBe("e".repeat(size));
    expect(decode(encode(Array.from({ length: size }, () => 0)))).toHaveLength(size);
    const data = decode(encode([new Uint8Array(size).fill(7), "é"])) as [Uint8Array, string];
    expect([data[0].length, data[0].every((byte) => byte === 7), data[1]]).toEqual([size, true, "é"]);
  }
});

test("MessagePack that claims more than is there, repeats a key, nests without end or goes on is unreadable", () => {
  const bad = [
    [],
    [0xdd, 0xff, 0xff, 0xff, 0xff],
    [0xc6, 0xff, 0, 0, 0, 1],
    [0xa2, 0xff, 0xff],
    [0xc1],
    [0xd4, 1, 1],
    [1, 1],
  ];
  bad.push(
    [0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2],
    Array.from({ length: 100 }, () => 0x91),
    [0xcf, ...Array.from({ length: 8 }, () => 0xff)],
  );
  for (const one of bad) expect(() => decode(Uint8Array.from(one))).toThrow(Unreadable);
});

test("a frame of a later version is read as far as it is known", () => {
  expect(decodeFrame(encode([7, CID, 3, new Uint8Array([9]), 1000, "later"]))).toEqual({
    ...{ kind: "msg", cid: hex(CID), seq: 3, env: new Uint8Array([9]), ts: 1000 },
  });
  expect(decodeFrame(encode([8, CID, 3]))).toEqual({ kind: "recv", cid: hex(CID), seq: 3, uid: null });
  expect(decodeFrame(encode([19, null, "rate", 1.5]))).toMatchObject({
    code: "rate",
    retryAfterS: 1.5,
    fatal: false,
    seq: null,
  });
  const gone = [[4, new Uint8Array(), 5, [CID, null]]];
  expect(decodeFrame(encode([11, 1, CID, gone, false]))).toMatchObject({
    items: [{ gone: { envHash: hex(CID), tombstone: null } }],
  });
  expect(decodeFrame(encode([63, 1]))).toEqual({ kind: "unknown", number: 63, critical: false });
  expect(decodeFrame(encode([64]))).toMatchObject({ critical: true });
});

test("a frame out of bounds is no frame", () => {
  const bad: Packed[] = [
    [],
    [0],
    [128],
    7,
    { a: 1 },
    [7, CID, 0, new Uint8Array([9]), 1],
    [7, UID, 1, new Uint8Array([9]), 1],
  ];
  bad.push(
    [7, CID, 1, new Uint8Array(), 1],
    [7, CID, 1, new Uint8Array(65_537), 1],
    [8, CID, -1],
    [8, CID, 1.5],
    [15, 4],
  );
  bad.push(
    [19, null, "UPPER"],
    [4, Array.from({ length: 1001 }, () => [CID, 1, 1, 1])],
    [3, 1, 1, CID, "t"],
    [21, CID, 1, 5],
  );
  for (const one of bad) expect(() => decodeFrame(encode(one))).toThrow("bad_frame");
  expect(() => decodeFrame(encode([63, new Uint8Array(1024 * 1024 + 65_530)]))).toThrow("bad_frame");
});

test("what a client says is written as the server reads it", () => {
  const frame = encodeFrame({ kind: "pull", ref: 1, cid: hex(CID), fromSeq: 2, toSeq: 9, limit: 1000 });
  expect(decode(frame)).toEqual([10, 1, CID, 2, 9, 1000]);
  const auth = encodeFrame({ kind: "auth", did: hex(UID), ts: 5, sig: new Uint8Array([1]), resume: null });
  expect(decode(auth)).toEqual([2, UID, 5, new Uint8Array([1]), null]);
});
