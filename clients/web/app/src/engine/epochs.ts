/**
 * Conversations' members and secrets: commits fetched, verified and made.  protocol §3, §4
 *
 * Every commit is checked as the server checks it, and against the one before: order, author's rights, members'
 * chains, signature, then the box and its confirmation.  What does not hold is not applied.
 */

import { type Commit, memberOf, packCommit, parseCommit, type Policy, Role, withBox } from "@miss/core/commits.js";
import { BadCommit, BoxMissing, CommitError, CommitOutOfOrder } from "@miss/core/errors.js";
import { type Author, compose, type Composed, verifyCommit } from "@miss/core/membership.js";

import { type EpochSecrets, NO_SECRETS, type OpenedSecrets } from "./account/epochSecrets.js";
import type { Announcer } from "./announcer.js";
import { EngineError, hasCode, ServerUnreachable } from "./errors.js";
import type { EpochChanged } from "./frames.js";
import { type Cid, type Hash, hex, type Uid, unhex } from "./ids.js";
import type { Identities } from "./people/identities.js";
import type { Platform } from "./platform.js";
import type { CommitLine, ServerApi } from "./serverApi.js";
import type { ServerTime } from "./serverTime.js";
import type { Epoch } from "./store/conversations.js";
import type { DeviceRecord } from "./store/device.js";
import type { Store } from "./store/store.js";
import { inSlices, Locks } from "./waiting.js";

/** How often a commit that lost a race is made again before the person is told. */
const MAX_REBASES = 5;
const MAX_USE_MS = 24 * 3600 * 1000;
/** Under one epoch; then its secret is renewed, so that a stolen one opens no more than that. */
const MAX_MESSAGES = 500;
const LOST_RACE = ["stale_epoch", "stale_link", "commit_stale", "commit_out_of_order"] as const;

/** Members and policy, as they are or are to be. */
export interface Amended {
  readonly roles: ReadonlyMap<Uid, Role>;
  readonly policy: Policy;
}
/** From the last commit to what is to follow it; null if there is nothing left to do. */
export type Amendment = (last: Commit) => Amended | null;

/** What is in force under a commit. */
export function unchanged({ core }: Commit): Amended {
  return { roles: new Map(core.members.map((member) => [hex(member.uid), member.role])), policy: core.policy };
}

export interface EpochsParts {
  readonly platform: Platform;
  readonly store: Store;
  readonly device: DeviceRecord;
  readonly identities: Identities;
  readonly api: ServerApi;
  readonly time: ServerTime;
  readonly announcer: Announcer;
  readonly secrets: EpochSecrets;
}

/** The epochs of every conversation of this device. */
export class Epochs {
  readonly #parts: EpochsParts;
  readonly #own: Uint8Array;
  readonly #author: Author;
  readonly #locks = new Locks();

  constructor(parts: EpochsParts) {
    const { did, keys, uid } = parts.device;
    this.#parts = parts;
    this.#own = unhex(uid);
    this.#author = { uid: this.#own, did: unhex(did), keys };
  }

  // What is known

  /** The latest epoch known here.  Throws `conversation_not_here`. */
  last(cid: Cid): Epoch {
    const epoch = this.#parts.store.conversations.lastEpoch(cid);
    if (epoch === null) throw new EngineError("conversation_not_here");
    return epoch;
  }

  /**
   * The commit and secret to write under.
   *
   * Throws `conversation_not_here`, `conversation_left`, `contact_reset` (a member's devices were started over, and this
   * person has not accepted it), `removed_member_back` (a restore brought back whom somebody had taken out), BoxMissing.
   */
  writable(cid: Cid): { readonly commit: Commit; readonly es: Uint8Array } {
    const { commit, es, number } = this.last(cid);
    if (memberOf(commit, this.#own) === null) throw new EngineError("conversation_left");
    this.#parts.identities.requireAccepted(commit.core.members.map((member) => hex(member.uid)));
    const out = this.#parts.store.restorations.listOut(cid);
    if (out.some((uid) => memberOf(commit, unhex(uid)) !== null)) throw new EngineError("removed_member_back");
    if (es === null) throw new BoxMissing({ epoch: number });
    return { commit, es };
  }

  /**
   * The epoch an envelope names, fetched if it is new; null if the server does not know it either.
   *
   * Its secret is fetched from the vault if it is not here.
   */
  async epochOf(cid: Cid, commitHash: Hash): Promise<Epoch | null> {
    const { secrets, store } = this.#parts;
    if (store.conversations.findEpochOf(cid, commitHash) === null) await this.catchUp(cid);
    if (store.conversations.findEpochOf(cid, commitHash)?.es === null) await secrets.complete(cid);
    return store.conversations.findEpochOf(cid, commitHash);
  }

  // What others did

  /** A new connection. */
  restart(): void {
    this.#parts.secrets.restart();
  }

  /**
   * Fetch and verify the commits that are missing here; true if there were any.
   *
   * Throws a CommitError or LinkError for the first that does not hold, ServerRefused, ServerUnreachable.
   */
  async catchUp(cid: Cid): Promise<boolean> {
    const hasFound = await this.#locks.run(cid, async () => {
      let found = false;
      // The server tells them in portions, up to the one that leaves us out.
      for (let lines = await this.#fetchNext(cid); lines.length > 0; lines = await this.#fetchNext(cid)) {
        const before = this.#parts.store.conversations.lastEpoch(cid)?.number ?? 0;
        for (const { box, commit, history } of lines) await this.#take(cid, parseCommit(commit), box, history);
        if (before > 0 && this.last(cid).number === before) {
          throw new CommitOutOfOrder({ epoch: before, expected: before + 1 });
        }
        found = true;
      }
      return found;
    });
    if (hasFound) await this.#completeLast(cid);
    return hasFound;
  }

