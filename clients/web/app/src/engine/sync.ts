/**
 * Keeping up with the server's log: heads first, then what is missing, most recent conversation first.  protocol §7
 *
 * One task takes everything the connection brings, in order, and gives it to whom it concerns.  A step that fails for
 * want of an answer is taken again later.
 */

import { ProtocolError } from "@miss/core/errors.js";

import { codeOf, isNamed, isTemporary, NotConnected, ServerUnreachable } from "./errors.js";
import { type Del, type EpochChanged, type Head, MAX_PAGE_ITEMS, type Msg, type Ready } from "./frames.js";
import { type Cid, hex, type Uid } from "./ids.js";
import { isLie } from "./incidents.js";
import { Fetching } from "./incoming/fetching.js";
import type { News } from "./news.js";
import type { Platform } from "./platform.js";
import type { Parts } from "./parts.js";
import type { Answered } from "./session.js";
import type { Store } from "./store/store.js";
import { Flag, type Inbox } from "./waiting.js";

const RETRY_MS = 5000;

export type { News };

/** One client's catching up; `run` is the only task that touches its state. */
export class Sync {
  readonly #platform: Platform;
  readonly #inbox: Inbox<News>;
  readonly #parts: Parts;
  readonly #store: Store;
  readonly #fetching: Fetching;
  readonly #postponed = new Set<Cid>();
  #readyTs: number | null = null;
  #hasHeads = false;
  /** Something could not be taken: the next connection starts from complete heads again. */
  #leftBehind = false;
  readonly synced = new Flag();

