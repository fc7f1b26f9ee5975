/**
 * What people have signed and the server passes on: believed by the signature, for whoever is known by then.
 *
 * Receipts, deletions and acknowledgements come on their own, and may overtake the commit or the link that makes their
 * author somebody who may say so.  Before the server is called a liar it is asked for both.
 */

import { parseAcknowledgement } from "@miss/core/acknowledgements.js";
import { states } from "@miss/core/chains.js";
import { AcknowledgementForged, ReceiptForged, TombstoneForged } from "@miss/core/errors.js";
import { parseReadReceipt } from "@miss/core/receipts.js";
import { parseTombstone } from "@miss/core/tombstones.js";

import type { Epochs } from "../epochs.js";
import type { AlarmChanged, Del, Read } from "../frames.js";
import { type Cid, type Did, hex, type Uid } from "../ids.js";
import type { Incidents } from "../incidents.js";
import type { Identities } from "../people/identities.js";
import type { Store } from "../store/store.js";

interface Signer {
  readonly uid: Uid;
  readonly did: Did;
}

/** Taken once more where it was too early to judge. */
export class Claims {
  readonly #store: Store;
  readonly #identities: Identities;
  readonly #epochs: Epochs;
  readonly #incidents: Incidents;

  constructor(store: Store, identities: Identities, epochs: Epochs, incidents: Incidents) {
    this.#store = store;
    this.#identities = identities;
    this.#epochs = epochs;
    this.#incidents = incidents;
  }

  /**
   * Let `take` have the frame, if its conversation is known here: heads tell of one that is not, and the log.
   *
   * Throws as `take` if nothing that the server has makes it hold, and as `Epochs.catchUp` and `Identities.refresh`.
   */
  async take<F extends Read | Del | AlarmChanged>(frame: F, take: (frame: F) => Promise<void>): Promise<void> {
    if (this.#store.conversations.find(frame.cid) === null) return;
    try {
      await take(frame);
    } catch (error) {
      const isForged = [ReceiptForged, TombstoneForged, AcknowledgementForged].some((one) => error instanceof one);
      if (!isForged) throw error;
      const signer = signerOf(frame);
      if (this.#isKnown(frame.cid, signer)) throw error;
      // One that was found out a moment ago is not asked about for each repetition.
      if (this.#incidents.isRecent(error, frame) || !(await this.#learnOf(frame.cid, signer))) throw error;
      await take(frame);
    }
  }

  /** True if its author is a member, on a device of theirs, as far as this device knows. */
  #isKnown(cid: Cid, { uid, did }: Signer): boolean {
    const chain = this.#identities.find(uid);
    if (chain === null || !this.#store.conversations.wasMember(cid, uid)) return false;
    return [...states(chain)].some((state) => state.devices.has(did));
  }

  /** Fetch the commits, and a member's links, that are missing here; true if its author is known by them. */
  async #learnOf(cid: Cid, signer: Signer): Promise<boolean> {
    await this.#epochs.catchUp(cid);
    if (this.#store.conversations.wasMember(cid, signer.uid) && !this.#isKnown(cid, signer)) {
      await this.#identities.refresh(signer.uid);
    }
    return this.#isKnown(cid, signer);
  }
}

/** Who signed: it has the right shape, or it would not have come to its signature. */
function signerOf(frame: Read | Del | AlarmChanged): Signer {
  const { uid, did } = parse(frame);
  return { uid: hex(uid), did: hex(did) };
}

function parse(frame: Read | Del | AlarmChanged): { readonly uid: Uint8Array; readonly did: Uint8Array } {
  if (frame.kind === "read") return parseReadReceipt(frame.receipt);
  if (frame.kind === "del") return parseTombstone(frame.tombstone);
  return parseAcknowledgement(frame.ack ?? new Uint8Array());
}
