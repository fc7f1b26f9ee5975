/**
 * Envelopes that the server does not show: deleted by their author, expired, or withheld.  protocol §3, §7
 *
 * A deletion counts by the author's tombstone, expiry by the conversation's `ttl`.  An empty place with neither is
 * withheld, and refused by name; it keeps its place, and its hash continues the log.  So is a place left out between
 * two others, if this person was a member all the time: what is not theirs to read are the times they were not.
 */

import { TombstoneForged } from "@miss/core/errors.js";
import { parseTombstone, type Tombstone, verifyTombstone } from "@miss/core/tombstones.js";

import type { EngineEvent } from "../api.js";
import { EngineError } from "../errors.js";
import type { Del, Gone, Item } from "../frames.js";
import { type Cid, hex, type Uid } from "../ids.js";
import { EMPTY, type LogMessage } from "../model.js";
import type { Identities } from "../people/identities.js";
import type { ServerTime } from "../serverTime.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import type { Effects } from "./effects.js";

/** Where the members agreed on no `ttl`, the server keeps at least this long: what goes earlier was withheld. */
const LEAST_RETENTION_MS = 30 * 24 * 3600 * 1000;
/** Places of one gap that are noted; a server may claim any number. */
const MAX_MISSING = 1000;
/** Clocks differ. */
const SLACK_MS = 5000;

export class Deletions {
  readonly #store: Store;
  readonly #uid: Uid;
  readonly #identities: Identities;
  readonly #time: ServerTime;
  readonly #effects: Effects;

  constructor(store: Store, device: DeviceRecord, identities: Identities, time: ServerTime, effects: Effects) {
    this.#store = store;
    this.#uid = device.uid;
    this.#identities = identities;
    this.#time = time;
    this.#effects = effects;
  }

  /**
   * The message that an empty item stands for.  `before`: the one before it in the log, if it is here.
   *
   * Throws `message_withheld`, TombstoneForged, BadTombstone, and what `Identities.get` throws.
   */
  async read(cid: Cid, item: Item, before: LogMessage | null): Promise<LogMessage> {
    const { seq, gone, ts } = item;
    if (gone === null) throw new EngineError("message_withheld", { seq });
    const place = { ...EMPTY, cid, seq, mid: null, did: null, sentAtMs: ts, depositedAtMs: ts, isDeleted: true };
    if (gone.tombstone === null) {
      if (!this.#mayHaveExpired(cid, ts, before)) throw new EngineError("message_withheld", { seq });
      return { ...place, uid: null };
    }
    const tombstone = await this.#verify(cid, seq, gone);
    const uid = hex(tombstone.uid);
    return { ...place, uid, isMine: uid === this.#uid, deletedAtMs: tombstone.tsMs };
  }

  /** The places after what was fetched before, up to `upTo`, that the server left out and had to show. */
  missing(cid: Cid, upTo: number): readonly Item[] {
    const after = this.#store.conversations.get(cid).syncedSeq;
    return this.#store.messages.gaps(cid, after, upTo).flatMap(([first, last]) => {
      const before = this.#store.messages.epochAround(cid, first - 1, "back");
      const since = this.#store.messages.epochAround(cid, last + 1, "on")?.epoch ?? null;
      if (!this.#store.conversations.isMemberThroughout(cid, this.#uid, before?.epoch ?? 1, since)) return [];
      const ts = before?.atMs ?? this.#time.nowMs();
      const count = Math.min(last - first, MAX_MISSING) + 1;
      return Array.from({ length: count }, (_, at) => ({ seq: first + at, env: new Uint8Array(), ts, gone: null }));
    });
  }

  /** The time is up by what the server says, and by what the message before it, if any is here, lets it be. */
  #mayHaveExpired(cid: Cid, ts: number, before: LogMessage | null): boolean {
    const keptS = this.#store.conversations.shortestTtlS(cid);
    const keptMs = keptS > 0 ? keptS * 1000 : LEAST_RETENTION_MS;
    const isDated = before !== null && before.uid !== null && !before.isDeleted;
    const atMs = isDated ? Math.max(ts, before.sentAtMs) : ts;
    return atMs + keptMs <= this.#time.nowMs() + SLACK_MS;
  }

  async #verify(cid: Cid, seq: number, gone: Gone): Promise<Tombstone> {
    const tombstone = parseTombstone(gone.tombstone ?? new Uint8Array());
    const uid = hex(tombstone.uid);
    const isAbout = hex(tombstone.cid) === cid && tombstone.seq === seq && hex(tombstone.envHash) === gone.envHash;
    if (!isAbout || !this.#store.conversations.wasMember(cid, uid)) throw new TombstoneForged({ seq });
    return verifyTombstone(tombstone.raw, await this.#identities.get(uid));
  }

  /**
   * The server tells of a deletion; what is to be announced of it.
   *
   * Throws TombstoneForged, BadTombstone, and what `Identities.get` throws.
   */
  async take({ cid, seq, tombstone: raw }: Del): Promise<readonly EngineEvent[]> {
    const envHash = this.#store.messages.envHashAt(cid, seq);
    if (envHash === null) return []; // not here yet: it will come with its tombstone in place of its content
    const tombstone = await this.#verify(cid, seq, { envHash, tombstone: raw });
    const message = this.#store.messages.find(cid, seq);
    if (message === null) return [];
    if (message.uid !== null && message.uid !== hex(tombstone.uid)) throw new TombstoneForged({ seq });
    return this.#store.transaction(() => this.#effects.delete(message, tombstone.tsMs));
  }
}
