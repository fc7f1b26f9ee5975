/** The canonical form: what is written, and that nothing else is read.  protocol §3 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { concat, equal, hex, uint64, unhex } from "./bytes.js";
import { BadLink, UnsupportedVersion } from "./errors.js";
import { boolean, bytes, choice, Form, integer, list, nullable, pack, type Shape, struct, text } from "./packing.js";

const refused = (reason: string) => (error: unknown) => error instanceof BadLink && error.params["reason"] === reason;

function read<T>(shape: Shape<T>, packed: string): T {
  return new Form(shape, BadLink, 100_000).parse(unhex(packed));
}

test("a number takes the fewest bytes", () => {
  const forms: readonly [number, string][] = [
    [0, "00"],
    [127, "7f"],
    [128, "cc80"],
    [255, "ccff"],
    [256, "cd0100"],
    [65_535, "cdffff"],
    [65_536, "ce00010000"],
    [2 ** 32 - 1, "ceffffffff"],
    [2 ** 32, "cf0000000100000000"],
    [Number.MAX_SAFE_INTEGER, "cf001fffffffffffff"],
  ];
  for (const [value, packed] of forms) {
    assert.equal(hex(pack(integer(), value)), packed);
    assert.equal(read(integer(), packed), value);
  }
});

test("longer forms are refused", () => {
  for (const packed of ["cc7f", "cd00ff", "ce0000ffff", "cf00000000ffffffff"]) {
    assert.throws(() => read(integer(), packed), refused("not_canonical"), packed);
  }
  for (const packed of ["d90161", "da000161", "db0000000161"]) {
    assert.throws(() => read(text(), packed), refused("not_canonical"), packed);
  }
  for (const packed of ["c5000161", "c60000000161"]) {
    assert.throws(() => read(bytes(0, 9), packed), refused("not_canonical"), packed);
  }
  for (const packed of ["dc000101", "dd0000000101"]) {
    assert.throws(() => read(list(integer()), packed), refused("not_canonical"), packed);
  }
});

test("numbers that are not exact everywhere, negative or broken are refused both ways", () => {
  for (const packed of ["cf0020000000000000", "cfffffffffffffffff", "ff", "d0ff", "cb3ff0000000000000", "c0", ""]) {
    assert.throws(() => read(integer(), packed), refused("malformed"), packed);
  }
  for (const value of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
    assert.throws(() => new Form(integer(), BadLink, 9).compose(value), refused("malformed"), String(value));
  }
});

test("text is UTF-8, counted in characters, and kept to the byte", () => {
  const mark = "\ufeff" + "é🙂".repeat(100);
  assert.equal(read(text(), hex(pack(text(), mark))), mark);
  assert.equal(read(text(0, 1), "a4f09f9982"), "🙂");
  assert.throws(() => read(text(0, 1), "a26161"), refused("malformed"));
  for (const packed of ["a1ff", "a2c080", "a3eda080", "a161ff", "c40161"]) {
    assert.throws(() => read(text(), packed), refused("malformed"), packed);
  }
  assert.throws(() => new Form(text(), BadLink, 9).compose("\ud800"), refused("malformed"));
});

test("an object is the array of its fields, no more and no fewer", () => {
  const shape = struct<{ yes: boolean; kind: "a" | "b"; none: number | null }>({
    yes: boolean,
    kind: choice(text(), ["a", "b"]),
    none: nullable(integer()),
  });
  const value = { yes: true, kind: "b", none: null } as const;
  assert.equal(hex(pack(shape, value)), "93c3a162c0");
  assert.deepEqual(read(shape, "93c3a162c0"), value);
  for (const packed of ["92c3a162", "94c3a162c0c0", "93c3a163c0", "93c4a162c0", "83c3a162c0", "93c3a162c000", "93c3"]) {
    assert.throws(() => read(shape, packed), refused("malformed"), packed);
  }
});

test("lists and byte strings keep to their bounds", () => {
  assert.throws(() => read(list(integer(), 1, 2), "90"), refused("malformed"));
  assert.throws(() => read(list(integer(), 1, 2), "93000000"), refused("malformed"));
  assert.throws(() => read(bytes(2), "c40100"), refused("malformed"));
  const form = new Form(bytes(0, 200), BadLink, 40);
  assert.throws(() => form.parse(new Uint8Array(41)), refused("too_long"));
  assert.throws(() => form.compose(new Uint8Array(100)), refused("too_long"));
});

test("what announces much and brings little takes no memory", () => {
  const announced = concat(...Array.from({ length: 30_000 }, () => unhex("dcffff")));
  assert.throws(() => new Form(list(list(integer())), BadLink, 100_000).parse(announced), refused("malformed"));
  assert.throws(() => read(bytes(0, 2 ** 32), "c6ffffffff00"), refused("malformed"));
});

test("the version is looked at before anything else", () => {
  const form = new Form(struct<{ v: number; n: number }>({ v: integer(), n: integer() }), BadLink, 9, 1);
  assert.deepEqual(form.parse(unhex("920105")), { v: 1, n: 5 });
  assert.throws(() => form.parse(unhex("9302a0a0")), UnsupportedVersion);
  for (const packed of ["", "92", "9005", "92cc05", "dc000201"]) {
    assert.throws(() => form.parse(unhex(packed)), refused("malformed"), packed);
  }
});

test("a value does not change with the buffer it was read from", () => {
  const buffer = unhex("c40107");
  const value = new Form(bytes(1), BadLink, 9).parse(buffer);
  buffer.fill(0);
  assert.deepEqual(value, Uint8Array.of(7));
});

test("byte strings", () => {
  assert.equal(hex(uint64(2 ** 53 - 1)), "001fffffffffffff");
  assert.ok(equal(concat(unhex("00ff"), unhex("")), Uint8Array.of(0, 255)));
  assert.ok(!equal(unhex("00"), unhex("0000")) && !equal(unhex("00"), unhex("01")));
  for (const wrong of ["0", "0g", "FF"]) assert.throws(() => unhex(wrong), TypeError);
});
