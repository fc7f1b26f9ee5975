/**
 * Who the others are: their chains of links, verified against the pinned root and pinned in turn.  protocol §3
 *
 * A chain seen once is never replaced: it only grows, and every added link is verified.  A server that shows a shorter
 * or another chain than before is refused by name, and what is pinned stays in force.  What a change asks of the owner
 * (a new device, a reset) is stored with the links that made it.
 */

import { equal } from "@miss/core/bytes.js";
import { type Chain, states, verifyChain } from "@miss/core/chains.js";
import type { Commit } from "@miss/core/commits.js";
import { LinkError, UnknownLinkHead } from "@miss/core/errors.js";
import { parseLink, type Who } from "@miss/core/links.js";
import { verifyOpcert } from "@miss/core/opcert.js";

import type { Announcer } from "../announcer.js";
import type { WarningKind } from "../api.js";
import { EngineError, hasCode } from "../errors.js";
import type { ChainsAnswer } from "../identityApi.js";
import { hex, type Uid } from "../ids.js";
import type { Platform } from "../platform.js";
import type { ChainAnswer, ServerApi } from "../serverApi.js";
import type { ServerTime } from "../serverTime.js";
import type { Store } from "../store/store.js";
import { inSlices, Locks } from "../waiting.js";
import { warningsBetween } from "./warnings.js";

const CHAINS_AT_ONCE = 500;

/** Links that hold, to be stored with what they ask of the owner. */
interface Pin {
  readonly uid: Uid;
  readonly before: Chain | null;
  readonly chain: Chain;
  readonly links: readonly Uint8Array[];
  readonly isOwn: boolean;
  readonly warnings: readonly WarningKind[];
}

/** Everybody this device has met. */
export class Identities {
  readonly #platform: Platform;
  readonly #store: Store;
  readonly #root: Uint8Array;
  readonly #api: ServerApi;
  readonly #time: ServerTime;
  readonly #announcer: Announcer;
  readonly #chains = new Map<Uid, Chain>();
  readonly #names = new Map<Uid, Who>();
  readonly #locks = new Locks();

  /** `root`: ROOT's public key, as pinned. */
  constructor(platform: Platform, store: Store, root: Uint8Array, api: ServerApi, time: ServerTime, announcer: Announcer) {
    this.#platform = platform;
    this.#store = store;
    this.#root = root;
    this.#api = api;
    this.#time = time;
    this.#announcer = announcer;
  }

