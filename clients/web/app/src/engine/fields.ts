/** Values out of a decoded MessagePack, each within its bounds: fields of an array in order, or of a map by name. */

import { hex } from "./ids.js";
import { type Packed, Unreadable } from "./msgpack.js";

const MAX_MILLIS = 2 ** 47 - 1;

/** The fields of one array, from the first on; what is beyond the last one read is not looked at. */
export class Fields {
  readonly #values: readonly Packed[];
  #at = 0;

  /** Throws Unreadable unless `value` is an array. */
  constructor(value: Packed | undefined) {
    if (!Array.isArray(value)) throw new Unreadable();
    this.#values = value as readonly Packed[];
  }

  get isAtEnd(): boolean {
    return this.#at === this.#values.length;
  }

  #next(): Packed {
    const value = this.#values[this.#at];
    if (value === undefined) throw new Unreadable();
    this.#at += 1;
    return value;
  }

  boolean(): boolean {
    return asBoolean(this.#next());
  }

  integer(least = 0, most = Number.MAX_SAFE_INTEGER): number {
    return asInteger(this.#next(), least, most);
  }

  /** Everything that is counted starts at 1. */
  ordinal(): number {
    return this.integer(1);
  }

  millis(): number {
    return this.integer(0, MAX_MILLIS);
  }

  float(least: number, most = Infinity): number {
    const value = this.#next();
    if (typeof value !== "number" || !(value >= least && value <= most)) throw new Unreadable();
    return value;
  }

  text(least = 0, most = Infinity, pattern = /^/): string {
    return asText(this.#next(), least, most, pattern);
  }

  bytes(least = 0, most = Infinity): Uint8Array {
    return asBytes(this.#next(), least, most);
  }

  /** An identifier or hash of that many bytes, in hexadecimal. */
  id(size: number): string {
    return hex(this.bytes(size, size));
  }

  fields(): Fields {
    return new Fields(this.#next());
  }

  /** The values of an array, each as `read` makes it. */
  values<T>(read: (value: Packed) => T): readonly T[] {
    return asList(this.#next(), read);
  }

  list<T>(most: number, read: (from: Fields) => T): readonly T[] {
    const values = this.#next();
    if (!Array.isArray(values) || values.length > most) throw new Unreadable();
    return (values as readonly Packed[]).map((value) => read(new Fields(value)));
  }

  /** Null, or what `read` takes; the field has to be there. */
  nullable<T>(read: () => T): T | null {
    if (this.#values[this.#at] !== null) return read();
    this.#at += 1;
    return null;
  }

  /** As `nullable`; null also where an older version ends. */
  optional<T>(read: () => T): T | null {
    return this.isAtEnd ? null : this.nullable(read);
  }

  optionalId(size: number): string | null {
    return this.optional(() => this.id(size));
  }
}

/** The entries of one map, by name; those that nobody asks for are not looked at. */
export class Entries {
  readonly #values: { readonly [name: string]: Packed | undefined };

  /** Throws Unreadable unless `value` is a map. */
  constructor(value: Packed | undefined) {
    if (value === null || typeof value !== "object" || Array.isArray(value) || value instanceof Uint8Array) {
      throw new Unreadable();
    }
    this.#values = value as { readonly [name: string]: Packed | undefined };
  }

  #get(name: string): Packed {
    const value = this.#values[name];
    if (value === undefined || !Object.hasOwn(this.#values, name)) throw new Unreadable();
    return value;
  }

  /** Null where it is absent or nil, else what `read` makes of it. */
  maybe<T>(name: string, read: (value: Packed) => T): T | null {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    return value === undefined || value === null ? null : read(value);
  }

  boolean(name: string): boolean {
    return asBoolean(this.#get(name));
  }

  integer(name: string, least = 0): number {
    return asInteger(this.#get(name), least, Number.MAX_SAFE_INTEGER);
  }

  text(name: string): string {
    return asText(this.#get(name));
  }

  bytes(name: string): Uint8Array {
    return asBytes(this.#get(name));
  }

  id(name: string, size: number): string {
    return hex(asBytes(this.#get(name), size, size));
  }

  entries(name: string): Entries {
    return new Entries(this.#get(name));
  }

  list<T>(name: string, read: (value: Packed) => T): readonly T[] {
    return asList(this.#get(name), read);
  }

  byteStrings(name: string): readonly Uint8Array[] {
    return this.list(name, (value) => asBytes(value));
  }
}

export function asBoolean(value: Packed): boolean {
  if (typeof value !== "boolean") throw new Unreadable();
  return value;
}

export function asInteger(value: Packed, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) throw new Unreadable();
  return value as number;
}

export function asText(value: Packed, least = 0, most = Infinity, pattern = /^/): string {
  if (typeof value !== "string" || value.length < least || value.length > most || !pattern.test(value)) {
    throw new Unreadable();
  }
  return value;
}

export function asBytes(value: Packed, least = 0, most = Infinity): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length < least || value.length > most) throw new Unreadable();
  return value;
}

export function asList<T>(value: Packed, read: (value: Packed) => T): readonly T[] {
  if (!Array.isArray(value)) throw new Unreadable();
  return (value as readonly Packed[]).map((one) => read(one));
}
