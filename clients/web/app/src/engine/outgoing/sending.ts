/**
 * The outbox, drained: in order within a conversation, each message once.  protocol §4, §7
 *
 * One message of a conversation is under way at a time, so that none overtakes another; a large file of one keeps no
 * other conversation waiting.  An envelope is stored before it is sent; after a crash or a lost connection the same
 * bytes go again under the same `mid`, and the server answers as it did the first time.  Only `stale_epoch` makes the
 * message be sealed anew.  A secret that has served long enough is renewed on the way.
 */

import type { Announcer } from "../announcer.js";
import type { Connection } from "../connection.js";
import type { Epochs } from "../epochs.js";
import { codeOf, type EngineError, isNamed, isTemporary, ServerRefused, toEngineError } from "../errors.js";
import type { Ack, Err, Send } from "../frames.js";
import type { Cid, Mid } from "../ids.js";
import type { Intake } from "../incoming/intake.js";
import type { Platform } from "../platform.js";
import type { OutboxEntry } from "../store/outbox.js";
import type { Store } from "../store/store.js";
import { Mutex, Stopped, Wake } from "../waiting.js";
import type { Receipts } from "./receipts.js";
import type { Sealing } from "./sealing.js";
import type { Uploads } from "./uploads.js";

/** Pause after a temporary refusal that names none. */
const RETRY_MS = 5000;
/** Envelopes of one message before a person is asked: a conversation whose keys change that often is broken. */
const MAX_SEALINGS = 20;
/** Refusals of the server that pass by themselves. */
export const TEMPORARY: readonly string[] = ["rate", "too_many_requests", "internal", "database_unreachable"];
const BLOB_GONE: readonly string[] = ["blob_missing", "unknown_blob"];

export interface SendingParts {
  readonly platform: Platform;
  readonly store: Store;
  readonly epochs: Epochs;
  readonly intake: Intake;
  readonly sealing: Sealing;
  readonly receipts: Receipts;
  readonly uploads: Uploads;
  readonly connection: Connection;
  readonly announcer: Announcer;
}

/** One task (`run`) prepares and sends; answers come back through `takeAnswer`. */
export class Sending {
  readonly #parts: SendingParts;
  readonly #wake = new Wake();
  /** What was sent and not answered. */
  readonly #underWay = new Map<Cid, Mid>();
  /** Where something is being prepared. */
  readonly #atWork = new Set<Cid>();
  readonly #turn = new Mutex();
  /** Where a message of ours was the last one that its epoch should seal. */
  readonly #worn = new Set<Cid>();
  /** Messages whose last envelope the server refused: they are sealed anew. */
  readonly #stale = new Set<Mid>();
  /** The connection for which `restart` was called: on a later one nothing is sent yet. */
  #greeted = 0;
  /** What a piece of work ended with that has no name: a defect of ours. */
  #defect: { readonly error: unknown } | null = null;
  #signal = AbortSignal.abort();

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** There is something to send, or a way to send it. */
  wake(): void {
    this.#wake.set();
  }

  /** A new connection: nothing is under way on it yet. */
  restart(): void {
    this.#underWay.clear();
    this.#greeted = this.#parts.connection.opened;
    this.wake();
  }

  /** Send whatever can be sent, whenever something changes.  Throws Stopped. */
  async run(signal: AbortSignal): Promise<void> {
    const { connection, platform, store } = this.#parts;
    this.#signal = signal;
    this.#defect = null;
    for (;;) {
      await this.#wake.wait(platform, signal);
      this.#wake.clear();
      this.#requireSound();
      if (!connection.isOpen || this.#greeted !== connection.opened) continue;
      for (const cid of this.#worn) if (!this.#atWork.has(cid)) this.#start(cid, () => this.#renew(cid));
      for (const entry of store.outbox.nextOfEach()) {
        const waits = store.restorations.since(entry.cid) !== null;
        if (!waits && !this.#isUnderWay(entry.cid)) this.#start(entry.cid, () => this.#try(entry));
      }
    }
  }

  /** Throws what a piece of work ended with that has no name. */
  #requireSound(): void {
    if (this.#defect !== null) throw this.#defect.error;
  }

  /** One piece of work for a conversation at a time. */
  #start(cid: Cid, work: () => Promise<void>): void {
    this.#atWork.add(cid);
    const end = (): void => {
      this.#atWork.delete(cid);
      this.wake();
    };
    void work()
      .catch((error: unknown) => {
        this.#defect = { error };
      })
      .then(end);
  }

  /** A new secret, if it can be had: if not, whoever writes next tries again. */
  async #renew(cid: Cid): Promise<void> {
    this.#worn.delete(cid);
    try {
      await this.#parts.epochs.renew(cid, this.#parts.epochs.last(cid).number);
    } catch (error) {
      if (!isNamed(error)) throw error;
    }
  }

  #isUnderWay(cid: Cid): boolean {
    if (this.#atWork.has(cid)) return true;
    const mid = this.#underWay.get(cid);
    if (mid !== undefined && this.#parts.store.outbox.find(mid) === null) {
      // It came back through the log before its answer did.
      this.#underWay.delete(cid);
      return false;
    }
    return mid !== undefined;
  }

  async #try(entry: OutboxEntry): Promise<void> {
    this.#underWay.set(entry.cid, entry.mid);
    try {
      await this.#send(entry);
    } catch (error) {
      if (!(error instanceof Stopped)) await this.#settle(entry, error);
    }
  }