  /** The pinned chain; null for a stranger.  Verified again when it is read from the store. */
  find(uid: Uid): Chain | null {
    const known = this.#chains.get(uid);
    if (known !== undefined) return known;
    const links = this.#store.people.links(uid);
    if (links.length === 0) return null;
    const chain = verifyChain(links.map(parseLink), this.#root, this.#store.device.opcerts());
    this.#chains.set(uid, chain);
    return chain;
  }

  /**
   * Who somebody is, as certified; null for a stranger.
   *
   * Read without verifying again what was verified when it was pinned: the store is sealed, and lists of hundreds of
   * members are shown at once.
   */
  who(uid: Uid): Who | null {
    const known = this.#chains.get(uid)?.who ?? this.#names.get(uid);
    if (known !== undefined) return known;
    const cores = this.#store.people.links(uid).map((link) => parseLink(link).core);
    const who = cores.findLast((core) => core.who !== null)?.who ?? null;
    if (who !== null) this.#names.set(uid, who);
    return who;
  }

  /** The pinned chain, fetched on first meeting.  Throws as `refresh`. */
  async get(uid: Uid): Promise<Chain> {
    return this.find(uid) ?? (await this.refresh(uid));
  }

  /**
   * The chain as the server has it now, verified to continue the pinned one.
   *
   * Throws `contact_without_device`, `chain_withdrawn`, a LinkError, BadOpCert, ServerUnreachable.
   */
  refresh(uid: Uid): Promise<Chain> {
    return this.#locks.run(uid, async () => {
      try {
        return await this.#takeWhole(uid, await this.#api.fetchChain(uid));
      } catch (error) {
        throw hasCode(error, "not_found") ? new EngineError("contact_without_device", { uid }) : error;
      }
    });
  }

  /** `refresh` of the owner's chain, asked for by signature: answered to a device that was revoked, too. */
  refreshOwn(uid: Uid): Promise<Chain> {
    return this.#locks.run(uid, async () => this.#takeWhole(uid, await this.#api.fetchOwnChain()));
  }

  #takeWhole(uid: Uid, { links, opcerts }: ChainAnswer): Promise<Chain> {
    const pinned = this.#store.people.links(uid);
    if (!pinned.every((link, at) => equal(link, links[at] ?? new Uint8Array()))) {
      throw new EngineError("chain_withdrawn", { uid, pinned: pinned.length, shown: links.length });
    }
    return this.#extend(uid, links.slice(pinned.length), opcerts);
  }

  /** `refresh` for each of `uids`: only what is new is asked for, of up to 500 people at once. */
  async refreshAll(uids: Iterable<Uid>): Promise<ReadonlyMap<Uid, Chain>> {
    const wanted = [...new Set(uids)];
    await inSlices(this.#platform, this.#read(wanted));
    let missing = wanted;
    while (missing.length > 0) {
      const asked = missing.slice(0, CHAINS_AT_ONCE);
      const known = new Map(asked.map((uid) => [uid, this.find(uid)?.seq ?? 0]));
      const answer = await this.#api.identity.fetchChains([...known]);
      const shown = new Set(answer.chains.keys());
      const [hidden] = asked.filter((uid) => !shown.has(uid));
      if (hidden !== undefined && (!answer.more || asked.every((uid) => !shown.has(uid)))) throw unreachable(hidden);
      await this.#takeNew(known, answer);
      missing = missing.filter((uid) => !shown.has(uid));
    }
    const chains = new Map<Uid, Chain>();
    for (const uid of wanted) chains.set(uid, await this.get(uid));
    return chains;
  }

  /** Verify what is pinned of each and was not read since the start; a step for each person. */
  *#read(uids: readonly Uid[]): Generator<void, void, void> {
    for (const uid of uids) {
      if (this.#chains.has(uid)) continue;
      this.find(uid);
      yield;
    }
  }

  /** The server says which links follow the first `known` ones of each; stored together.  Throws as `refresh`. */
  async #takeNew(known: ReadonlyMap<Uid, number>, answer: ChainsAnswer): Promise<void> {
    const told = [...answer.chains].filter(([uid]) => known.has(uid)).sort(([one], [other]) => (one < other ? -1 : 1));
    const rewritten = await this.#lockAll(
      told.map(([uid]) => uid),
      async () => {
        const { others, pins } = await inSlices(this.#platform, this.#verifyNew(told, known, answer.opcerts));
        await this.#takeOpcerts(answer.opcerts);
        await this.#pin(pins);
        return others;
      },
    );
    // What it shows does not follow what is pinned: the whole chain tells which of the two was rewritten.
    for (const uid of rewritten) await this.refresh(uid);
  }

  /** What is to be pinned of `told`, and whose chain was rewritten; a step for each person. */
  *#verifyNew(
    told: readonly (readonly [Uid, readonly Uint8Array[]])[],
    known: ReadonlyMap<Uid, number>,
    opcerts: readonly Uint8Array[],
  ): Generator<void, { readonly pins: readonly Pin[]; readonly others: readonly Uid[] }, void> {
    const pins: Pin[] = [];
    const others: Uid[] = [];
    for (const [uid, links] of told) {
      const before = this.find(uid);
      // Some may have been announced while the answer was on its way.
      const news = links.slice((before?.seq ?? 0) - (known.get(uid) ?? 0));
      if (before === null && links.length === 0) throw unreachable(uid);
      if (news.length === 0) continue;
      try {
        pins.push(this.#verify(uid, before, news, opcerts));
      } catch (error) {
        if (before === null || !(error instanceof LinkError)) throw error;
        others.push(uid);
      }
      yield;
    }
    return { pins, others };
  }

  /** `uids` in ascending order, so that two who wait for each other's cannot be. */
  async #lockAll<T>(uids: readonly Uid[], work: () => Promise<T>): Promise<T> {
    const [first, ...others] = uids;
    return first === undefined ? work() : this.#locks.run(first, () => this.#lockAll(others, work));
  }

  /**
   * The chains of a commit's members, each long enough to hold the state that the commit names.
   *
   * Throws UnknownLinkHead if the server does not show that state, and as `refresh`.
   */
  async chainsFor({ core }: Commit): Promise<ReadonlyMap<Uid, Chain>> {
    const members = core.members.map(({ uid, linkHead }) => ({ uid: hex(uid), linkHead }));
    await inSlices(this.#platform, this.#read(members.map(({ uid }) => uid)));
    await this.refreshAll(members.flatMap(({ uid, linkHead }) => (this.#has(uid, linkHead) ? [] : [uid])));
    const behind = members.find(({ uid, linkHead }) => !this.#has(uid, linkHead));
    if (behind !== undefined) throw new UnknownLinkHead({ uid: behind.uid, seq: 0 });
    const chains = new Map<Uid, Chain>();
    for (const { uid } of members) chains.set(uid, await this.get(uid));
    return chains;
  }

  #has(uid: Uid, head: Uint8Array): boolean {
    const chain = this.find(uid);
    return chain !== null && [...states(chain)].some((state) => equal(state.head, head));
  }

  /**
   * The server announces a new link of `uid`; ignored for a stranger.
   *
   * Throws as `refresh`, and a LinkError for one that the person's chain, asked for as a whole, does not hold.
   */
  async takeLink(uid: Uid, link: Uint8Array): Promise<void> {
    if (this.find(uid) === null) return;
    try {
      await this.#locks.run(uid, () => this.#extend(uid, [link], []));
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      // Known already, not the next one, or under a certificate of today: the whole chain tells.
      await this.refresh(uid);
      if (!this.#store.people.links(uid).some((known) => equal(known, link))) throw error;
    }
  }

  /** Throws `contact_reset` if the devices of one of `uids` were started over and the owner has not accepted it. */
  requireAccepted(uids: Iterable<Uid>): void {
    const waiting = this.#store.people.listUnaccepted();
    const [first] = [...uids].filter((uid) => waiting.has(uid)).sort();
    if (first !== undefined) throw new EngineError("contact_reset", { uid: first });
  }

  /** Verify `links` after what is pinned, and pin them. */
  async #extend(uid: Uid, links: readonly Uint8Array[], opcerts: readonly Uint8Array[]): Promise<Chain> {
    const before = this.find(uid);
    // The operator renews its certificates: they are taken even when the chain itself is as it was.
    await this.#takeOpcerts(opcerts);
    if (before !== null && links.length === 0) return before;
    const pin = this.#verify(uid, before, links, opcerts);
    await this.#pin([pin]);
    return pin.chain;
  }

  #verify(uid: Uid, before: Chain | null, links: readonly Uint8Array[], opcerts: readonly Uint8Array[]): Pin {
    const { device } = this.#store;
    const certs = [...device.opcerts(), ...opcerts];
    const chain = verifyChain(links.map(parseLink), this.#root, certs, this.#time.nowMs(), before);
    if (hex(chain.uid) !== uid) throw new EngineError("certified_identity_mismatch", { field: "uid" });
    const isOwn = device.find()?.uid === uid;
    return { uid, before, chain, links, isOwn, warnings: isOwn ? [] : warningsBetween(before, chain) };
  }

  async #pin(pins: readonly Pin[]): Promise<void> {
    const { people } = this.#store;
    await this.#store.transaction(() => {
      for (const { before, chain, isOwn, links, uid, warnings } of pins) {
        people.append(uid, (before?.seq ?? 0) + 1, links);
        if (isOwn) continue;
        // At a first meeting there is no earlier key to protect: past resets warn, and do not block.
        people.noteResets(uid, (before ?? chain).resets, chain.resets);
        people.warn(uid, warnings, this.#time.nowMs());
      }
    });
    for (const { chain, uid } of pins) this.#chains.set(uid, chain);
    for (const { before, chain, isOwn, uid, warnings } of pins) {
      const isAnother = isOwn && before !== null && !hasSameDevices(before, chain);
      if (isAnother) this.#announcer.announce({ kind: "devicesChanged" });
      for (const warning of warnings) this.#announcer.announce({ kind: "contactWarned", uid, warning });
    }
  }

  async #takeOpcerts(opcerts: readonly Uint8Array[]): Promise<void> {
    const known = new Set(this.#store.device.opcerts().map(hex));
    const news = opcerts.filter((raw) => !known.has(hex(raw)));
    for (const raw of news) verifyOpcert(raw, this.#root);
    if (news.length > 0) await this.#store.transaction(() => this.#store.device.addOpcerts(news));
  }
}

function unreachable(uid: Uid): EngineError {
  return new EngineError("contact_without_device", { uid });
}

function hasSameDevices(before: Chain, after: Chain): boolean {
  return before.devices.size === after.devices.size && [...before.devices.keys()].every((did) => after.devices.has(did));
}
