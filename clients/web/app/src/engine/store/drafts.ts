/** What a person has begun to write: sealed, there again after a restart, never sent; and their marks of a list. */

import { isBlank, type SavedDraft } from "../api.js";
import { asBytes, Fields } from "../fields.js";
import { type Cid, hex, unhex, unhexOrNull } from "../ids.js";
import { decode, encode } from "../msgpack.js";
import type { StoreFile, Table } from "./file.js";

/** One for each conversation. */
export class DraftStore {
  readonly #file: StoreFile;
  readonly #drafts: Table<Uint8Array>;

  constructor(file: StoreFile) {
    this.#file = file;
    this.#drafts = file.table("draft");
  }

  /** Keep the draft in place of the one before; an empty one is forgotten. */
  put(cid: Cid, draft: SavedDraft): void {
    if (isBlank(draft)) {
      this.remove(cid);
      return;
    }
    const value = encode([draft.text, unhexOrNull(draft.reply), draft.mentions.map(unhex), draft.urgent]);
    this.#drafts.put(cid, this.#file.seal(place(cid), value));
  }

  find(cid: Cid): SavedDraft | null {
    const sealed = this.#drafts.get(cid);
    if (sealed === undefined) return null;
    const from = new Fields(decode(this.#file.open(place(cid), sealed)));
    return {
      text: from.text(),
      reply: from.nullable(() => from.id(16)),
      mentions: from.values((uid) => hex(asBytes(uid, 16, 16))),
      urgent: from.boolean(),
    };
  }

  remove(cid: Cid): void {
    this.#drafts.delete(cid);
  }
}

/** This person's own marks of a conversation; they live on this device. */
export interface Marks {
  readonly pinned: boolean;
  readonly muted: boolean;
}

export class MarkStore {
  readonly #marks: Table<Marks>;

  constructor(file: StoreFile) {
    this.#marks = file.table("mark");
  }

  find(cid: Cid): Marks {
    return this.#marks.get(cid) ?? { pinned: false, muted: false };
  }

  put(cid: Cid, marks: Partial<Marks>): void {
    this.#marks.put(cid, { ...this.find(cid), ...marks });
  }
}

function place(cid: Cid): string {
  return `draft ${cid}`;
}
