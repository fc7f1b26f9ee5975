/** JSON as the exchange speaks it: bytes are hexadecimal, a `Map` is an object.  For tests only. */

import { hex, unhex } from "../bytes.js";

/** One JSON value of a request, taken apart by the type that is wanted; a wrong request is a bug of the caller. */
export class Json {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  get isNull(): boolean {
    return this.#value === null || this.#value === undefined;
  }

  at(name: string): Json {
    return new Json((this.#value as Record<string, unknown>)[name]);
  }

  get list(): Json[] {
    return (this.#value as unknown[]).map((value) => new Json(value));
  }

  get entries(): [string, Json][] {
    return Object.entries(this.#value as object).map(([name, value]) => [name, new Json(value)]);
  }

  get text(): string {
    return this.#value as string;
  }

  get number(): number {
    return this.#value as number;
  }

  get bytes(): Uint8Array {
    return unhex(this.text);
  }

  orNull<T>(take: (json: Json) => T): T | null {
    return this.isNull ? null : take(this);
  }

  /** A plain record whose byte strings are the fields named. */
  record<T>(...byteFields: string[]): T {
    const entries = this.entries.map(([name, json]) => [
      name,
      byteFields.includes(name) && !json.isNull ? json.bytes : json.#value,
    ]);
    return Object.fromEntries(entries) as T;
  }
}

/** `value` for JSON; the earlier states of a chain are left out. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (value instanceof Set) return plain([...value].sort());
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => name !== "before");
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}
