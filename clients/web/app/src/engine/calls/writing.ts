/** Calls that write messages, say something about them, and follow them on their way: all through the outbox. */

import { composeTombstone } from "@miss/core/tombstones.js";

import type { Message, Outgoing, SavedDraft, SendOptions } from "../api.js";
import { EngineError } from "../errors.js";
import { isEmoji } from "../folding.js";
import type { Cid, Mid } from "../ids.js";
import { attachmentOf } from "../model.js";
import type { PendingStatement } from "../store/statements.js";
import { ReadingCalls } from "./reading.js";

export class WritingCalls extends ReadingCalls {
  /**
   * Put a message in the outbox, durable when it resolves; it leaves by itself.
   *
   * A saved draft that says the same is forgotten with it.  Throws `mention_not_member`, `conversation_not_here`,
   * `conversation_left`.
   */
  async sendText(cid: Cid, text: string, options: SendOptions = {}): Promise<Mid> {
    const mentions = options.mentions ?? [];
    this.requireMembers(cid, mentions);
    const said = { type: "text", text, reply: options.reply ?? null, urgent: options.urgent ?? false, mentions };
    return this.enqueue(cid, said, [], () => this.#forgetDraft(cid, text));
  }

  /**
   * Have a message of this person say something else; what it said stays visible (`versions`).
   *
   * Throws `message_not_here`, `message_gone`, `message_of_another`, `conversation_left`.
   */
  async edit(cid: Cid, seq: number, text: string): Promise<Mid> {
    const { message, mid } = this.target(cid, seq);
    if (!message.isMine || message.type !== "text") throw new EngineError("message_of_another", { seq });
    return this.enqueue(cid, { type: "edit", text, reply: mid });
  }

  /**
   * Take a message of this person back: its content goes everywhere, that it was there stays visible.
   *
   * Its files become unreachable.  Throws as `edit`.
   */
  async delete(cid: Cid, seq: number): Promise<Mid> {
    const { message, mid } = this.target(cid, seq);
    if (!message.isMine) throw new EngineError("message_of_another", { seq });
    const { messages, outbox, statements } = this.store;
    const edits = messages.about(cid, seq).filter((one) => one.type === "edit" && one.isMine);
    const stones = [seq, ...edits.map((one) => one.seq)].map((place) => this.#bury(cid, place));
    // Who comes later cannot tell an emptied edit from an emptied message: they are told which are edits.
    const text = edits.map((one) => one.seq).join(" ");
    return this.enqueue(cid, { type: "delete", text, reply: mid }, [], () => {
      for (const stone of stones) statements.add(stone);
      for (const { draft, mid: waiting } of outbox.list(cid)) {
        if (draft.type === "edit" && draft.reply === mid) outbox.remove(waiting);
      }
    });
  }

  #bury(cid: Cid, seq: number): PendingStatement {
    const { raw } = composeTombstone(this.statementAbout(cid, seq), this.parts.device.keys.ik);
    return { cid, seq, kind: "tombstone", signed: raw };
  }

  /** Put an emoji under a message; each person puts each emoji once.  Throws `reaction_not_emoji`, and as `edit`. */
  async react(cid: Cid, seq: number, emoji: string): Promise<Mid> {
    const { mid } = this.target(cid, seq);
    if (!isEmoji(emoji)) throw new EngineError("reaction_not_emoji");
    return this.enqueue(cid, { type: "reaction", text: emoji, reply: mid });
  }

  /** Take back one emoji.  Throws `message_not_here`, `message_gone`, `conversation_left`. */
  async withdrawReaction(cid: Cid, seq: number, emoji: string): Promise<Mid> {
    const { message, mid } = this.target(cid, seq);
    // On the wire all of a person's are taken back at once: the others are put again.
    const kept = this.#reactions(message).filter((one) => one !== emoji);
    let last = await this.enqueue(cid, { type: "reaction", text: "", reply: mid });
    for (const one of kept) last = await this.enqueue(cid, { type: "reaction", text: one, reply: mid });
    return last;
  }

  #reactions({ reactions }: Message): readonly string[] {
    return reactions.flatMap(({ emoji, uids }) => (uids.includes(this.uid) ? [emoji] : []));
  }

  // What is not sent yet

  /** Keep what a person has begun to write, sealed on this device; an empty one is forgotten. */
  async saveDraft(cid: Cid, draft: SavedDraft): Promise<void> {
    const { store } = this;
    await store.transaction(() => store.drafts.put(cid, draft));
    this.parts.announcer.announce({ kind: "conversation", cid });
  }

  /** Inside the caller's transaction. */
  #forgetDraft(cid: Cid, text: string): void {
    const { drafts } = this.store;
    if (drafts.find(cid)?.text === text) drafts.remove(cid);
  }

  /** What the server has not acknowledged yet, in order; `failed` tells what waits for a decision. */
  async outgoing(cid: Cid): Promise<readonly Outgoing[]> {
    return this.store.outbox.list(cid).map(({ attempts, draft, failed, failedParams, mid }) => ({
      mid,
      cid,
      text: draft.text,
      type: draft.type,
      attempts,
      failed,
      failedParams,
      attachments: draft.attachments.map(attachmentOf),
      urgent: draft.urgent,
      writtenAtMs: draft.tsMs,
    }));
  }

  /** Try a failed message again. */
  async retry(mid: Mid): Promise<void> {
    await this.#change(mid, () => this.store.outbox.retry(mid));
    this.parts.sending.wake();
  }

  /** Give up a message that was not sent; an upload of its files stops. */
  async discard(mid: Mid): Promise<void> {
    await this.#change(mid, () => this.store.outbox.remove(mid));
    this.parts.sending.wake();
  }

  async #change(mid: Mid, change: () => void): Promise<void> {
    const entry = this.store.outbox.find(mid);
    await this.store.transaction(change);
    if (entry !== null) this.parts.announcer.announce({ kind: "conversation", cid: entry.cid });
  }
}
