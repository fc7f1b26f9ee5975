/**
 * Files on their way out: in parts, so that what was cut goes on where it stopped.  protocol §7, Blobs
 *
 * Nothing is asked of whoever wrote the message: after a crash or a lost connection the server says how much it has.
 */

import type { Announcer } from "../announcer.js";
import { hasCode } from "../errors.js";
import type { BlobId } from "../ids.js";
import type { ServerApi } from "../serverApi.js";
import type { OutboxEntry } from "../store/outbox.js";
import type { Store } from "../store/store.js";

/** One request; smaller files go whole. */
const PART_BYTES = 256 * 1024;

/** Of the messages in the outbox. */
export class Uploads {
  readonly #store: Store;
  readonly #api: ServerApi;
  readonly #announcer: Announcer;

  constructor(store: Store, api: ServerApi, announcer: Announcer) {
    this.#store = store;
    this.#api = api;
    this.#announcer = announcer;
  }

  /**
   * Have all files of a message at the server; false if the message was given up meanwhile.
   *
   * Throws ServerRefused, ServerUnreachable; the same call goes on from there.
   */
  async upload(entry: OutboxEntry): Promise<boolean> {
    for (const { place, content } of await this.#store.outbox.missingBlobs(entry.mid)) {
      const blobId = await this.#upload(entry, place, content);
      if (blobId === null) return false;
      await this.#store.transaction(() => this.#store.outbox.setBlobId(entry.mid, place, blobId));
    }
    return true;
  }

  async #upload(entry: OutboxEntry, place: number, content: Uint8Array): Promise<BlobId | null> {
    if (content.length <= PART_BYTES) {
      const blobId = await this.#api.uploadBlob(content);
      this.#tell(entry, content.length, content.length);
      return blobId;
    }
    const begun = await this.#begin(entry, place, content.length);
    for (let { offset } = begun; offset < content.length; ) {
      if (this.#store.outbox.find(entry.mid) === null) return null;
      const part = content.subarray(offset, offset + PART_BYTES);
      offset = await this.#sendPart(begun.blobId, offset, part);
      this.#tell(entry, offset, content.length);
    }
    return begun.blobId;
  }

  #tell({ cid, mid }: OutboxEntry, sentBytes: number, sizeBytes: number): void {
    this.#announcer.announce({ kind: "upload", cid, mid, sentBytes, sizeBytes });
  }

  /** The upload that was begun, and how far it came; a new one if the server has forgotten it. */
  async #begin({ mid }: OutboxEntry, place: number, sizeBytes: number): Promise<{ blobId: BlobId; offset: number }> {
    const known = this.#store.outbox.uploadId(mid, place);
    if (known !== null) {
      try {
        return { blobId: known, offset: await this.#api.fetchOffset(known) };
      } catch (error) {
        if (!hasCode(error, "not_found")) throw error;
      }
    }
    const blobId = await this.#api.beginUpload(sizeBytes);
    await this.#store.transaction(() => this.#store.outbox.setUploadId(mid, place, blobId));
    return { blobId, offset: 0 };
  }

  async #sendPart(blobId: BlobId, offset: number, part: Uint8Array): Promise<number> {
    try {
      return await this.#api.sendPart(blobId, offset, part);
    } catch (error) {
      if (!hasCode(error, "upload_offset")) throw error;
      // The answer to an earlier part was lost, or only some of it had arrived.
      return this.#api.fetchOffset(blobId);
    }
  }
}
