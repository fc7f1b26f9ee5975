/**
 * Deletions that did not come when they could be applied.  protocol §7, Deleting
 *
 * Those of the time this device was away are asked for at each connection: a pull says nothing of places that are held
 * already.  One that comes before what it deletes waits for it.
 */

import { EngineError } from "../errors.js";
import type { Del } from "../frames.js";
import type { Cid, Ms } from "../ids.js";
import type { ServerApi } from "../serverApi.js";
import { placeKey } from "../store/places.js";
import type { Store } from "../store/store.js";

/** Asked for beyond the last time all was here: the server's processes have clocks of their own. */
const MARGIN_MS = 60_000;
/** Of one connection, 1,000 deletions each. */
const MAX_PAGES = 100;
/** Deletions that wait for what they delete. */
const MAX_EARLY = 1000;

/** One client's; `Sync` is the only task that calls it. */
export class MissedDeletions {
  readonly #store: Store;
  readonly #api: ServerApi;
  readonly #early = new Map<string, Del>();
  #sinceMs: Ms = 0;
  #cursor = "";
  #pages = 0;
  /** True if the server has nothing more to tell of the time before this connection. */
  isDone = false;
  /** True if it did not answer: it is asked again, and nothing else waits for that. */
  isLate = false;

  constructor(store: Store, api: ServerApi) {
    this.#store = store;
    this.#api = api;
  }

  /** A new connection: what happened since all was here is to be asked for. */
  begin(): void {
    this.#early.clear();
    this.#sinceMs = Math.max(0, (this.#store.device.resume() ?? 0) - MARGIN_MS);
    this.#cursor = "";
    this.#pages = 0;
    this.isLate = false;
    this.isDone = this.#store.conversations.list(1).length === 0; // nothing held: nothing to be deleted
  }

  /** The server will not say, on this connection. */
  giveUp(): void {
    this.isDone = true;
  }

  /** The next page.  Throws `deletions_without_end` for a list that does not come to one, ServerRefused… */
  async fetch(): Promise<readonly Del[]> {
    const answer = await this.#api.fetchDeletions(this.#sinceMs, this.#cursor);
    this.#pages += 1;
    const isEndless = this.#pages >= MAX_PAGES || answer.deletions.length === 0 || answer.cursor === this.#cursor;
    if (answer.more && isEndless) throw new EngineError("deletions_without_end");
    this.#cursor = answer.cursor;
    this.isDone = !answer.more;
    return answer.deletions.map((line) => ({ kind: "del", ...line, uid: null }));
  }

  /** Remember it if what it deletes is not here yet; if that never comes here it is asked for again. */
  keepEarly(deletion: Del): void {
    const { cid, seq } = deletion;
    if (this.#store.conversations.find(cid) === null || this.#store.messages.has(cid, seq)) return;
    if (this.#early.size < MAX_EARLY) this.#early.set(placeKey(cid, seq), deletion);
  }

  /** Those of a conversation whose place is here by now. */
  takeDue(cid: Cid): readonly Del[] {
    const due = [...this.#early].filter(([, one]) => one.cid === cid && this.#store.messages.has(cid, one.seq));
    for (const [key] of due) this.#early.delete(key);
    return due.map(([, deletion]) => deletion);
  }
}