  /** Have the secret to write under, even if its box is gone since the user key changed. */
  async #completeLast(cid: Cid): Promise<void> {
    if (this.#lacksSecret(cid)) await this.#parts.secrets.complete(cid);
    if (!this.#lacksSecret(cid)) return;
    this.#parts.announcer.announce({ kind: "commitRefused", cid, code: BoxMissing.code });
    await this.#renewLost(cid);
  }

  /** A reset took the key that the secret in force was sealed to: a renewal is due, and any member may make it. */
  async #renewLost(cid: Cid): Promise<void> {
    const last = this.last(cid);
    const own = this.#parts.identities.find(this.#parts.device.uid);
    const member = memberOf(last.commit, this.#own);
    if (own !== null && member !== null && member.uekGen < own.uekGen) await this.renew(cid, last.number);
  }

  #lacksSecret(cid: Cid): boolean {
    const last = this.#parts.store.conversations.lastEpoch(cid);
    return last !== null && last.es === null && memberOf(last.commit, this.#own) !== null;
  }

  async #fetchNext(cid: Cid): Promise<readonly CommitLine[]> {
    const known = this.#parts.store.conversations.lastEpoch(cid);
    try {
      return await this.#parts.api.fetchCommits(cid, (known?.number ?? 0) + 1);
    } catch (error) {
      if (hasCode(error, "not_found") && known !== null) return [];
      throw error;
    }
  }

  /** The server announces a commit.  Throws as `catchUp`. */
  async takeFrame(frame: EpochChanged): Promise<void> {
    const number = this.#parts.store.conversations.lastEpoch(frame.cid)?.number ?? 0;
    if (frame.epoch <= number) return;
    if (frame.epoch > number + 1) {
      await this.catchUp(frame.cid);
      return;
    }
    await this.#locks.run(frame.cid, () => this.#take(frame.cid, parseCommit(frame.commit), frame.box, frame.history));
    await this.#completeLast(frame.cid);
  }

  /** Verify the commit that follows what is known, open what is ours in it, and keep both. */
  async #take(cid: Cid, received: Commit, box: Uint8Array | null, history: Uint8Array | null): Promise<void> {
    const { announcer, identities, secrets, store, time } = this.#parts;
    if (hex(received.core.cid) !== cid) throw new BadCommit({ reason: "another_conversation" });
    const previous = store.conversations.lastEpoch(cid);
    if (previous !== null && received.core.epoch <= previous.number) return;
    verifyCommit(received, previous?.commit ?? null, await identities.chainsFor(received));
    const commit = box === null ? received : withBox(received, this.#own, box, history);
    const opened = this.#open(cid, commit);
    await store.transaction(() => {
      store.conversations.add(cid, time.nowMs());
      secrets.keep(commit, opened);
      store.restorations.settleOut(commit);
    });
    announcer.announce({ kind: "conversation", cid });
  }

