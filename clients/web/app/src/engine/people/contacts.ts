/**
 * What the owner of a device decides about others: whether their keys are really theirs.  protocol §6
 *
 * Chains are verified without anybody's help; this is about what they cannot show: that the operator started a
 * person's devices over, or that the server shows each side another chain.
 */

import { equal } from "@miss/core/bytes.js";
import { type Chain, states } from "@miss/core/chains.js";
import { SafetyMismatch } from "@miss/core/errors.js";
import {
  composeSafetyCard,
  packSafetyCard,
  parseSafetyCard,
  type SafetyCard,
  safetyNumber,
  safetyWords,
} from "@miss/core/safety.js";
import { type Language, wordlist } from "@miss/core/words.js";

import type { Announcer } from "../announcer.js";
import type { Comparison, ContactWarning } from "../api.js";
import { EngineError } from "../errors.js";
import { hex, type Uid } from "../ids.js";
import type { ServerTime } from "../serverTime.js";
import type { DeviceRecord } from "../store/device.js";
import type { Store } from "../store/store.js";
import type { Identities } from "./identities.js";

export interface ContactsParts {
  readonly store: Store;
  readonly device: DeviceRecord;
  readonly identities: Identities;
  readonly time: ServerTime;
  readonly announcer: Announcer;
  readonly language: Language;
  /** What waited for an acceptance, messages or members who leave, may go on. */
  readonly wake: () => void;
}

/** Warnings, acceptance, safety words and verified marks. */
export class Contacts {
  readonly #parts: ContactsParts;

  constructor(parts: ContactsParts) {
    this.#parts = parts;
  }

  // Warnings

  /** What the owner has not accepted yet, the latest first; it survives a restart. */
  warnings(): readonly ContactWarning[] {
    return this.#parts.store.people.warnings();
  }

  /**
   * The owner has looked at the warnings about `uid` and goes on: they are gone, and sending is open again.
   *
   * What a reset had stopped leaves by itself: messages of the outbox, members on their way out.
   */
  async accept(uid: Uid): Promise<void> {
    const { conversations, outbox, people } = this.#parts.store;
    const stopped = conversations
      .list()
      .flatMap(({ cid }) => outbox.list(cid))
      .filter((entry) => entry.failed === "contact_reset");
    await this.#parts.store.transaction(() => {
      people.accept(uid);
      for (const { mid } of stopped) outbox.retry(mid);
    });
    for (const cid of new Set(stopped.map((entry) => entry.cid))) {
      this.#parts.announcer.announce({ kind: "conversation", cid });
    }
    this.#parts.wake();
  }

  // Comparing

  /**
   * Six words that are the same on both sides, if both are shown the same devices; to be read out aloud.
   *
   * They change with every link of either chain.  Throws `contact_without_device` for a stranger.
   */
  safetyWords(uid: Uid): readonly string[] {
    return safetyWords(safetyNumber(this.#card(uid)), wordlist(this.#parts.language));
  }

  /** What the other side scans and gives to its `compare`.  Throws `contact_without_device` for a stranger. */
  qr(uid: Uid): Uint8Array {
    return packSafetyCard(this.#card(uid));
  }

  /**
   * Compare the code that `uid` shows with what this device sees, both chains being fetched again first.
   *
   * A match marks the contact as verified.  Throws BadSafetyCard, SafetyMismatch (`persons`: the code of somebody else,
   * or for somebody else), and as `Identities.refresh`.
   */
  async compare(uid: Uid, scanned: Uint8Array): Promise<Comparison> {
    const { announcer, device, identities, store, time } = this.#parts;
    const card = parseSafetyCard(scanned);
    if (hex(card.uid) !== uid || hex(card.uidOther) !== device.uid) throw new SafetyMismatch({ reason: "persons" });
    const theirs = await identities.refresh(uid);
    const own = await identities.refresh(device.uid);
    if (equal(card.head, theirs.head) && equal(card.headOther, own.head)) {
      await this.setVerified(uid, true);
      return "match";
    }
    if (had(theirs, card.head) && had(own, card.headOther)) return "behind";
    // A state that this device was never shown, even now: the server tells each side another story.
    await store.transaction(() => {
      store.people.setVerified(uid, null);
      store.people.warn(uid, ["split_view"], time.nowMs());
    });
    announcer.announce({ kind: "contactWarned", uid, warning: "split_view" });
    return "mismatch";
  }

  /** Both sides read the same six words, or the owner takes the mark back.  Throws `contact_without_device`. */
  async setVerified(uid: Uid, verified: boolean): Promise<void> {
    const { resets } = this.#chain(uid);
    const { store } = this.#parts;
    await store.transaction(() => store.people.setVerified(uid, verified ? resets : null));
  }

  /**
   * True if the keys were compared once and only grew since: a device let in by another of that person's is vouched for
   * by the chain; a reset is not, and takes the mark away.
   */
  isVerified(uid: Uid): boolean {
    const record = this.#parts.store.people.findContact(uid);
    return record !== null && record.verifiedResets === record.resets;
  }

  #card(uid: Uid): SafetyCard {
    const [own, theirs] = [this.#chain(this.#parts.device.uid), this.#chain(uid)];
    return composeSafetyCard({ uid: own.uid, head: own.head, uidOther: theirs.uid, headOther: theirs.head });
  }

  #chain(uid: Uid): Chain {
    const chain = this.#parts.identities.find(uid);
    if (chain === null) throw new EngineError("contact_without_device", { uid });
    return chain;
  }
}

function had(chain: Chain, head: Uint8Array): boolean {
  return [...states(chain)].some((state) => equal(state.head, head));
}
