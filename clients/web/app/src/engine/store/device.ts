/**
 * The device this store belongs to: its keys, its person's user keys, what it pins.  protocol §2
 *
 * The keys are stored before the server ever hears of them (`isLinked` false), so that a crash during activation is
 * resumed with the same device.
 */

import { DeviceKeys, UserKey } from "@miss/core/keys.js";

import { EngineError } from "../errors.js";
import { asBytes, asList, Fields } from "../fields.js";
import { type Did, hex, type Uid } from "../ids.js";
import { decode, encode } from "../msgpack.js";
import type { StoreFile, Table } from "./file.js";

/** One device and the server it was linked on. */
export interface DeviceRecord {
  readonly uid: Uid;
  readonly did: Did;
  readonly keys: DeviceKeys;
  readonly serverUrl: string;
  /** ROOT's public key, pinned for good. */
  readonly root: Uint8Array;
  /** The device's own link, as sent for countersignature. */
  readonly link: Uint8Array;
  readonly isLinked: boolean;
}

interface Row {
  readonly uid: Uid;
  readonly did: Did;
  readonly linked: boolean;
  readonly sealed: Uint8Array;
}
interface KeyRow {
  readonly generation: number;
  readonly sealed: Uint8Array;
}

const ONLY = "only";

/** One row, and what goes with it. */
export class DeviceStore {
  readonly #file: StoreFile;
  readonly #device: Table<Row>;
  readonly #userKeys: Table<KeyRow>;
  readonly #meta: Table<Uint8Array>;
  readonly #links: Pick<Table<unknown>, "rows" | "delete">;
  readonly #opened = new WeakMap<Row, DeviceRecord>();

  constructor(file: StoreFile, meta: Table<Uint8Array>, links: Pick<Table<unknown>, "rows" | "delete">) {
    this.#file = file;
    this.#device = file.table("device");
    this.#userKeys = file.table("userKey");
    this.#meta = meta;
    this.#links = links;
  }

  find(): DeviceRecord | null {
    const row = this.#device.get(ONLY);
    if (row === undefined) return null;
    const known = this.#opened.get(row) ?? this.#open(row);
    this.#opened.set(row, known);
    return known;
  }

