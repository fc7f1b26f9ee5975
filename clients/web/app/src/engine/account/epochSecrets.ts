/**
 * How a device comes by the secrets of epochs: from its person's box, from history, or from the vault.  protocol §4, §5
 *
 * A box is sealed to one generation of the user key.  Once that key was replaced the box is gone, and the secret is in
 * the vault; so an epoch without a secret here is no fault, and is completed when something needs it.
 */

import { boxOf, type Commit, historyBoxOf, memberOf, openBox, openHistory, withBox } from "@miss/core/commits.js";
import { CommitError } from "@miss/core/errors.js";

import { hasCode } from "../errors.js";
import { type Cid, hex, unhex } from "../ids.js";
import type { ServerApi } from "../serverApi.js";
import type { Epoch } from "../store/conversations.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import type { UserKeys } from "./userKeys.js";
import type { Vault } from "./vault.js";

/** The secret of an epoch, if it opens here, and those of earlier ones that came with it as history. */
export interface OpenedSecrets {
  readonly es: Uint8Array | null;
  readonly older: ReadonlyMap<number, Uint8Array>;
}

/** Nothing opens. */
export const NO_SECRETS: OpenedSecrets = { es: null, older: new Map() };

/** What one device can open. */
export class EpochSecrets {
  readonly #store: Store;
  readonly #uid: Uint8Array;
  readonly #userKeys: UserKeys;
  readonly #vault: Vault;
  readonly #api: ServerApi;
  /** Generation and number of epochs when a conversation was last completed. */
  readonly #completed = new Map<Cid, string>();

  constructor(store: Store, device: DeviceRecord, userKeys: UserKeys, vault: Vault, api: ServerApi) {
    this.#store = store;
    this.#uid = unhex(device.uid);
    this.#userKeys = userKeys;
    this.#vault = vault;
    this.#api = api;
  }

  /**
   * What a verified commit, with this person's boxes put back, gives.
   *
   * Nothing for an epoch this person is no member of, whose box is gone, or whose user key is not held (yet): see
   * `complete`.  Throws a CommitError if a box does not open or its secret is not the commit's.
   */
  open(commit: Commit): OpenedSecrets {
    const member = memberOf(commit, this.#uid);
    if (member === null || boxOf(commit, this.#uid) === null) return NO_SECRETS;
    const key = this.#userKeys.find(member.uekGen);
    if (key === null) return NO_SECRETS;
    const es = openBox(commit, this.#uid, key);
    if (historyBoxOf(commit, this.#uid) === null) return { es, older: new Map() };
    const known = this.#store.conversations.epochs(hex(commit.core.cid));
    const commits = new Map([...known].map(([number, epoch]) => [number, epoch.commit]));
    return { es, older: openHistory(commit, this.#uid, key, commits) };
  }

  /** Store what `open` gave, the older secrets with the commits they belong to.  Inside the caller's transaction. */
  keep(commit: Commit, { es, older }: OpenedSecrets): void {
    this.#store.conversations.addEpoch(commit, es);
    for (const [number, secret] of older) {
      const epoch = this.#store.conversations.findEpoch(hex(commit.core.cid), number);
      if (epoch !== null) this.#store.conversations.addEpoch(epoch.commit, secret);
    }
  }

  /** A new connection: what the server kept back it may give now. */
  restart(): void {
    this.#completed.clear();
    this.#vault.restart();
  }

  /** Epochs of it were lost, and others take their numbers. */
  forget(cid: Cid): void {
    this.#completed.delete(cid);
  }

  /**
   * Open every epoch of `cid` that is known here and can be opened, in the vault or by a box not opened before.
   *
   * Costs nothing while nothing changes.  Throws ServerUnreachable, ServerRefused, and as `UserKeys.follow`.
   */
  async complete(cid: Cid): Promise<void> {
    const known = this.#store.conversations.epochs(cid);
    if ([...known.values()].every((epoch) => epoch.es !== null)) return;
    const state = `${(await this.#userKeys.follow()).generation} ${known.size}`;
    if (this.#completed.get(cid) === state) return;
    await this.#vault.openEpochs(cid);
    await this.#openBoxes(cid);
    this.#completed.set(cid, state);
  }

  /** Ask again for the boxes of this person that could not be opened when their commits came. */
  async #openBoxes(cid: Cid): Promise<void> {
    const epochs = this.#store.conversations.epochs(cid);
    for (let missing = this.#closed(epochs); missing[0] !== undefined; ) {
      const first = missing[0];
      const lines = await this.#fetchFrom(cid, first);
      for (const [at, { box, history }] of lines.entries()) {
        const epoch = epochs.get(first + at);
        if (epoch !== undefined && box !== null) await this.#openAgain(epoch.commit, box, history);
      }
      missing = lines.length === 0 ? [] : missing.filter((number) => number >= first + lines.length);
    }
  }

  /** The epochs whose boxes may open what is closed: their own secret, or history that came with them. */
  #closed(epochs: ReadonlyMap<number, Epoch>): readonly number[] {
    const firstClosed = [...epochs].find(([, epoch]) => epoch.es === null)?.[0] ?? Infinity;
    const isOwn = (box: { readonly uid: Uint8Array }): boolean => hex(box.uid) === hex(this.#uid);
    return [...epochs].flatMap(([number, { commit, es }]) =>
      (es === null && memberOf(commit, this.#uid) !== null) || (commit.history.some(isOwn) && firstClosed < number)
        ? [number]
        : [],
    );
  }

  async #fetchFrom(cid: Cid, number: number): ReturnType<ServerApi["fetchCommits"]> {
    try {
      return await this.#api.fetchCommits(cid, number);
    } catch (error) {
      if (hasCode(error, "not_found")) return [];
      throw error;
    }
  }

  async #openAgain(known: Commit, box: Uint8Array, history: Uint8Array | null): Promise<void> {
    try {
      const commit = withBox(known, this.#uid, box, history);
      const opened = this.open(commit);
      await this.#store.transaction(() => this.keep(commit, opened));
    } catch (error) {
      // What does not hold hides nothing: the place it was wanted for says so by name.
      if (!(error instanceof CommitError)) throw error;
    }
  }
}
