/**
 * The vault: secrets of epochs whose box an earlier user key opened, kept on the server under the one in force.  §5
 *
 * Fetched when something needs them, one conversation at a time; every secret is checked against the commit it is said
 * to belong to.  An entry that does not open, or is another epoch's, is passed over: it hides nothing that could be
 * read, and the place it was wanted for says so by name.
 */

import { requireConfirmed } from "@miss/core/commits.js";
import { VaultEntryUnreadable, WrongConfirmation } from "@miss/core/errors.js";
import type { UserKey } from "@miss/core/keys.js";
import { openVaultEntry } from "@miss/core/vault.js";
import type { ServerApi } from "../serverApi.js";
import { type Cid, hex, unhex } from "../ids.js";
import type { Epoch } from "../store/conversations.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import type { UserKeys } from "./userKeys.js";

const ENTRIES_AT_ONCE = 1000;
/** How often reading starts over because the user key changed meanwhile. */
const MAX_RESTARTS = 5;

/** The secret of one epoch of one conversation; empty: it never will open. */
export interface Secret {
  readonly cid: Cid;
  readonly epoch: number;
  readonly es: Uint8Array;
}
/** By `secretKey`. */
export type Secrets = ReadonlyMap<string, Secret>;

export function secretKey(cid: Cid, epoch: number): string {
  return `${cid} ${epoch}`;
}

/** What one person's devices share about the past. */
export class Vault {
  readonly #store: Store;
  readonly #device: DeviceRecord;
  readonly #userKeys: UserKeys;
  readonly #api: ServerApi;
  /** Generation of the vault when a conversation was looked up, and its epochs then. */
  readonly #lookedUp = new Map<Cid, string>();

  constructor(store: Store, device: DeviceRecord, userKeys: UserKeys, api: ServerApi) {
    this.#store = store;
    this.#device = device;
    this.#userKeys = userKeys;
    this.#api = api;
  }

  /** A new connection: what the server kept back it may give now. */
  restart(): void {
    this.#lookedUp.clear();
  }

  /**
   * Store the secrets that the vault has for epochs of `cid` known here without one; how many there were.
   *
   * Asks once for each generation and each new epoch, so calling again costs nothing.  Throws what the server refuses,
   * and as `UserKeys.follow`.
   */
  async openEpochs(cid: Cid): Promise<number> {
    const known = this.#store.conversations.epochs(cid);
    const missing = new Map([...known].filter(([, epoch]) => epoch.es === null));
    if (missing.size === 0) return 0;
    const state = `${(await this.#userKeys.follow()).generation} ${known.size}`;
    if (this.#lookedUp.get(cid) === state) return 0;
    const found = await this.#fetch(cid);
    const opened = [...found.values()].flatMap((secret) => confirmed(missing.get(secret.epoch), secret));
    await this.#store.transaction(() => {
      for (const { epoch, es } of opened) this.#store.conversations.addEpoch(epoch.commit, es);
    });
    this.#lookedUp.set(cid, state);
    return opened.length;
  }

  /** Every secret in the vault that opens.  Throws as `openEpochs`. */
  fetchAll(): Promise<Secrets> {
    return this.#fetch(null);
  }

  /** The secrets of one conversation, or of all. */
  async #fetch(cid: Cid | null): Promise<Secrets> {
    for (let restarts = 0; restarts < MAX_RESTARTS; restarts += 1) {
      const found = await this.#read(cid, await this.#userKeys.follow());
      if (found !== null) return found;
      // The vault is under another generation than the key this device follows: what does the chain say now?
      await this.#userKeys.catchUp();
    }
    return new Map();
  }

  /** One reading under `key`; null if the vault is under another one by now. */
  async #read(cid: Cid | null, key: UserKey): Promise<Secrets | null> {
    const found = new Map<string, Secret>();
    let after: readonly [Cid, number] | null = cid === null ? null : [cid, 0];
    for (;;) {
      const page = await this.#api.identity.fetchVault(after, ENTRIES_AT_ONCE);
      if (page.generation !== key.generation) return null;
      const wanted = page.entries.filter(([entry]) => cid === null || hex(entry) === cid);
      for (const [entry, epoch, sealed] of wanted) this.#open(hex(entry), epoch, sealed, key, found);
      const last = wanted.at(-1);
      if (!page.more || last === undefined || wanted.length < page.entries.length) return found;
      const next: readonly [Cid, number] = [hex(last[0]), last[1]];
      if (after !== null && !isAfter(next, after)) return found;
      after = next;
    }
  }

  #open(cid: Cid, epoch: number, sealed: Uint8Array, key: UserKey, into: Map<string, Secret>): void {
    try {
      const es = openVaultEntry(key, { uid: unhex(this.#device.uid), cid: unhex(cid), epoch }, sealed);
      into.set(secretKey(cid, epoch), { cid, epoch, es });
    } catch (error) {
      if (!(error instanceof VaultEntryUnreadable)) throw error;
    }
  }
}

/** The epoch with its secret, if it is wanted and the secret is its own. */
function confirmed(epoch: Epoch | undefined, { es }: Secret): { epoch: Epoch; es: Uint8Array }[] {
  if (epoch === undefined) return [];
  try {
    requireConfirmed(epoch.commit, es);
  } catch (error) {
    if (error instanceof WrongConfirmation) return [];
    throw error;
  }
  return [{ epoch, es }];
}

function isAfter([cid, epoch]: readonly [Cid, number], [before, earlier]: readonly [Cid, number]): boolean {
  return cid > before || (cid === before && epoch > earlier);
}
