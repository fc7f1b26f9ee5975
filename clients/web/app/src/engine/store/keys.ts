/**
 * The accounts of this browser, and how the key of each one's store is kept.
 *
 * A store's key (32 bytes) never leaves the browser.  It is wrapped by an AES-GCM key of WebCrypto that no script can
 * read out; once a PIN or a passkey is set, it is sealed under that first, and no copy is left that opens without it.
 * A PIN is stretched with Argon2id, as a passphrase is (protocol §5).  Neither protects from whoever runs the browser
 * while it is open; both from whoever finds it closed.
 *
 * libsodium is fetched for a PIN or a passkey only: whoever comes for the first time is asked who they are before it.
 */

import { EngineError, hasCode } from "../errors.js";
import type { Ms } from "../ids.js";
import type { Platform } from "../platform.js";
import { deleteDatabase, request, wholeTransaction } from "./schema.js";

const DATABASE = "miss-accounts";
const ACCOUNTS = "account";
const ARGON2_OPS = 3;
const ARGON2_MEM_BYTES = 64 * 1024 * 1024;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const IV_BYTES = 12;
/** Wrong PINs that cost nothing; then each makes the next wait, twice as long as the one before. */
const FREE_TRIES = 5;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;

export type LockWay = "pin" | "passkey";

/** What is known of an account while it is closed. */
export interface Account {
  /** Also the name of its database, and of the lock that one tab holds. */
  readonly name: string;
  /** Whose it is, for the choice between several on a shared workstation; empty before a device is linked. */
  readonly label: string;
  /** The ways that open it; none: it opens by itself. */
  readonly locks: readonly LockWay[];
  /** Which passkey to ask, and the salt of its PRF; null without one. */
  readonly passkey: { readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array } | null;
  readonly openedAtMs: Ms;
}

interface Wrap {
  readonly way: LockWay | "none";
  /** Of the PIN, or of the passkey's PRF. */
  readonly salt: Uint8Array;
  readonly credentialId: Uint8Array;
  readonly iv: Uint8Array;
  /** The key, sealed under the PIN's or passkey's key unless `way` is "none", then encrypted with the browser's. */
  readonly wrapped: Uint8Array;
}

interface Row {
  readonly name: string;
  readonly label: string;
  readonly openedAtMs: Ms;
  readonly browserKey: CryptoKey;
  readonly wraps: readonly Wrap[];
  /** Wrong PINs in a row, and until when none is looked at. */
  readonly tries: number;
  readonly closedUntilMs: Ms;
}

/** The accounts of this browser.  `open` reads them; every change is durable when it resolves. */
export class Accounts {
  readonly #platform: Platform;
  readonly #database: IDBDatabase;

  private constructor(platform: Platform, database: IDBDatabase) {
    this.#platform = platform;
    this.#database = database;
    database.onversionchange = () => database.close();
  }

  static async open(platform: Platform): Promise<Accounts> {
    const opening = platform.indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(ACCOUNTS);
    return new Accounts(platform, await request(opening));
  }

  /** The latest opened first. */
  async list(): Promise<readonly Account[]> {
    const store = this.#database.transaction(ACCOUNTS).objectStore(ACCOUNTS);
    const rows = (await request(store.getAll())) as Row[];
    return rows.sort((a, b) => b.openedAtMs - a.openedAtMs).map(accountOf);
  }