  #open(row: Row): DeviceRecord {
    const sealed = new Fields(decode(this.#file.open(`device ${row.did}`, row.sealed)));
    return {
      uid: row.uid,
      did: row.did,
      keys: DeviceKeys.fromSecret(sealed.bytes()),
      serverUrl: sealed.text(),
      root: sealed.bytes(),
      link: sealed.bytes(),
      isLinked: row.linked,
    };
  }

  /** The linked device.  Throws `store_has_no_device`. */
  get(): DeviceRecord {
    const record = this.find();
    if (record === null || !record.isLinked) throw new EngineError("store_has_no_device");
    return record;
  }

  /** Store the device that is about to be linked.  Throws `store_has_device`. */
  keep(record: DeviceRecord, userKey: UserKey): void {
    if (this.#device.get(ONLY) !== undefined) throw new EngineError("store_has_device");
    const { uid, did } = record;
    const value = encode([record.keys.toSecret(), record.serverUrl, record.root, record.link]);
    this.#device.put(ONLY, { uid, did, linked: false, sealed: this.#file.seal(`device ${did}`, value) });
    this.putUserKey(userKey);
  }

  markLinked(): void {
    this.#device.patch(ONLY, { linked: true });
  }

  /** Drop a device the server never took, with its user key, the chain it was to continue and the certificates. */
  forgetUnlinked(): void {
    if (this.#device.get(ONLY)?.linked !== false) return;
    this.#device.delete(ONLY);
    for (const table of [this.#userKeys, this.#links]) {
      for (const key of [...table.rows.keys()]) table.delete(key);
    }
    this.#meta.delete("opcerts");
  }

  putUserKey(key: UserKey): void {
    const { generation } = key;
    if (this.#userKeys.get(String(generation)) !== undefined) return;
    const sealed = this.#file.seal(`user_key ${generation}`, key.toSecret());
    this.#userKeys.put(String(generation), { generation, sealed });
  }

  findUserKey(generation: number): UserKey | null {
    const row = this.#userKeys.get(String(generation));
    return row === undefined ? null : new UserKey(generation, this.#file.open(`user_key ${generation}`, row.sealed));
  }

  /** The latest generation this device holds.  Throws `store_has_no_device`. */
  lastUserKey(): UserKey {
    const key = this.findUserKey(Math.max(0, ...[...this.#userKeys.rows.values()].map((row) => row.generation)));
    if (key === null) throw new EngineError("store_has_no_device");
    return key;
  }

  /** Hold `key` and forget every older one: what they opened is in the vault by now (protocol §5). */
  replaceUserKey(key: UserKey): void {
    this.putUserKey(key);
    for (const row of [...this.#userKeys.rows.values()]) {
      if (row.generation < key.generation) this.#userKeys.delete(String(row.generation));
    }
  }

  // Standing

  /** Why the server turned this device away for good, without proof; empty while all is well. */
  locked(): string {
    const value = this.findMeta("locked");
    return value === null ? "" : new TextDecoder().decode(value);
  }

  lock(reason: string): void {
    this.putMeta("locked", new TextEncoder().encode(reason));
  }

  /** The server takes this device again. */
  unlock(): void {
    this.#meta.delete("locked");
  }

  // The user key

  /** True if the user key has to be changed whatever its age. */
  rotationIsDue(): boolean {
    return this.findMeta("rotation") !== null;
  }

  /** The server lost what the last one brought. */
  askRotation(): void {
    this.putMeta("rotation", new Uint8Array());
  }

  /** It was changed. */
  settleRotation(): void {
    this.#meta.delete("rotation");
  }

  // Pairing under way

  /** What `keepPairing` kept last. */
  pendingPairing(): Uint8Array | null {
    return this.findMeta("pairing");
  }

  /** Keep what it takes to go on with a pairing after a crash. */
  keepPairing(value: Uint8Array): void {
    this.putMeta("pairing", value);
  }

  forgetPairing(): void {
    this.#meta.delete("pairing");
  }

  // What the person's establishments impose

  /** Minutes, as the server last said it; null: nothing is imposed. */
  lockLimit(): number | null {
    const value = this.findMeta("lockLimit");
    return value === null ? null : Number(new TextDecoder().decode(value));
  }

  setLockLimit(minutes: number | null): void {
    if (minutes === null) this.deleteMeta("lockLimit");
    else this.putMeta("lockLimit", new TextEncoder().encode(String(minutes)));
  }

  // Certificates and position

  /** Every certificate of the operator seen so far; the old ones still prove old links. */
  opcerts(): readonly Uint8Array[] {
    const value = this.findMeta("opcerts");
    return value === null ? [] : asList(decode(value), (one) => asBytes(one));
  }

  addOpcerts(raws: Iterable<Uint8Array>): void {
    const known = this.opcerts();
    const names = new Set(known.map(hex));
    const added = [...raws].filter((raw) => !names.has(hex(raw)) && names.add(hex(raw)));
    if (added.length > 0) this.putMeta("opcerts", encode([...known, ...added]));
  }

  /** Milliseconds: `server_ts` of the last `ready` after which everything was here. */
  resume(): number | null {
    const value = this.findMeta("resume");
    return value === null ? null : Number(new TextDecoder().decode(value));
  }

  setResume(serverTsMs: number): void {
    this.putMeta("resume", new TextEncoder().encode(String(serverTsMs)));
  }

  /** A small sealed value of another room, by its name; null: none. */
  findMeta(name: string): Uint8Array | null {
    const sealed = this.#meta.get(name);
    return sealed === undefined ? null : this.#file.open(name, sealed);
  }

  putMeta(name: string, value: Uint8Array): void {
    this.#meta.put(name, this.#file.seal(name, value));
  }

  deleteMeta(name: string): void {
    this.#meta.delete(name);
  }
}
