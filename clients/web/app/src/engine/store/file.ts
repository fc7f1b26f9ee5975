/**
 * One IndexedDB database whose values are sealed, and its copy in memory.
 *
 * Reads are synchronous, from memory, so that two of them see the same state; writes are the synchronous calls of one
 * `transaction` block.  Such a block is undone in memory as soon as it ends, written as one transaction with strict
 * durability, and done again in memory when it is on disk: nobody sees what is not stored.  A value is sealed with
 * XChaCha20-Poly1305 under the store's key and bound to its place: a value moved to another row, or put back from a
 * copy of another store, does not open.  Heavy values (files, envelopes) stay on disk and are read when asked for.
 *
 * It does not keep two tabs apart: whoever opens it holds the lock of its name (`shell/tabs`).
 */

import { derive, domain, open, seal } from "@miss/core/primitives.js";
import { concat } from "@miss/core/bytes.js";

import { EngineError } from "../errors.js";
import type { Platform } from "../platform.js";
import { Mutex } from "../waiting.js";
import { openDatabase, request, STORES, wholeTransaction } from "./schema.js";

const CHECK = new TextEncoder().encode("MiSS store");

/** Told of every change of a table, in order, also of those that are undone. */
export interface Index<R> {
  add(row: R, key: string): void;
  remove(row: R, key: string): void;
}

interface Change {
  readonly table: string;
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A table held in memory.  Rows are frozen by convention: a change is another row. */
export class Table<R> {
  readonly #file: StoreFile;
  readonly #name: string;
  readonly #index: Index<R> | null;
  readonly rows = new Map<string, R>();
  /** The key of a row that holds it: large tables are read without their keys then. */
  readonly keyOf: ((row: R) => string) | null;

  constructor(file: StoreFile, name: string, index: Index<R> | null, keyOf: ((row: R) => string) | null) {
    this.#file = file;
    this.#name = name;
    this.#index = index;
    this.keyOf = keyOf;
  }

  get(key: string): R | undefined {
    return this.rows.get(key);
  }

  put(key: string, row: R): void {
    this.#file.note({ table: this.#name, key, before: this.rows.get(key), after: row });
    this.apply(key, row);
  }

  /** Change some fields of a row that is there. */
  patch(key: string, fields: Partial<R>): void {
    const row = this.rows.get(key);
    if (row !== undefined) this.put(key, { ...row, ...fields });
  }

  /** False if it was not there. */
  delete(key: string): boolean {
    const before = this.rows.get(key);
    if (before === undefined) return false;
    this.#file.note({ table: this.#name, key, before, after: undefined });
    this.apply(key, undefined);
    return true;
  }

  /** In memory only: for `StoreFile`. */
  apply(key: string, row: R | undefined): void {
    const before = this.rows.get(key);
    if (before !== undefined) {
      this.rows.delete(key);
      this.#index?.remove(before, key);
    }
    if (row !== undefined) {
      this.rows.set(key, row);
      this.#index?.add(row, key);
    }
  }
}

/** A table on disk: written in transactions, not seen by the block that writes it, read with `await`. */
export class Heavy {
  readonly #file: StoreFile;
  readonly #name: string;

  constructor(file: StoreFile, name: string) {
    this.#file = file;
    this.#name = name;
  }

  put(key: string, value: unknown): void {
    this.#file.note({ table: this.#name, key, before: undefined, after: value });
  }

  /** Delete every value whose key begins so. */
  deleteAll(prefix: string): void {
    this.#file.note({ table: this.#name, key: prefix, before: undefined, after: undefined });
  }

  async get<T>(key: string): Promise<T | null> {
    return this.#file.read<T>(this.#name, key);
  }

