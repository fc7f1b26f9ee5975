/**
 * MessagePack for frames and HTTP bodies, which are not signed and need not be canonical; and for sealed values here.
 *
 * Read: nil, booleans, numbers up to 2⁵³ − 1, floats, strings, byte strings, arrays, maps with string keys.  Refused:
 * extensions, larger numbers, duplicate or other keys, nesting beyond MAX_DEPTH, lengths beyond what is there, bytes
 * after the end.  What is signed is `@miss/core/packing.js`'s, and never passes here.
 */

export type Packed =
  null | boolean | number | string | Uint8Array | readonly Packed[] | { readonly [key: string]: Packed | undefined };

const MAX_DEPTH = 16;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8Bytes = new TextEncoder();

/** Bytes that are no value of the kinds above. */
export class Unreadable extends Error {
  constructor() {
    super("unreadable");
    this.name = "Unreadable";
  }
}

/** `value` as bytes; a map's undefined entries are left out. */
export function encode(value: Packed): Uint8Array<ArrayBuffer> {
  const to = new Output();
  write(value, to);
  return to.bytes();
}

class Output {
  #data = new Uint8Array(256);
  #view = new DataView(this.#data.buffer);
  #size = 0;

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#data.slice(0, this.#size);
  }

  #grow(more: number): number {
    const at = this.#size;
    this.#size += more;
    if (this.#size > this.#data.length) {
      const larger = new Uint8Array(Math.max(this.#size, 2 * this.#data.length));
      larger.set(this.#data);
      this.#data = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  u8(value: number): void {
    const at = this.#grow(1); // first: it may make another view
    this.#view.setUint8(at, value);
  }

  /** `lead`, then the value in `width` bytes. */
  number(lead: number, width: 1 | 2 | 4 | 8, value: number): void {
    this.u8(lead);
    const at = this.#grow(width);
    if (width === 1) this.#view.setUint8(at, value);
    else if (width === 2) this.#view.setUint16(at, value);
    else if (width === 4) this.#view.setUint32(at, value);
    else this.#view.setBigInt64(at, BigInt(value));
  }

  float(value: number): void {
    this.u8(0xcb);
    const at = this.#grow(8);
    this.#view.setFloat64(at, value);
  }

  all(data: Uint8Array): void {
    const at = this.#grow(data.length);
    this.#data.set(data, at);
  }
}

function write(value: Packed, to: Output): void {
  if (value === null) to.u8(0xc0);
  else if (typeof value === "boolean") to.u8(value ? 0xc3 : 0xc2);
  else if (typeof value === "number") writeNumber(value, to);
  else if (typeof value === "string") writeString(value, to);
  else if (value instanceof Uint8Array) {
    writeSize(value.length, to, [0, 0xc4, 0xc5, 0xc6], 0);
    to.all(value);
  } else if (Array.isArray(value)) {
    writeSize(value.length, to, [0x90, 0, 0xdc, 0xdd], 16);
    for (const one of value as readonly Packed[]) write(one, to);
  } else {
    const entries = Object.entries(value as { readonly [key: string]: Packed | undefined });
    const present = entries.filter(([, one]) => one !== undefined);
    writeSize(present.length, to, [0x80, 0, 0xde, 0xdf], 16);
    for (const [key, one] of present) {
      writeString(key, to);
      write(one as Packed, to);
    }
  }
}

function writeNumber(value: number, to: Output): void {
  if (!Number.isSafeInteger(value)) to.float(value);
  else if (value < 0) to.number(0xd3, 8, value);
  else if (value < 0x80) to.u8(value);
  else if (value < 0x100) to.number(0xcc, 1, value);
  else if (value < 0x10000) to.number(0xcd, 2, value);
  else if (value < 0x100000000) to.number(0xce, 4, value);
  else to.number(0xcf, 8, value);
}

function writeString(value: string, to: Output): void {
  const data = utf8Bytes.encode(value);
  writeSize(data.length, to, [0xa0, 0xd9, 0xda, 0xdb], 32);
  to.all(data);
}

/** A length under the shortest of four headers: in the lead byte below `inline`, then 1, 2 and 4 bytes (0: none). */
function writeSize(size: number, to: Output, leads: readonly [number, number, number, number], inline: number): void {
  if (size < inline) to.u8(leads[0] + size);
  else if (size < 0x100 && leads[1] !== 0) to.number(leads[1], 1, size);
  else if (size < 0x10000) to.number(leads[2], 2, size);
  else to.number(leads[3], 4, size);
}

/** The one value in `data`.  Throws Unreadable. */
export function decode(data: Uint8Array): Packed {
  const from = new Input(data);
  const value = from.value(0);
  if (!from.isAtEnd) throw new Unreadable();
  return value;
}

class Input {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#data.length;
  }

  /** Where the next `size` bytes begin; they are taken. */
  #take(size: number): number {
    if (size > this.#data.length - this.#at) throw new Unreadable();
    this.#at += size;
    return this.#at - size;
  }

  #size(width: 1 | 2 | 4): number {
    const at = this.#take(width);
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  value(depth: number): Packed {
    if (depth > MAX_DEPTH) throw new Unreadable();
    const lead = this.#view.getUint8(this.#take(1));
    if (lead < 0x80) return lead;
    if (lead < 0x90) return this.#map(lead - 0x80, depth);
    if (lead < 0xa0) return this.#array(lead - 0x90, depth);
    if (lead < 0xc0) return this.#string(lead - 0xa0);
    if (lead >= 0xe0) return lead - 0x100;
    switch (lead) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return lead === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#size(lead === 0xc4 ? 1 : lead === 0xc5 ? 2 : 4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#string(this.#size(lead === 0xd9 ? 1 : lead === 0xda ? 2 : 4));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#size(lead === 0xdc ? 2 : 4), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#size(lead === 0xde ? 2 : 4), depth);
      default:
        return this.#number(lead);
    }
  }

  #number(lead: number): number {
    switch (lead) {
      case 0xca:
        return this.#view.getFloat32(this.#take(4));
      case 0xcb:
        return this.#view.getFloat64(this.#take(8));
      case 0xcc:
        return this.#view.getUint8(this.#take(1));
      case 0xcd:
        return this.#view.getUint16(this.#take(2));
      case 0xce:
        return this.#view.getUint32(this.#take(4));
      case 0xcf:
        return exact(this.#view.getBigUint64(this.#take(8)));
      case 0xd0:
        return this.#view.getInt8(this.#take(1));
      case 0xd1:
        return this.#view.getInt16(this.#take(2));
      case 0xd2:
        return this.#view.getInt32(this.#take(4));
      case 0xd3:
        return exact(this.#view.getBigInt64(this.#take(8)));
      default:
        throw new Unreadable();
    }
  }

  /** A copy, so that a value does not change with the buffer it came in. */
  #binary(size: number): Uint8Array {
    const at = this.#take(size);
    return this.#data.slice(at, at + size);
  }

  #string(size: number): string {
    const at = this.#take(size);
    try {
      return utf8.decode(this.#data.subarray(at, at + size));
    } catch {
      throw new Unreadable();
    }
  }

  /** Every value takes a byte at least, so no more memory is set aside than bytes are there. */
  #array(size: number, depth: number): readonly Packed[] {
    if (size > this.#data.length - this.#at) throw new Unreadable();
    const values: Packed[] = [];
    while (values.length < size) values.push(this.value(depth + 1));
    return values;
  }

  #map(size: number, depth: number): { readonly [key: string]: Packed } {
    if (2 * size > this.#data.length - this.#at) throw new Unreadable();
    const found = new Map<string, Packed>();
    for (let at = 0; at < size; at += 1) {
      const key = this.value(MAX_DEPTH);
      if (typeof key !== "string" || found.has(key)) throw new Unreadable();
      found.set(key, this.value(depth + 1));
    }
    return Object.fromEntries(found);
  }
}

function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Unreadable();
  return number;
}