  constructor(platform: Platform, inbox: Inbox<News>, parts: Parts) {
    this.#platform = platform;
    this.#inbox = inbox;
    this.#parts = parts;
    this.#store = parts.store;
    this.#fetching = new Fetching(parts.store, parts.connection, parts.intake, {
      checkLater: (cid, delayMs) => this.#putLater({ kind: "checkGap", cid }, delayMs),
      kept: (cid) => this.#noteKept(cid),
      waits: (cid) => parts.reconciling.isWaiting(cid),
    });
  }

  #putLater(news: News, delayMs: number): void {
    this.#platform.later(() => this.#inbox.put(news), delayMs);
  }

  /** Take events as they come.  Throws Stopped. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const event = await this.#inbox.take(this.#platform, signal);
      try {
        await this.#take(event, signal);
        await this.#checkSynced();
      } catch (error) {
        // The next connection begins with `ready`, hence with everything that is missing.
        if (error instanceof NotConnected) continue;
        if (!isNamed(error)) throw error;
        await this.#setAside(event, error);
      }
    }
  }

  /** What could not be taken is not lost: the next connection starts before it.  What was a lie is noted. */
  async #setAside(event: object, error: unknown): Promise<void> {
    this.#leftBehind = true;
    try {
      if (isLie(error)) await this.#parts.incidents.note(error, event);
      await this.#checkSynced();
    } catch (again) {
      if (!isNamed(again)) throw again; // a full disk: nothing can be noted
    }
  }

  async #take(event: News, signal: AbortSignal): Promise<void> {
    const parts = this.#parts;
    // This device does not count any more: what is still on its way in is not for it.
    if (parts.standing.isOut) return;
    // What both have of it is looked for first, and what it says is pulled then.
    if ((event.kind === "msg" || event.kind === "epoch") && parts.reconciling.isWaiting(event.cid)) {
      return this.#takeHeadOf(event.cid);
    }
    switch (event.kind) {
      case "ready":
        return this.#takeReady(event, signal);
      case "heads":
        await this.#takeHeads(event.items);
        this.#hasHeads ||= event.items.length < MAX_PAGE_ITEMS;
        return;
      case "msg":
        return this.#takeMsg(event);
      case "answered":
        return this.#takeAnswer(event);
      case "checkGap":
        return this.#fetching.fill(event.cid);
      case "retry":
        return this.#postponed.has(event.head.cid) ? this.#takeHeads([event.head]) : undefined;
      case "lagged":
        this.#fetching.repeat();
        parts.sending.restart();
        return this.#takeHeads(await parts.api.fetchHeads());
      case "epoch":
        await this.#takeCommit(event);
        return this.#noteKept(event.cid);
      case "link":
        return this.#takeLink(event.uid, event.link);
      case "recv":
        await parts.markers.takeReceived(event);
        await this.#fetching.heardOf(event.cid, event.seq);
        return;
      case "read":
        await parts.claims.take(event, (frame) => parts.markers.takeRead(frame));
        await this.#fetching.heardOf(event.cid, event.seq);
        return;
      case "del":
        return this.#takeDeletion(event);
      case "alarm":
        return parts.claims.take(event, (frame) => parts.signals.take(frame));
      case "typing":
      case "presence":
      case "err":
        return parts.signals.take(event);
      case "askDeletions":
        return parts.missed.isDone ? undefined : this.#takeMissed();
      case "connectionLost":
        return this.#forgetConnection();
      case "turnedAway":
        return parts.standing.turnedAway();
      case "hello":
        return;
    }
  }

  async #takeAnswer({ request, answer }: Answered): Promise<void> {
    if (request.kind === "pull") {
      if (answer.kind === "page") await this.#fetching.takePage(request, answer);
      else if (answer.kind === "err") await this.#fetching.takeRefusal(request, answer);
    } else if (answer.kind !== "page") {
      const reaches = await this.#parts.sending.takeAnswer(request, answer);
      if (reaches > 0 && !(await this.#fetching.heardOf(request.cid, reaches))) this.#noteKept(request.cid);
    }
  }

  async #takeLink(uid: Uid, link: Uint8Array): Promise<void> {
    await this.#parts.identities.takeLink(uid, link);
    if (uid !== this.#parts.device.uid) return;
    // This person has a device more or less, or another user key, and with it perhaps another vault.
    await this.#parts.standing.review();
    this.#fetching.askAgain(...this.#store.conversations.list().map((record) => record.cid));
  }

  // A connection begins and ends

  #forgetConnection(): void {
    this.#fetching.forget();
    this.#postponed.clear();
    this.#readyTs = null;
    this.#hasHeads = false;
    this.#leftBehind = false;
    this.synced.clear();
  }

  async #takeReady(ready: Ready, signal: AbortSignal): Promise<void> {
    const { api, device, ephemera, epochs, expiry, identities, missed, reports, sending, standing, statements } =
      this.#parts;
    this.#forgetConnection();
    this.#readyTs = ready.serverTs;
    api.takeToken(ready.httpToken);
    const note = (error: unknown): Promise<void> => this.#setAside(ready, error);
    const heads = await this.#parts.reconciling.prepare(ready, note, signal);
    this.#fetching.begin();
    epochs.restart();
    sending.restart();
    reports.restart();
    statements.restart();
    ephemera.restart();
    expiry.wake(); // the server has just said what time it is
    missed.begin();
    this.#inbox.put({ kind: "askDeletions" });
    const own = identities.find(device.uid);
    if (own === null || hex(own.head) !== ready.linkHead) await identities.refresh(device.uid);
    await standing.welcomed();
    await standing.review();
    await this.#takeHeads(heads);
  }

  async #checkSynced(): Promise<void> {
    if (this.#readyTs === null || !this.#hasHeads || this.synced.isSet) return;
    if (!this.#fetching.isDone || this.#postponed.size > 0 || !this.#inbox.isEmpty) return;
    const { announcer, departures, missed, rotation } = this.#parts;
    if (!missed.isDone && !missed.isLate) return;
    const readyTs = this.#readyTs;
    if (!this.#leftBehind) await this.#store.transaction(() => this.#store.device.setResume(readyTs));
    this.synced.set();
    rotation.wake();
    departures.wake();
    announcer.announce({ kind: "synced" });
  }

  // Heads and commits

  async #takeHeads(heads: readonly Head[]): Promise<void> {
    for (const head of heads) {
      this.#postponed.delete(head.cid);
      try {
        await this.#takeHead(head);
      } catch (error) {
        if (error instanceof NotConnected || !isNamed(error)) throw error;
        this.#leftBehind = true;
        if (isTemporary(error)) {
          this.#postponed.add(head.cid);
          this.#putLater({ kind: "retry", head }, RETRY_MS);
        } else {
          if (isLie(error)) await this.#parts.incidents.note(error, head);
          this.#parts.announcer.announce({ kind: "commitRefused", cid: head.cid, code: codeOf(error) });
        }
      }
    }
  }

  /** Have the conversation's epochs, then what is missing of its log. */
  async #takeHead(head: Head): Promise<void> {
    const { cid, epoch, lastSeq, readSeq } = head;
    const waits = this.#parts.reconciling.isWaiting(cid);
    if (waits && (await this.#parts.reconciling.reconcile(head))) this.#fetching.rebase(cid);
    const known = this.#store.conversations.lastEpoch(cid);
    if (known === null || known.number < epoch) {
      await this.#parts.epochs.catchUp(cid);
      this.#parts.sending.wake();
    }
    await this.#fetching.takeHead(cid, lastSeq);
    const positions = { lastSeq, readSeq, readReportedSeq: readSeq };
    if (this.#store.conversations.isBehind(cid, positions)) {
      await this.#store.transaction(() => this.#store.conversations.advance(cid, positions));
      this.#parts.announcer.announce({ kind: "conversation", cid });
    }
    this.#parts.reports.note(cid);
    this.#fetching.fill(cid);
    if (!waits) return;
    this.#noteKept(cid);
    this.#parts.statements.wake();
  }

  /** What only heads tell of one conversation: how far it goes. */
  async #takeHeadOf(cid: Cid): Promise<void> {
    const heads = await this.#parts.api.fetchHeads();
    await this.#takeHeads(heads.filter((head) => head.cid === cid));
  }

  async #takeCommit(frame: EpochChanged): Promise<void> {
    const { cid } = frame;
    try {
      await this.#parts.epochs.takeFrame(frame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#leftBehind = true;
      this.#parts.announcer.announce({ kind: "commitRefused", cid, code: error.code });
    }
    if (frame.history === null) return;
    // What was said before is this person's to read from now on, and only heads tell how far it goes.
    await this.#takeHeadOf(cid);
    this.#fetching.askAgain(cid);
  }

  async #takeMsg(msg: Msg): Promise<void> {
    const { cid, seq } = msg;
    if (this.#store.conversations.find(cid) !== null) return this.#fetching.takeMsg(msg);
    return this.#takeHeads([{ cid, lastSeq: seq, readSeq: 0, epoch: 1 }]);
  }

  // Deletions

  async #takeDeletion(deletion: Del): Promise<void> {
    this.#parts.missed.keepEarly(deletion);
    await this.#parts.claims.take(deletion, (frame) => this.#parts.signals.take(frame));
  }

  /** The next of the deletions that this device was not told of. */
  async #takeMissed(): Promise<void> {
    const { missed } = this.#parts;
    for (const deletion of await this.#fetchMissed()) {
      try {
        await this.#takeDeletion(deletion);
      } catch (error) {
        if (!isNamed(error) || error instanceof NotConnected) throw error;
        await this.#setAside(deletion, error);
      }
    }
    if (!missed.isDone) this.#inbox.put({ kind: "askDeletions" });
  }

  async #fetchMissed(): Promise<readonly Del[]> {
    const { missed } = this.#parts;
    try {
      return await missed.fetch();
    } catch (error) {
      if (error instanceof ServerUnreachable) {
        missed.isLate = true;
        this.#putLater({ kind: "askDeletions" }, RETRY_MS);
      } else {
        missed.giveUp();
      }
      throw error;
    }
  }

  /** Something of a conversation was stored: whoever acts on it looks. */
  #noteKept(cid: Cid): void {
    const { departures, expiry, missed, reports, sending } = this.#parts;
    reports.note(cid);
    sending.wake();
    departures.wake();
    expiry.wake();
    for (const deletion of missed.takeDue(cid)) this.#inbox.put(deletion);
  }
}