  /** Every value whose key begins so, in the order of the keys. */
  async list<T>(prefix: string): Promise<readonly T[]> {
    return this.#file.readAll<T>(this.#name, prefix);
  }
}

export class StoreFile {
  readonly #platform: Platform;
  readonly #name: string;
  readonly #key: Uint8Array;
  readonly #tables = new Map<string, Table<unknown>>();
  readonly #turn = new Mutex();
  #database: IDBDatabase;
  /** False where the browser took the database away; `#isClosed` where nobody is to write to it from here any more. */
  #isOpen = true;
  #isClosed = false;
  #changes: Change[] | null = null;
  #isWiped = false;

  private constructor(platform: Platform, name: string, key: Uint8Array, database: IDBDatabase) {
    this.#platform = platform;
    this.#name = name;
    this.#key = derive(key, "store");
    this.#database = this.#watch(database);
  }

  /**
   * Open the database `name`, or make it; `key`: 32 bytes.  Its tables are empty until `load`.
   *
   * Throws `wrong_store_key`, `store_newer`, `store_damaged`.
   */
  static async open(platform: Platform, name: string, key: Uint8Array): Promise<StoreFile> {
    const database = await openDatabase(platform, name);
    return new StoreFile(platform, name, key, database);
  }

  /** A table of memory; all of them are made before `load`. */
  table<R>(name: string, index: Index<R> | null = null, keyOf: ((row: R) => string) | null = null): Table<R> {
    const table = new Table<R>(this, name, index, keyOf);
    this.#tables.set(name, table as Table<unknown>);
    return table;
  }

  heavy(name: string): Heavy {
    return new Heavy(this, name);
  }

  /** Read every table of memory, and check the key. */
  async load(): Promise<void> {
    const transaction = this.#database.transaction([...this.#tables.keys()], "readonly");
    const reads = [...this.#tables].map(async ([name, table]) => {
      const store = transaction.objectStore(name);
      const { keyOf } = table;
      if (keyOf !== null) {
        for (const row of (await request(store.getAll())) as unknown[]) table.apply(keyOf(row), row);
        return;
      }
      const [keys, rows] = await Promise.all([request(store.getAllKeys()), request(store.getAll())]);
      keys.forEach((key, at) => table.apply(String(key), rows[at]));
    });
    await Promise.all(reads);
    await this.#checkKey();
  }

  async #checkKey(): Promise<void> {
    const meta = this.#tables.get("meta") as Table<Uint8Array>;
    const check = meta.get("check");
    if (check === undefined) {
      await this.transaction(() => meta.put("check", this.seal("check", CHECK)));
    } else if (open(this.#key, check, placeAd("check")) === null) {
      throw new EngineError("wrong_store_key");
    }
  }

  // Writing

  /**
   * All writes of the block, or none; durable, and seen by others, when this resolves.
   *
   * The block is synchronous; blocks run one after another.  Throws `storage_full`, `store_failed`, `store_wiped`.
   */
  async transaction<T>(block: () => T): Promise<T> {
    return this.#turn.run(async () => {
      if (this.#isWiped) throw new EngineError("store_wiped");
      const { result, changes } = this.#collect(block);
      if (changes.length > 0) {
        await this.#write(changes);
        // Wiped meanwhile: what was just written goes too, and is seen by nobody.
        if (this.#isWiped) throw new EngineError("store_wiped");
        for (const change of changes) this.#tables.get(change.table)?.apply(change.key, change.after);
      }
      return result;
    });
  }