  /** A new account without a lock, and the key of its store. */
  async create(label = ""): Promise<{ readonly account: Account; readonly key: Uint8Array }> {
    const { randomBytes, subtle } = this.#platform;
    const name = `miss-${Array.from(randomBytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    const key = randomBytes(KEY_BYTES);
    const browserKey = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const wrap = await this.#wrap(browserKey, "none", key, new Uint8Array(), new Uint8Array());
    const openedAtMs = this.#platform.nowMs();
    const row: Row = { name, label, openedAtMs, browserKey, wraps: [wrap], tries: 0, closedUntilMs: 0 };
    await this.#put(row);
    return { account: accountOf(row), key };
  }

  async setLabel(name: string, label: string): Promise<void> {
    await this.#put({ ...(await this.#get(name)), label });
  }

  /** The key of an account without a lock.  Throws `account_locked`, `account_unknown`. */
  async unlock(name: string): Promise<Uint8Array> {
    return this.#unlock(name, "none", null);
  }

  /**
   * Slow by design.  Throws `account_unknown`, and `wrong_pin` with `left`, the tries that cost nothing, and `waitMs`,
   * for how long none is looked at now.
   */
  async unlockWithPin(name: string, pin: string): Promise<Uint8Array> {
    const row = await this.#get(name);
    const waitMs = Math.min(row.closedUntilMs - this.#platform.nowMs(), LONGEST_WAIT_MS);
    if (waitMs > 0) throw new EngineError("wrong_pin", { left: 0, waitMs });
    // Counted before it is looked at: whoever closes the page meanwhile has tried too.
    const tries = row.tries + 1;
    const nextMs = tries < FREE_TRIES ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (tries - FREE_TRIES), LONGEST_WAIT_MS);
    await this.#put({ ...row, tries, closedUntilMs: nextMs === 0 ? 0 : this.#platform.nowMs() + nextMs });
    try {
      return await this.#unlock(name, "pin", (wrap) => pinKey(pin, wrap.salt));
    } catch (error) {
      if (!hasCode(error, "wrong_pin")) throw error;
      throw new EngineError("wrong_pin", { left: Math.max(0, FREE_TRIES - tries), waitMs: nextMs });
    }
  }

  /** `prf`: 32 bytes that the passkey gave for `passkey.prfSalt`.  Throws `wrong_passkey`, `account_unknown`. */
  async unlockWithPasskey(name: string, prf: Uint8Array): Promise<Uint8Array> {
    return this.#unlock(name, "passkey", () => prf);
  }

  async #unlock(name: string, way: Wrap["way"], lockKey: ((wrap: Wrap) => Uint8Array | Promise<Uint8Array>) | null): Promise<Uint8Array> {
    const row = await this.#get(name);
    const wrap = row.wraps.find((one) => one.way === way);
    if (wrap === undefined) throw new EngineError(way === "none" ? "account_locked" : `wrong_${way}`);
    const inner = await this.#decrypt(row.browserKey, wrap);
    const key = lockKey === null ? inner : (await sodium()).open(await lockKey(wrap), inner, lockAd(way));
    if (key === null) throw new EngineError(`wrong_${way}`);
    await this.#put({ ...row, openedAtMs: this.#platform.nowMs(), tries: 0, closedUntilMs: 0 });
    return key;
  }

  /** From now on the account opens with this PIN (too).  `key`: the store's, which only an open account has. */
  async setPin(name: string, key: Uint8Array, pin: string): Promise<void> {
    const salt = this.#platform.randomBytes(SALT_BYTES);
    await this.#setLock(name, key, "pin", await pinKey(pin, salt), salt, new Uint8Array());
  }

  /** From now on the account opens with this passkey (too); `prf`: what it gave for `prfSalt`, 32 bytes. */
  async setPasskey(
    name: string,
    key: Uint8Array,
    passkey: { readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array; readonly prf: Uint8Array },
  ): Promise<void> {
    await this.#setLock(name, key, "passkey", passkey.prf, passkey.prfSalt, passkey.credentialId);
  }

  async #setLock(
    name: string,
    key: Uint8Array,
    way: LockWay,
    lockKey: Uint8Array,
    salt: Uint8Array,
    credentialId: Uint8Array,
  ): Promise<void> {
    const row = await this.#get(name);
    const sealed = (await sodium()).seal(lockKey, key, lockAd(way), this.#platform.randomBytes);
    const wrap = await this.#wrap(row.browserKey, way, sealed, salt, credentialId);
    const others = row.wraps.filter((one) => one.way !== way && one.way !== "none");
    await this.#put({ ...row, wraps: [...others, wrap] });
  }

  /** Take a lock off; the last one gone, the account opens by itself. */
  async removeLock(name: string, key: Uint8Array, way: LockWay): Promise<void> {
    const row = await this.#get(name);
    const left = row.wraps.filter((one) => one.way !== way);
    const plain = await this.#wrap(row.browserKey, "none", key, new Uint8Array(), new Uint8Array());
    await this.#put({ ...row, wraps: left.length > 0 ? left : [plain] });
  }

  /** Forget an account: its key first, so that nothing opens what may be left of its database. */
  async remove(name: string): Promise<void> {
    const transaction = this.#database.transaction(ACCOUNTS, "readwrite", { durability: "strict" });
    const done = wholeTransaction(transaction);
    transaction.objectStore(ACCOUNTS).delete(name);
    await done;
    await deleteDatabase(this.#platform, name);
  }

  close(): void {
    this.#database.close();
  }

  async #get(name: string): Promise<Row> {
    const store = this.#database.transaction(ACCOUNTS).objectStore(ACCOUNTS);
    const row = (await request(store.get(name))) as Row | undefined;
    if (row === undefined) throw new EngineError("account_unknown");
    return row;
  }

  async #put(row: Row): Promise<void> {
    const transaction = this.#database.transaction(ACCOUNTS, "readwrite", { durability: "strict" });
    const done = wholeTransaction(transaction);
    transaction.objectStore(ACCOUNTS).put(row, row.name);
    await done;
  }

  async #wrap(
    browserKey: CryptoKey,
    way: Wrap["way"],
    content: Uint8Array,
    salt: Uint8Array,
    credentialId: Uint8Array,
  ): Promise<Wrap> {
    const iv = this.#platform.randomBytes(IV_BYTES);
    const algorithm = { name: "AES-GCM", iv: iv.slice(), additionalData: lockAd(way).slice() };
    const wrapped = await this.#platform.subtle.encrypt(algorithm, browserKey, content.slice());
    return { way, salt, credentialId, iv, wrapped: new Uint8Array(wrapped) };
  }

  async #decrypt(browserKey: CryptoKey, wrap: Wrap): Promise<Uint8Array> {
    const algorithm = { name: "AES-GCM", iv: wrap.iv.slice(), additionalData: lockAd(wrap.way).slice() };
    try {
      return new Uint8Array(await this.#platform.subtle.decrypt(algorithm, browserKey, wrap.wrapped.slice()));
    } catch (error) {
      throw new EngineError("store_damaged", { where: "account" }, { cause: error });
    }
  }
}

function accountOf({ name, label, openedAtMs, wraps }: Row): Account {
  const locks = wraps.flatMap((wrap) => (wrap.way === "none" ? [] : [wrap.way]));
  const passkey = wraps.find((wrap) => wrap.way === "passkey");
  return {
    ...{ name, label, openedAtMs, locks },
    passkey: passkey === undefined ? null : { credentialId: passkey.credentialId, prfSalt: passkey.salt },
  };
}

function sodium(): Promise<typeof import("@miss/core/primitives.js")> {
  return import("@miss/core/primitives.js");
}

async function pinKey(pin: string, salt: Uint8Array): Promise<Uint8Array> {
  const { stretch } = await sodium();
  return stretch(pin.normalize("NFKC"), salt, ARGON2_OPS, ARGON2_MEM_BYTES);
}

function lockAd(way: string): Uint8Array {
  return new TextEncoder().encode(`MiSS account ${way}`);
}
