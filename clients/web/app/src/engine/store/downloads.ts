/**
 * Files on their way here: the encrypted bytes that have come so far, so that a cut download goes on.
 *
 * Not sealed: they are what the server keeps, and their key is in the message.
 */

import { join } from "@miss/core/bytes.js";

import type { BlobId } from "../ids.js";
import type { Heavy, StoreFile, Table } from "./file.js";

interface Row {
  readonly sizeBytes: number;
}

/** Parts without gaps, from the first byte on. */
export class DownloadStore {
  readonly #sizes: Table<Row>;
  readonly #parts: Heavy;

  constructor(file: StoreFile) {
    this.#sizes = file.table("download");
    this.#parts = file.heavy("downloadPart");
  }

  /** How many bytes are here. */
  sizeOf(blob: BlobId): number {
    return this.#sizes.get(blob)?.sizeBytes ?? 0;
  }

  /** The bytes from `start` on, which is what `sizeOf` said. */
  append(blob: BlobId, start: number, content: Uint8Array): void {
    if (start !== this.sizeOf(blob)) throw new RangeError("a download has no gaps");
    this.#parts.put(`${blob} ${String(start).padStart(12, "0")}`, content);
    this.#sizes.put(blob, { sizeBytes: start + content.length });
  }

  /** Everything that has come. */
  async content(blob: BlobId): Promise<Uint8Array> {
    return join(await this.#parts.list<Uint8Array>(`${blob} `));
  }

  remove(blob: BlobId): void {
    this.#parts.deleteAll(`${blob} `);
    this.#sizes.delete(blob);
  }
}