  /** Run the block, take its changes down, and undo them in memory. */
  #collect<T>(block: () => T): { result: T; changes: readonly Change[] } {
    const changes: Change[] = [];
    this.#changes = changes;
    try {
      const result = block();
      if (result instanceof Promise) throw new TypeError("a transaction's block is synchronous");
      return { result, changes };
    } finally {
      this.#changes = null;
      for (const change of changes.toReversed()) this.#tables.get(change.table)?.apply(change.key, change.before);
    }
  }

  /** For the tables: a change of the block that runs now. */
  note(change: Change): void {
    if (this.#changes === null) throw new TypeError("writes belong in a transaction");
    this.#changes.push(change);
  }

  async #write(changes: readonly Change[]): Promise<void> {
    try {
      await this.#attempt(changes);
    } catch (error) {
      // A browser may take the database away while the page sleeps: once more, on a new handle.
      const isGone = error instanceof DOMException && error.name === "InvalidStateError";
      if (!isGone || this.#isClosed) throw storageError(error);
      await this.#reopen();
      await this.#attempt(changes).catch((again: unknown) => Promise.reject(storageError(again)));
    }
  }

  async #attempt(changes: readonly Change[]): Promise<void> {
    if (!this.#isOpen) await this.#reopen();
    const names = [...new Set(changes.map((change) => change.table))];
    const transaction = this.#database.transaction(names, "readwrite", { durability: "strict" });
    const done = wholeTransaction(transaction);
    for (const { table, key, after } of changes) {
      const store = transaction.objectStore(table);
      if (after !== undefined) store.put(after, key);
      else store.delete(this.#tables.has(table) ? key : this.#range(key));
    }
    await done;
  }

  #range(prefix: string): IDBKeyRange {
    return this.#platform.keyRange.bound(prefix, `${prefix}\uffff`);
  }

  #watch(database: IDBDatabase): IDBDatabase {
    this.#isOpen = true;
    database.onclose = () => (this.#isOpen = false);
    // A later version of this client, in another tab, or a wipe: let it go on.
    database.onversionchange = () => this.close();
    return database;
  }

  async #reopen(): Promise<void> {
    if (this.#isClosed) throw new EngineError("store_failed", { reason: "closed" });
    this.#database = this.#watch(await openDatabase(this.#platform, this.#name));
  }

  // Reading what is not in memory

  async read<T>(table: string, key: string): Promise<T | null> {
    if (!this.#isOpen) await this.#reopen();
    const found: unknown = await request(this.#database.transaction(table).objectStore(table).get(key));
    return (found as T | undefined) ?? null;
  }

  async readAll<T>(table: string, prefix: string): Promise<readonly T[]> {
    if (!this.#isOpen) await this.#reopen();
    const store = this.#database.transaction(table).objectStore(table);
    return (await request(store.getAll(this.#range(prefix)))) as T[];
  }

  // The seal

  /** `value`, encrypted for the row and column that `place` names. */
  seal(place: string, value: Uint8Array): Uint8Array {
    return seal(this.#key, value, placeAd(place), this.#platform.randomBytes);
  }

  /** What was sealed for `place`.  Throws `store_damaged` if it was altered or belongs elsewhere. */
  open(place: string, sealed: Uint8Array): Uint8Array {
    const value = open(this.#key, sealed, placeAd(place));
    if (value === null) throw new EngineError("store_damaged", { where: place.split(" ")[0] ?? "" });
    return value;
  }

  // Ends

  /** Delete everything, for good: memory at once, the disk when this resolves.  Writing is refused from now on. */
  async wipe(): Promise<void> {
    this.#isWiped = true;
    for (const table of this.#tables.values()) {
      for (const key of [...table.rows.keys()]) table.apply(key, undefined);
    }
    await this.#turn.run(async () => {
      if (!this.#isOpen) await this.#reopen();
      const transaction = this.#database.transaction([...STORES], "readwrite", { durability: "strict" });
      const done = wholeTransaction(transaction);
      for (const name of STORES) transaction.objectStore(name).clear();
      await done;
    });
  }

  /** Release the database, for good: what is under way fails.  Calling twice is harmless. */
  close(): void {
    this.#isOpen = false;
    this.#isClosed = true;
    this.#database.close();
  }
}

function placeAd(place: string): Uint8Array {
  return concat(domain("store-place"), new TextEncoder().encode(place));
}

function storageError(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  if (error.name === "QuotaExceededError") return new EngineError("storage_full", {}, { cause: error });
  return new EngineError("store_failed", { reason: error.name }, { cause: error });
}
