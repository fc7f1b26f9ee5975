/** Calls about photographs, PDF files and alarming results.  protocol §3, Attachment; §7, Alarms */

import { composeAcknowledgement } from "@miss/core/acknowledgements.js";

import type { Message, SendOptions } from "../api.js";
import { EngineError } from "../errors.js";
import { partOf } from "../files/downloads.js";
import { encryptFile } from "../files/outgoing.js";
import type { Cid, Mid, Ms, Uid } from "../ids.js";
import { plain } from "../model.js";
import { Mutex } from "../waiting.js";
import { WritingCalls } from "./writing.js";

export class FileCalls extends WritingCalls {
  /** Of acknowledging: a button pressed twice is pressed once. */
  readonly #turn = new Mutex();

  /**
   * Encrypt a JPEG or PDF as it is and put it in the outbox, durable when it resolves.
   *
   * Throws `outgoing_file_not_supported`, `outgoing_file_too_large`, `outgoing_file_damaged`, `mention_not_member`,
   * `conversation_not_here`, `conversation_left`, `storage_full`.
   */
  async sendFile(
    cid: Cid,
    content: Uint8Array,
    name: string,
    caption: string,
    options: SendOptions = {},
  ): Promise<Mid> {
    this.requirePlace(cid);
    const mentions = options.mentions ?? [];
    this.requireMembers(cid, mentions);
    const { attachment, blob } = encryptFile(content, name, options, this.parts.platform.randomBytes);
    const { reply = null, urgent = false } = options;
    return this.enqueue(cid, { type: "text", text: caption, reply, attachments: [attachment], urgent, mentions }, [blob]);
  }

  /**
   * A file of a message, to the byte as it was sent; `download` events tell how far it has come.
   *
   * What was cut goes on at the next call.  Throws `message_without_photo`, BlobDamaged, ServerRefused (expired or
   * deleted: `not_found`), ServerUnreachable.
   */
  async fetchFile(cid: Cid, seq: number, index: number): Promise<Uint8Array> {
    return this.parts.downloads.fetch(this.get(cid, seq), index);
  }

  async cancelFile(cid: Cid, seq: number, index: number): Promise<void> {
    this.parts.downloads.cancel(this.get(cid, seq), index);
  }

  /** The small JPEG that came inside the message; null: it has none.  Throws `message_without_photo`. */
  async thumbnail(cid: Cid, seq: number, index: number): Promise<Uint8Array | null> {
    return partOf(this.get(cid, seq), index).thumbnail;
  }

  // Results that somebody has to answer for

  /**
   * Put an alarming result in the outbox.
   *
   * Until `ackByMs` (at most 7 days away) any other member may acknowledge it; after each such delay the next of
   * `nextUids` is asked; at the end its author is told.  Throws `mention_not_member`, `conversation_not_here`,
   * `conversation_left`.
   */
  async sendAlarm(cid: Cid, text: string, ackByMs: Ms, nextUids: readonly Uid[]): Promise<Mid> {
    this.requireMembers(cid, nextUids);
    return this.enqueue(cid, { type: "text", text, urgent: true, ackByMs, nextUids });
  }

  /**
   * Answer for the alarm at `seq`, by a signature: told to the server, to stop it, and to all, as a message.
   *
   * Asking twice acknowledges once.  Throws `message_not_here`, `message_gone`, `nothing_to_acknowledge`,
   * `conversation_left`.
   */
  acknowledge(cid: Cid, seq: number): Promise<Mid> {
    return this.#turn.run(() => this.#acknowledge(cid, seq));
  }

  async #acknowledge(cid: Cid, seq: number): Promise<Mid> {
    const { message, mid } = this.target(cid, seq);
    if (message.alarm === null) throw new EngineError("nothing_to_acknowledge", { reason: "no_alarm" });
    if (message.isMine) throw new EngineError("nothing_to_acknowledge", { reason: "own" });
    const waiting = this.store.outbox.list(cid).find(({ draft }) => draft.type === "ack" && draft.reply === mid);
    if (waiting !== undefined) return waiting.mid;
    if (message.alarm.state === "acknowledged") {
      throw new EngineError("nothing_to_acknowledge", { reason: "acknowledged" });
    }
    const { raw } = composeAcknowledgement(this.statementAbout(cid, seq), this.parts.device.keys.ik);
    return this.enqueue(cid, { type: "ack", reply: mid }, [], () =>
      this.parts.store.statements.add({ cid, seq, kind: "acknowledgement", signed: raw }),
    );
  }

  /** Every alarming result that nobody has acknowledged, in any conversation. */
  async openAlarms(): Promise<readonly Message[]> {
    const { alarms, messages } = this.store;
    return alarms.waiting().flatMap(({ cid, seq }) => {
      const message = messages.findQuoted(cid, seq);
      return message === null ? [] : [plain(message)];
    });
  }
}
