/**
 * MessagePack in its one canonical form, for everything that is hashed, signed or sealed.  protocol §3
 *
 * Canonical: arrays only, no map, each integer, string, byte string and array header in its shortest form.  Bytes are
 * read under the guidance of a shape: what an object may not hold is refused where it stands, before memory is set
 * aside for it, and only the canonical form is read at all (docs/adr/0020 says why no general decoder is used).
 */

import { join } from "./bytes.js";
import { type ErrorClass, UnsupportedVersion } from "./errors.js";

/** How one kind of value is read and written. */
export interface Shape<T> {
  /** Throws Mismatch if the bytes hold something else. */
  read(from: Reader): T;
  write(value: T, to: Writer): void;
}

/** Bytes that are not the wanted value, or not in canonical form.  `Form` turns it into a named error. */
export class Mismatch extends Error {
  readonly reason: "malformed" | "not_canonical";

  constructor(reason: "malformed" | "not_canonical" = "malformed") {
    super(reason);
    this.reason = reason;
  }
}

/** One way to write a number: in the lead byte itself (width 0), or in `width` bytes after it; for numbers `below`. */
interface Header {
  readonly lead: number;
  readonly width: 0 | 1 | 2 | 4 | 8;
  readonly below: number;
}

// By length, the shortest first: https://github.com/msgpack/msgpack/blob/master/spec.md
const INTEGER: readonly Header[] = [
  { lead: 0x00, width: 0, below: 0x80 },
  { lead: 0xcc, width: 1, below: 2 ** 8 },
  { lead: 0xcd, width: 2, below: 2 ** 16 },
  { lead: 0xce, width: 4, below: 2 ** 32 },
  { lead: 0xcf, width: 8, below: 2 ** 53 },
];
const STRING: readonly Header[] = [
  { lead: 0xa0, width: 0, below: 32 },
  { lead: 0xd9, width: 1, below: 2 ** 8 },
  { lead: 0xda, width: 2, below: 2 ** 16 },
  { lead: 0xdb, width: 4, below: 2 ** 32 },
];
const BINARY: readonly Header[] = [
  { lead: 0xc4, width: 1, below: 2 ** 8 },
  { lead: 0xc5, width: 2, below: 2 ** 16 },
  { lead: 0xc6, width: 4, below: 2 ** 32 },
];
const ARRAY: readonly Header[] = [
  { lead: 0x90, width: 0, below: 16 },
  { lead: 0xdc, width: 2, below: 2 ** 16 },
  { lead: 0xdd, width: 4, below: 2 ** 32 },
];
const NIL = 0xc0;
const FALSE = 0xc2;
const TRUE = 0xc3;

/** Takes bytes from the front. */
export class Reader {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#data.length;
  }

  /** A copy of the next bytes, so that a value does not change with the buffer it came in. */
  take(size: number): Uint8Array {
    if (size > this.#data.length - this.#at) throw new Mismatch();
    this.#at += size;
    return this.#data.slice(this.#at - size, this.#at);
  }

  /** True, and the byte is taken, if it is the next one. */
  takeIf(byte: number): boolean {
    const holds = this.#data[this.#at] === byte;
    if (holds) this.#at += 1;
    return holds;
  }

  /** The number in the header that comes next. */
  number(headers: readonly Header[]): number {
    const first = this.#data[this.#at];
    if (first === undefined) throw new Mismatch();
    this.#at += 1;
    const rank = headers.findIndex((header) => first >= header.lead && first < header.lead + spread(header));
    const header = headers[rank];
    if (header === undefined) throw new Mismatch();
    const value = header.width === 0 ? first - header.lead : bigEndian(this.take(header.width));
    if (value >= header.below) throw new Mismatch();
    const shorter = headers[rank - 1];
    if (shorter !== undefined && value < shorter.below) throw new Mismatch("not_canonical");
    return value;
  }
}

/** Collects bytes. */
export class Writer {
  readonly #parts: Uint8Array[] = [];

  put(...bytes: readonly number[]): void {
    this.#parts.push(Uint8Array.from(bytes));
  }

  putAll(data: Uint8Array): void {
    this.#parts.push(data);
  }

  /** Throws Mismatch for what is not a whole number that the headers can hold. */
  number(headers: readonly Header[], value: number): void {
    const header = headers.find((candidate) => value < candidate.below);
    if (header === undefined || !Number.isSafeInteger(value) || value < 0) throw new Mismatch();
    if (header.width === 0) return this.put(header.lead + value);
    const places = Array.from({ length: header.width }, (_, place) => 256 ** (header.width - 1 - place));
    this.put(header.lead, ...places.map((place) => Math.floor(value / place) % 256));
  }

