/**
 * Files fetched: whole, going on after a cut.  protocol §3, Attachment
 *
 * What has come is kept, encrypted as it came, until the file is whole; whoever stops waiting loses nothing.
 */

import { blobBytes, decryptBlob } from "@miss/core/attachments.js";
import { BlobDamaged } from "@miss/core/errors.js";

import type { Announcer } from "../announcer.js";
import { EngineError } from "../errors.js";
import { type BlobId, hex } from "../ids.js";
import type { LogMessage, Part } from "../model.js";
import type { ServerApi } from "../serverApi.js";
import type { Store } from "../store/store.js";
import { Locks } from "../waiting.js";

const PART_BYTES = 512 * 1024;

/** Of the messages that are here. */
export class Downloads {
  readonly #store: Store;
  readonly #api: ServerApi;
  readonly #announcer: Announcer;
  readonly #locks = new Locks();
  /** Those under way, by what they fetch. */
  readonly #running = new Map<BlobId, AbortController>();

  constructor(store: Store, api: ServerApi, announcer: Announcer) {
    this.#store = store;
    this.#api = api;
    this.#announcer = announcer;
  }

  /**
   * The whole file, to the byte as it was sent.
   *
   * Throws `message_without_photo`, BlobDamaged, ServerRefused (expired: `not_found`), ServerUnreachable: the same call
   * goes on from there.  `stopped` after `cancel`.
   */
  fetch(message: LogMessage, index: number): Promise<Uint8Array> {
    const part = partOf(message, index);
    const blob = hex(part.blob);
    return this.#locks.run(blob, async () => {
      await this.#receive(message, index, blob, blobBytes(part.size));
      const content = await this.#store.downloads.content(blob);
      // Whole, or damaged and to be fetched anew.
      await this.#store.transaction(() => this.#store.downloads.remove(blob));
      return decryptBlob(content, part);
    });
  }

  /** Whoever waits for this file waits no more; nothing happens if nobody does. */
  cancel(message: LogMessage, index: number): void {
    this.#running.get(hex(partOf(message, index).blob))?.abort();
  }

  async #receive(message: LogMessage, index: number, blob: BlobId, sizeBytes: number): Promise<void> {
    const stop = new AbortController();
    this.#running.set(blob, stop);
    try {
      await this.#receiveParts(message, index, blob, sizeBytes, stop.signal);
    } catch (error) {
      const { cid, seq } = message;
      this.#announcer.announce({ kind: "download", cid, seq, index, receivedBytes: 0, sizeBytes: 0 });
      // What the network says of a request that was broken off here is of no interest.
      throw stop.signal.aborted ? new EngineError("stopped") : error;
    } finally {
      this.#running.delete(blob);
    }
  }

  async #receiveParts({ cid, seq }: LogMessage, index: number, blob: BlobId, sizeBytes: number, signal: AbortSignal): Promise<void> {
    for (let received = this.#store.downloads.sizeOf(blob); received < sizeBytes; ) {
      const part = await this.#api.fetchBlobPart(blob, received, Math.min(received + PART_BYTES, sizeBytes), signal);
      if (part.length === 0 || part.length > sizeBytes - received) throw new BlobDamaged({ reason: "length" });
      const start = received;
      await this.#store.transaction(() => this.#store.downloads.append(blob, start, part));
      received += part.length;
      this.#announcer.announce({ kind: "download", cid, seq, index, receivedBytes: received, sizeBytes });
    }
  }
}

/** What the message says of its file.  Throws `message_without_photo`. */
export function partOf(message: LogMessage, index: number): Part {
  const part = message.parts[index];
  if (part === undefined) throw new EngineError("message_without_photo", { seq: message.seq });
  return part;
}