  #open(cid: Cid, commit: Commit): OpenedSecrets {
    try {
      return this.#parts.secrets.open(commit);
    } catch (error) {
      if (!(error instanceof CommitError)) throw error;
      // The change itself holds and everybody else applies it; a secret that comes later completes it.
      this.#parts.announcer.announce({ kind: "commitRefused", cid, code: error.code });
      return NO_SECRETS;
    }
  }

  /** A restored server has lost the epochs after that one, for good.  Inside the caller's transaction. */
  drop(cid: Cid, after: number): void {
    this.#parts.store.conversations.dropEpochs(cid, after);
    this.#parts.secrets.forget(cid);
  }

  // What this person does

  /**
   * A new conversation of this person, its admin, and `members`.
   *
   * Throws `contact_without_device` for a member without a device, `contact_reset`, ServerRefused, ServerUnreachable.
   */
  async create(members: Iterable<Uid>, policy: Policy): Promise<Cid> {
    const { device, identities, platform } = this.#parts;
    const roles = new Map<Uid, Role>([...members].map((uid) => [uid, Role.MEMBER]));
    roles.set(device.uid, Role.ADMIN);
    const chains = await identities.refreshAll(roles.keys());
    identities.requireAccepted(roles.keys());
    const { randomBytes } = platform;
    const first = { author: this.#author, members: roles, policy, chains, randomBytes, previous: null, secrets: new Map() };
    const { commit, es } = await inSlices(platform, compose(first));
    await this.#send(commit);
    const cid = hex(commit.core.cid);
    await this.#locks.run(cid, () => this.#keepOwn(commit, es));
    return cid;
  }

  /** True once the last epoch was in use for MAX_USE_MS, or MAX_MESSAGES were sealed under it. */
  isWorn(cid: Cid): boolean {
    const { count, firstMs } = this.#parts.store.messages.useOf(cid, this.last(cid).number);
    return count >= MAX_MESSAGES || (count > 0 && this.#parts.time.nowMs() - firstMs >= MAX_USE_MS);
  }

  /** A new secret with nobody added or removed, unless there is an epoch after `number` already.  Throws as `change`. */
  async renew(cid: Cid, number: number): Promise<void> {
    await this.change(cid, (last) => (last.core.epoch <= number ? unchanged(last) : null));
  }

  /**
   * A new epoch with the members and the policy that `amend` makes of the last one's.
   *
   * Made again when another member's commit came first.  Throws `conversation_left`, CommitNotAllowed,
   * `contact_without_device`, `contact_reset`, ServerRefused, ServerUnreachable, and what `amend` throws.
   */
  async change(cid: Cid, amend: Amendment): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.catchUp(cid);
      const previous = this.last(cid).commit;
      if (memberOf(previous, this.#own) === null) throw new EngineError("conversation_left");
      await this.#parts.secrets.complete(cid);
      const amended = amend(previous);
      if (amended === null) return;
      const { commit, es } = await this.#compose(cid, previous, amended);
      try {
        await this.#send(commit);
      } catch (error) {
        if (!hasCode(error, ...LOST_RACE) || attempt === MAX_REBASES) throw error;
        continue;
      }
      await this.#locks.run(cid, () => this.#keepOwn(commit, es));
      return;
    }
  }

  async #compose(cid: Cid, previous: Commit, { policy, roles }: Amended): Promise<Composed> {
    const { identities, platform, store } = this.#parts;
    const before = previous.core.members.map((member) => hex(member.uid));
    const chains = await identities.refreshAll([...roles.keys(), ...before]);
    identities.requireAccepted(roles.keys());
    const epochs = [...store.conversations.epochs(cid)];
    const secrets = new Map(epochs.flatMap(([number, { es }]) => (es === null ? [] : [[number, es] as const])));
    const { randomBytes } = platform;
    const next = { author: this.#author, members: roles, policy, chains, randomBytes, previous, secrets };
    return inSlices(platform, compose(next));
  }

  /** Once more after a lost answer: the server takes the same commit twice as once. */
  async #send(commit: Commit): Promise<void> {
    const data = packCommit(commit);
    const { store, time } = this.#parts;
    await store.transaction(() => store.restorations.keepCommit(commit, time.nowMs()));
    try {
      await this.#parts.api.sendCommit(data);
    } catch (error) {
      if (!(error instanceof ServerUnreachable)) throw error;
      await this.#parts.api.sendCommit(data);
    }
  }

  /** Keep a commit of ours that the server accepted, unless its announcement was faster. */
  async #keepOwn(commit: Commit, es: Uint8Array): Promise<void> {
    const { announcer, store, time } = this.#parts;
    const cid = hex(commit.core.cid);
    await store.transaction(() => {
      store.conversations.add(cid, time.nowMs());
      const known = store.conversations.lastEpoch(cid);
      if (known !== null && known.number >= commit.core.epoch) return;
      store.conversations.addEpoch(commit, es);
      store.restorations.settleOut(commit);
    });
    announcer.announce({ kind: "conversation", cid });
  }
}
