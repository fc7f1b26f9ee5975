/** Calls about messages as they stand here, and who has received and read them. */

import type { Found, Incident, LostMessage, Message, Restored } from "../api.js";
import { EngineError } from "../errors.js";
import type { Cid, Uid } from "../ids.js";
import { plain } from "../model.js";
import { Proofs } from "../proofs.js";
import { search } from "../search.js";
import { ConversationCalls } from "./conversations.js";

export class ReadingCalls extends ConversationCalls {
  /** Shown messages in the order of the log: the last `limit` ones before `before` (null: the end). */
  async messages(cid: Cid, before: number | null, limit: number): Promise<readonly Message[]> {
    return this.store.messages.list(cid, before, limit).map(plain);
  }

  /** Throws `message_not_here`, also for one that has expired. */
  async message(cid: Cid, seq: number): Promise<Message> {
    return plain(this.get(cid, seq));
  }

  /**
   * This person has opened everything up to `seq`: the others are told, by a signed receipt.
   *
   * Throws `conversation_not_here`, `message_not_here` for a place that is not here yet.
   */
  async markRead(cid: Cid, seq: number): Promise<void> {
    const { conversations } = this.store;
    if (seq > conversations.get(cid).syncedSeq) throw new EngineError("message_not_here", { seq });
    if (!conversations.isBehind(cid, { readSeq: seq })) return;
    await this.store.transaction(() => conversations.advance(cid, { readSeq: seq }));
    this.parts.announcer.announce({ kind: "conversation", cid });
    this.parts.reports.note(cid);
  }

  /** Up to where each other member's devices have received. */
  async deliveredTo(cid: Cid): Promise<Readonly<Record<Uid, number>>> {
    return this.store.conversations.markers(cid, "received");
  }

  /** Up to where each other member has read. */
  async readBy(cid: Cid): Promise<Readonly<Record<Uid, number>>> {
    return this.store.conversations.markers(cid, "read");
  }

  async search(text: string, cid: Cid | null, limit: number): Promise<readonly Found[]> {
    return search(this.parts.platform, this.store, text, cid, limit);
  }

  /** What the server claimed and could not prove, the latest first; at most 1,000, the first ones stay. */
  async incidents(): Promise<readonly Incident[]> {
    return this.store.incidents.list();
  }

  /** What a restored server has lost of a conversation and this device holds still, in the order it had. */
  async lostMessages(cid: Cid): Promise<readonly LostMessage[]> {
    return this.store.lost.list(cid).map((one) => ({ ...one, message: plain(one.message) }));
  }

  /** The restores of the server that its operator has signed, oldest first. */
  async restorations(): Promise<readonly Restored[]> {
    return this.store.restorations.list().map(({ epoch, restoredToMs, tsMs }) => {
      return { number: epoch, restoredToMs, declaredAtMs: tsMs, lost: this.store.lost.count(epoch) };
    });
  }

  /**
   * The proof of a message, for a file that `miss proof verify` reads offline; it opens that message.
   *
   * Throws `message_not_here`, `message_not_provable`, a ProtocolError if the server proves nothing; ServerRefused,
   * ServerUnreachable when the receipt of somebody else's message has to be fetched.
   */
  exportProof(cid: Cid, seq: number): Promise<Uint8Array> {
    return new Proofs(this.store, this.parts.device, this.parts.api).export(cid, seq);
  }
}
