/**
 * What is missing of the logs, fetched in order: the most recently active conversation first.  protocol §7
 *
 * What arrives beyond the next place of a conversation is held for a moment (processes of the server may overtake each
 * other by a little), then the gap is pulled.  Nothing counts as fetched before it is stored.
 */

import type { Connection } from "../connection.js";
import { isNamed } from "../errors.js";
import { type Err, type Item, MAX_PAGE_ITEMS, type Msg, type Page, type Pull } from "../frames.js";
import type { Cid } from "../ids.js";
import type { Store } from "../store/store.js";
import type { Intake } from "./intake.js";

/** How long a message that came too early waits for those before it. */
const HOLD_MS = 100;
const RETRY_MS = 5000;
const PULLS_AT_ONCE = 4;
/** Refused places of one conversation that are asked for again on a new connection. */
const MAX_AGAIN = 20;

export interface FetchingUser {
  /** Have `fill(cid)` called in so many milliseconds. */
  readonly checkLater: (cid: Cid, delayMs: number) => void;
  /** Something of a conversation was stored. */
  readonly kept: (cid: Cid) => void;
  /** It has to be reconciled with a restored server first: nothing of it is taken. */
  readonly waits: (cid: Cid) => boolean;
}

/** One client's gaps; `Sync` is the only task that calls it. */
export class Fetching {
  readonly #store: Store;
  readonly #connection: Pick<Connection, "pull">;
  readonly #intake: Intake;
  readonly #user: FetchingUser;
  /** Up to where to fetch, in the order to do it. */
  readonly #wanted = new Map<Cid, number>();
  readonly #pulling = new Set<Cid>();
  readonly #early = new Map<Cid, Map<number, Item>>();
  /** Where something was refused: it may be shown as it is this time. */
  readonly #doubtful = new Map<Cid, readonly [first: number, last: number]>();
  /** Pulls of such places: they say nothing of how far the log goes. */
  readonly #askedAgain = new Set<string>();
  /** Up to where the server had given us each log before this connection. */
  #had = new Map<Cid, number>();

  constructor(store: Store, connection: Pick<Connection, "pull">, intake: Intake, user: FetchingUser) {
    this.#store = store;
    this.#connection = connection;
    this.#intake = intake;
    this.#user = user;
  }

  /** True if nothing is known to be missing. */
  get isDone(): boolean {
    return this.#wanted.size === 0 && this.#pulling.size === 0 && this.#doubtful.size === 0;
  }

  /** The connection is gone, and with it every answer it owed. */
  forget(): void {
    this.#wanted.clear();
    this.#pulling.clear();
    this.#early.clear();
    this.#doubtful.clear();
    this.#askedAgain.clear();
  }

  /** The answers owed will not come. */
  repeat(): void {
    this.#pulling.clear();
  }