  /** A message could not be sent: later again by itself, or after a person's decision.  Throws what has no name. */
  async #settle(entry: OutboxEntry, error: unknown): Promise<void> {
    if (!isNamed(error)) throw error;
    if (isTemporary(error) || TEMPORARY.includes(codeOf(error))) {
      this.#release(entry.cid, pauseMs(error));
    } else {
      await this.#fail(entry, codeOf(error), toEngineError(error).params);
      this.#release(entry.cid, 0);
    }
  }

  async #fail({ cid, mid }: OutboxEntry, code: string, params: EngineError["params"] = {}): Promise<void> {
    await this.#parts.store.transaction(() => this.#parts.store.outbox.fail(mid, code, params));
    this.#parts.announcer.announce({ kind: "sendFailed", cid, mid, code });
    this.#parts.announcer.announce({ kind: "conversation", cid });
  }

  /** Let the conversation's next message go, now or in a while. */
  #release(cid: Cid, delayMs: number): void {
    if (delayMs > 0) {
      this.#parts.platform.later(() => this.#release(cid, 0), delayMs);
    } else {
      this.#underWay.delete(cid);
      this.wake();
    }
  }

  async #send(entry: OutboxEntry): Promise<void> {
    const { connection, store } = this.#parts;
    const { cid, mid } = entry;
    const env = (this.#stale.has(mid) ? null : store.outbox.lastEnvelope(mid)) ?? (await this.#prepare(entry));
    if (env === null) {
      this.#underWay.delete(cid); // given up meanwhile
      return;
    }
    await this.#turn.run(async () => {
      await connection.waitTurn(this.#signal);
      connection.sendEnvelope(mid, cid, env);
      this.#underWay.set(cid, mid); // again: a reconnection meanwhile has forgotten it
    });
  }

  /** The next envelope of a message, stored, its files uploaded; null if it was given up. */
  async #prepare(entry: OutboxEntry): Promise<Uint8Array | null> {
    const { epochs, sealing, store, uploads } = this.#parts;
    if ((await uploads.upload(entry)) && epochs.isWorn(entry.cid)) await this.#renew(entry.cid);
    if (store.outbox.find(entry.mid) === null) return null;
    const env = sealing.seal(entry);
    await store.transaction(() => store.outbox.keepEnvelope(entry.mid, env));
    this.#stale.delete(entry.mid);
    return store.outbox.find(entry.mid) === null ? null : env;
  }

  /** The server's answer to one deposit; the place up to which the log is known to reach, or 0. */
  async takeAnswer(request: Send, answer: Ack | Err): Promise<number> {
    const entry = this.#parts.store.outbox.find(request.mid);
    let delayMs = 0;
    if (entry !== null) {
      try {
        if (answer.kind === "ack") await this.#takeAck(entry, request.env, answer);
        else delayMs = await this.#takeRefusal(entry, answer);
      } catch (error) {
        await this.#settle(entry, error);
        return 0;
      }
    }
    this.#release(request.cid, delayMs);
    return answer.seq ?? 0;
  }

  /** Settle the entry.  Throws ReceiptForged, BadReceipt if the server does not prove the deposit. */
  async #takeAck(entry: OutboxEntry, env: Uint8Array, ack: Ack): Promise<void> {
    const { epochs, intake, receipts } = this.#parts;
    await receipts.require(entry, env, ack);
    await intake.keepOwn(entry, { env, seq: ack.seq, ts: ack.ts, receipt: ack.receipt });
    if (epochs.isWorn(entry.cid)) this.#worn.add(entry.cid);
  }

  /** Do what the code asks for; milliseconds before the next try.  An unknown code asks for a person. */
  async #takeRefusal(entry: OutboxEntry, refusal: Err): Promise<number> {
    const { epochs, store } = this.#parts;
    const { cid, mid } = entry;
    const maySeal = entry.attempts < MAX_SEALINGS;
    if (refusal.code === "stale_epoch" && maySeal) {
      this.#stale.add(mid);
      // If the epoch is the latest, a member's key is not: the next sender commits (protocol §4).
      if (!(await epochs.catchUp(cid))) await epochs.renew(cid, epochs.last(cid).number);
    } else if (this.#isOwnBefore(entry, refusal)) {
      // An earlier sealing of this very message arrived: it is delivered, and comes back through the log.
      return RETRY_MS;
    } else if (BLOB_GONE.includes(refusal.code) && maySeal) {
      await store.transaction(() => store.outbox.clearBlobIds(mid));
      this.#stale.add(mid);
    } else if (TEMPORARY.includes(refusal.code) || refusal.retryAfterS !== null) {
      return (refusal.retryAfterS ?? 0) * 1000 || RETRY_MS;
    } else {
      await this.#fail(entry, refusal.code);
    }
    return 0;
  }

  /** True if the server holds other bytes under this `mid`, which are ours, at a place that is still to come here. */
  #isOwnBefore({ cid, mid }: OutboxEntry, { code, envHash, seq }: Err): boolean {
    if (code !== "conflict" || seq === null || envHash === null) return false;
    const { messages, outbox } = this.#parts.store;
    return outbox.hasSent(mid, envHash) && messages.find(cid, seq) === null;
  }
}

/** How long to wait after a refusal that passes by itself: as long as the server says, within reason. */
function pauseMs(error: unknown): number {
  const asked = error instanceof ServerRefused ? error.details["retry_after_s"] : null;
  return typeof asked === "number" ? Math.min(Math.max(asked, 0.1), 60) * 1000 : RETRY_MS;
}