  toBytes(): Uint8Array {
    return join(this.#parts);
  }
}

/** How many lead bytes a header occupies. */
function spread(header: Header): number {
  return header.width === 0 ? header.below : 1;
}

/** Exact up to 2⁵³, beyond which `below` refuses it. */
function bigEndian(data: Uint8Array): number {
  return data.reduce((value, byte) => value * 256 + byte, 0);
}

function ensure(holds: boolean): void {
  if (!holds) throw new Mismatch();
}

/** A whole number from `least` up to 2⁵³ − 1. */
export function integer(least = 0, most = Number.MAX_SAFE_INTEGER): Shape<number> {
  return {
    read: (from) => {
      const value = from.number(INTEGER);
      ensure(value >= least && value <= most);
      return value;
    },
    write: (value, to) => to.number(INTEGER, value),
  };
}

export const boolean: Shape<boolean> = {
  read: (from) => {
    const value = from.takeIf(TRUE);
    ensure(value || from.takeIf(FALSE));
    return value;
  },
  write: (value, to) => to.put(value ? TRUE : FALSE),
};

/** A byte string of `least` to `most` bytes. */
export function bytes(least: number, most = least): Shape<Uint8Array> {
  return {
    read: (from) => {
      const size = from.number(BINARY);
      ensure(size >= least && size <= most);
      return from.take(size);
    },
    write: (value, to) => {
      to.number(BINARY, value.length);
      to.putAll(value);
    },
  };
}

// A mark of byte order at the start is a character like any other; U+FFFD never stands for what was not UTF-8.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of `least` to `most` characters (code points), which `pattern` describes. */
export function text(least = 0, most = Infinity, pattern = /^/): Shape<string> {
  return {
    read: (from) => {
      const value = decodeUtf8(from.take(from.number(STRING)));
      const length = [...value].length;
      ensure(length >= least && length <= most && pattern.test(value));
      return value;
    },
    write: (value, to) => {
      ensure(value.isWellFormed());
      const data = new TextEncoder().encode(value);
      to.number(STRING, data.length);
      to.putAll(data);
    },
  };
}

function decodeUtf8(data: Uint8Array): string {
  try {
    return utf8.decode(data);
  } catch {
    throw new Mismatch();
  }
}

/** One of `values`, which `shape` reads. */
export function choice<T extends string | number>(
  shape: Shape<string> | Shape<number>,
  values: readonly T[],
): Shape<T> {
  return {
    read: (from) => {
      const found = shape.read(from);
      const value = values.find((candidate) => candidate === found);
      if (value === undefined) throw new Mismatch();
      return value;
    },
    write: (value, to) => (shape as Shape<T>).write(value, to),
  };
}

/** A value, or nil. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    read: (from) => (from.takeIf(NIL) ? null : shape.read(from)),
    write: (value, to) => (value === null ? to.put(NIL) : shape.write(value, to)),
  };
}

/** `least` to `most` values of one shape. */
export function list<T>(shape: Shape<T>, least = 0, most = Infinity): Shape<readonly T[]> {
  return {
    read: (from) => {
      const size = from.number(ARRAY);
      ensure(size >= least && size <= most);
      const values: T[] = [];
      while (values.length < size) values.push(shape.read(from));
      return values;
    },
    write: (values, to) => {
      to.number(ARRAY, values.length);
      for (const value of values) shape.write(value, to);
    },
  };
}

/** An object as the array of its fields, in the order given here; a field more or less is another version. */
export function struct<T extends object>(fields: { readonly [K in keyof T]: Shape<T[K]> }): Shape<T> {
  const names = Object.keys(fields) as (keyof T)[];
  return {
    read: (from) => {
      ensure(from.number(ARRAY) === names.length);
      const value: Partial<T> = {};
      for (const name of names) value[name] = fields[name].read(from);
      return value as T;
    },
    write: (value, to) => {
      to.number(ARRAY, names.length);
      for (const name of names) fields[name].write(value[name], to);
    },
  };
}

/** `value` in canonical MessagePack.  Throws Mismatch for what has none; bounds are checked by `Form.compose`. */
export function pack<T>(shape: Shape<T>, value: T): Uint8Array {
  const writer = new Writer();
  shape.write(value, writer);
  return writer.toBytes();
}

/** How one kind of object is read and written whole. */
export class Form<T> {
  readonly #shape: Shape<T>;
  readonly #error: ErrorClass;
  readonly #maxBytes: number;
  readonly #version: number | null;

  /** `error`: thrown for what cannot be read.  `version`: what the first field has to be, if it is one. */
  constructor(shape: Shape<T>, error: ErrorClass, maxBytes: number, version: number | null = null) {
    this.#shape = shape;
    this.#error = error;
    this.#maxBytes = maxBytes;
    this.#version = version;
  }

  /**
   * The object packed in `data`.
   *
   * Throws the form's error for bytes that are too long, not canonical or not of this shape, and UnsupportedVersion if
   * they announce a version this program does not know.
   */
  parse(data: Uint8Array): T {
    if (data.length > this.#maxBytes) throw new this.#error({ reason: "too_long", size_bytes: data.length });
    if (this.#version !== null) this.#checkVersion(data, this.#version);
    return this.#named(() => {
      const from = new Reader(data);
      const value = this.#shape.read(from);
      ensure(from.isAtEnd);
      return value;
    });
  }

  /** `value`, packed.  Throws the form's error if `parse` would not accept the result. */
  compose(value: T): Uint8Array {
    const data = this.pack(value);
    this.parse(data);
    return data;
  }

  /** `value`, packed, its bounds unchecked.  Throws the form's error for what cannot be packed at all. */
  pack(value: T): Uint8Array {
    return this.#named(() => pack(this.#shape, value));
  }

  #named<R>(work: () => R): R {
    try {
      return work();
    } catch (error) {
      if (error instanceof Mismatch) throw new this.#error({ reason: error.reason });
      throw error;
    }
  }

  #checkVersion(data: Uint8Array, known: number): void {
    // The header of an array of up to 15 takes one byte, a small integer one byte: the version is data[1].
    const [first, version] = data;
    if (first === undefined || version === undefined || first <= 0x90 || first > 0x9f || version > 0x7f) {
      throw new this.#error({ reason: "malformed" });
    }
    if (version !== known) throw new UnsupportedVersion({ version, known });
  }
}