  /** A new connection: go on where the last one stopped. */
  begin(): void {
    const records = this.#store.conversations.list();
    this.#had = new Map(records.map((record) => [record.cid, record.syncedSeq]));
    for (const { cid, syncedSeq, lastSeq } of records) {
      if (this.#user.waits(cid)) continue;
      if (syncedSeq < lastSeq) this.#want(cid, lastSeq);
      this.#doubt(cid);
    }
    this.pull();
  }

  /** A conversation was brought together with a restored server's: its log goes on from where it stands now. */
  rebase(cid: Cid): void {
    this.#had.set(cid, this.#store.conversations.get(cid).syncedSeq);
    for (const known of [this.#early, this.#doubtful, this.#wanted]) known.delete(cid);
  }

  /** Secrets may have come since: what was refused for want of them is looked at once more. */
  askAgain(...cids: readonly Cid[]): void {
    for (const cid of cids) if (!this.#user.waits(cid)) this.#doubt(cid);
    this.pull();
  }

  /** Ask again for what was refused. */
  #doubt(cid: Cid): void {
    const refused = this.#store.messages.refused(cid, MAX_AGAIN);
    const [first, last] = [refused[0], refused.at(-1)];
    if (first !== undefined && last !== undefined) this.#doubtful.set(cid, [first, last]);
  }

  /** The server tells how far a log goes: no less than what it gave us before this connection. */
  async takeHead(cid: Cid, lastSeq: number): Promise<void> {
    if (lastSeq >= (this.#had.get(cid) ?? 0)) return;
    await this.#intake.noteRollback(cid, lastSeq);
    this.#doubt(cid);
  }

  /** An envelope of a conversation that is known here. */
  async takeMsg({ cid, seq, env, ts }: Msg): Promise<void> {
    await this.#advance(cid, seq);
    let early = this.#early.get(cid);
    if (early === undefined) this.#early.set(cid, (early = new Map()));
    early.set(seq, { seq, env, ts, gone: null });
    await this.#takeEarly(cid);
  }

  async #advance(cid: Cid, lastSeq: number): Promise<void> {
    if (!this.#store.conversations.isBehind(cid, { lastSeq })) return;
    await this.#store.transaction(() => this.#store.conversations.advance(cid, { lastSeq }));
  }

  /** Store the messages at hand that follow without a gap; look after the others in a moment. */
  async #takeEarly(cid: Cid): Promise<void> {
    const early = this.#early.get(cid) ?? new Map<number, Item>();
    const following: Item[] = [];
    let seq = this.#store.conversations.get(cid).syncedSeq;
    for (let item = early.get(seq + 1); item !== undefined; item = early.get(seq + 1)) {
      following.push(item);
      seq += 1;
    }
    if (following.length > 0) await this.#keep(cid, following, seq);
    const reached = this.#store.conversations.get(cid).syncedSeq;
    const known = [...early.values()].filter((item) => item.seq <= reached).sort((a, b) => a.seq - b.seq);
    for (const item of known) early.delete(item.seq);
    // The same again, or what the server had said was not there.
    if (known.length > 0) await this.#keep(cid, known, 0);
    if (early.size > 0) this.#user.checkLater(cid, HOLD_MS);
  }

  async #keep(cid: Cid, items: readonly Item[], upTo: number): Promise<void> {
    try {
      await this.#intake.take(cid, items, upTo);
    } catch (error) {
      // The server has it still: fetch it again when what it takes to open it can be had.
      if (isNamed(error)) this.#user.checkLater(cid, RETRY_MS);
      throw error;
    }
    this.#user.kept(cid);
  }

  /** The answer to a pull. */
  async takePage(request: Pull, page: Page): Promise<void> {
    const { cid } = page;
    this.#pulling.delete(cid);
    const items = page.items.filter((item) => item.seq >= request.fromSeq && item.seq <= request.toSeq);
    const upTo = (page.more ? items.at(-1)?.seq : undefined) ?? request.toSeq;
    await this.#keep(cid, items, this.#isAgain(request) ? 0 : upTo);
    await this.#takeEarly(cid);
    this.pull();
  }

  /** The answer to a pull, if it is none. */
  async takeRefusal(request: Pull, refusal: Err): Promise<void> {
    const { cid } = request;
    this.#pulling.delete(cid);
    if (refusal.code === "not_found") {
      // Nothing in that range is ours to read: the person had not joined yet, or has left.
      await this.#keep(cid, [], this.#isAgain(request) ? 0 : request.toSeq);
      await this.#takeEarly(cid);
    } else {
      this.#wanted.delete(cid);
      this.#user.checkLater(cid, refusal.retryAfterS === null ? RETRY_MS : refusal.retryAfterS * 1000);
    }
    this.pull();
  }

  #isAgain({ cid, fromSeq, toSeq }: Pull): boolean {
    return this.#askedAgain.delete(`${cid} ${fromSeq} ${toSeq}`);
  }

  /** The log reaches `seq`; false if that is no news.  What is missing is probably on its way. */
  async heardOf(cid: Cid, seq: number): Promise<boolean> {
    const record = this.#store.conversations.find(cid);
    if (record === null || record.syncedSeq >= seq || this.#user.waits(cid)) return false;
    await this.#advance(cid, seq);
    this.#user.checkLater(cid, HOLD_MS);
    return true;
  }

  /** Fetch what is still missing of a conversation. */
  fill(cid: Cid): void {
    const record = this.#store.conversations.find(cid);
    if (record === null || record.syncedSeq >= record.lastSeq || this.#user.waits(cid)) return;
    this.#want(cid, record.lastSeq);
    this.pull();
  }

  #want(cid: Cid, seq: number): void {
    this.#wanted.set(cid, Math.max(seq, this.#wanted.get(cid) ?? 0));
  }

  /** Ask for the next ranges, in the order they are wanted.  Throws NotConnected. */
  pull(): void {
    for (const [cid, [first, last]] of [...this.#doubtful]) {
      if (this.#pulling.has(cid) || this.#pulling.size >= PULLS_AT_ONCE) continue;
      this.#doubtful.delete(cid);
      this.#askedAgain.add(`${cid} ${first} ${last}`);
      this.#ask(cid, first, last);
    }
    for (const [cid, target] of [...this.#wanted]) {
      if (this.#pulling.has(cid)) continue;
      const { syncedSeq } = this.#store.conversations.get(cid);
      if (syncedSeq >= target) this.#wanted.delete(cid);
      else if (this.#pulling.size < PULLS_AT_ONCE) this.#ask(cid, syncedSeq + 1, target);
    }
  }

  #ask(cid: Cid, first: number, last: number): void {
    this.#connection.pull(cid, first, last, MAX_PAGE_ITEMS);
    this.#pulling.add(cid);
  }
}
