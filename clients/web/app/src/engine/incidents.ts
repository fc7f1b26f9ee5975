/**
 * What the server claims and the signatures contradict, outside the log: noted, announced, never believed.
 *
 * A lie about a message stands in its place (`refused`), one about a commit is `commitRefused`, one about the log
 * `splitView`.  Here are the others: receipts, deletions, acknowledgements, links, the owner's own user key.  A server
 * that repeats itself, or lies a thousand times a second, is noted as often as somebody could want to know, no more.
 */

import { BadOpCert, LinkError, ReceiptError, RestorationError, StatementError } from "@miss/core/errors.js";

import type { Announcer } from "./announcer.js";
import { codeOf, EngineError, ServerRefused } from "./errors.js";
import type { Cid, Uid } from "./ids.js";
import type { Identities } from "./people/identities.js";
import type { Platform } from "./platform.js";
import type { ServerTime } from "./serverTime.js";
import type { Store } from "./store/store.js";

/** What an honest server never makes its clients raise; a version that is not known here is none of it. */
const LYING_CODES: ReadonlySet<string> = new Set([
  "certified_identity_mismatch",
  "chain_withdrawn",
  "deletions_without_end",
  "restoration_forked",
  "restoration_withdrawn",
  "rollback_not_covered",
  "user_key_forged",
]);
/** The same is not noted again for as long. */
const QUIET_MS = 60_000;
/** Different ones within that time; what is beyond is not noted at all. */
const MAX_AT_ONCE = 60;

/** True for what an honest server never makes its clients raise. */
export function isLie(error: unknown): boolean {
  const classes = [BadOpCert, LinkError, ReceiptError, RestorationError, StatementError];
  if (classes.some((one) => error instanceof one)) return true;
  return error instanceof EngineError && !(error instanceof ServerRefused) && LYING_CODES.has(error.code);
}

interface Subject {
  readonly cid: Cid | null;
  readonly uid: Uid | null;
}

/** What this device caught its server at. */
export class Incidents {
  readonly #store: Store;
  readonly #identities: Identities;
  readonly #platform: Platform;
  readonly #time: ServerTime;
  readonly #announcer: Announcer;
  /** When each was noted. */
  readonly #recent = new Map<string, number>();

  constructor(store: Store, identities: Identities, platform: Platform, time: ServerTime, announcer: Announcer) {
    this.#store = store;
    this.#identities = identities;
    this.#platform = platform;
    this.#time = time;
    this.#announcer = announcer;
  }

  /** Note that `event` was refused with `error`; false if it was noted a moment ago, or too much was. */
  async note(error: unknown, event: object): Promise<boolean> {
    const code = codeOf(error);
    const { cid, uid } = this.#subject(event);
    this.#forgetOld();
    const key = keyOf(code, { cid, uid });
    if (this.#recent.has(key) || this.#recent.size >= MAX_AT_ONCE) return false;
    this.#recent.set(key, this.#platform.monotonicMs());
    await this.#store.transaction(() => this.#store.incidents.note(code, cid, uid, this.#time.nowMs()));
    this.#announcer.announce({ kind: "serverLied", code, cid, uid });
    return true;
  }

  /** True if the same was noted a moment ago: it is not worth asking anybody again. */
  isRecent(error: unknown, event: object): boolean {
    this.#forgetOld();
    return this.#recent.has(keyOf(codeOf(error), this.#subject(event)));
  }

  #forgetOld(): void {
    const sinceMs = this.#platform.monotonicMs() - QUIET_MS;
    for (const [key, atMs] of [...this.#recent]) {
      if (atMs <= sinceMs) this.#recent.delete(key);
    }
  }

  /** The conversation, else the person, that it is about: one that is known here, as a server may name any. */
  #subject(event: object): Subject {
    const asked: { cid?: unknown; uid?: unknown } = "request" in event ? (event.request as object) : event;
    if (typeof asked.cid === "string" && this.#store.conversations.find(asked.cid) !== null) {
      return { cid: asked.cid, uid: null };
    }
    const isKnown = typeof asked.uid === "string" && this.#identities.find(asked.uid) !== null;
    return { cid: null, uid: isKnown ? (asked.uid as Uid) : null };
  }
}

function keyOf(code: string, { cid, uid }: Subject): string {
  return `${code} ${cid ?? ""} ${uid ?? ""}`;
}
