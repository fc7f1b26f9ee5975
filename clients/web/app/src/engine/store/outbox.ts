/**
 * What this device has to send: durable before anything is tried, gone once the server has it.  protocol §7
 *
 * For each message every envelope ever sent is kept with it: after a crash the same bytes go out again, and a server
 * that already holds other bytes under the same `mid` is recognised as holding our own.
 */

import type { Attachment as Part } from "@miss/core/attachments.js";
import { hashEnvelope } from "@miss/core/envelopes.js";

import { asBytes, Fields } from "../fields.js";
import { type BlobId, type Cid, hex, type Mid, type Ms, type Uid, unhex, unhexOrNull } from "../ids.js";
import { decode, encode } from "../msgpack.js";
import type { Heavy, StoreFile, Table } from "./file.js";
import { packParts, readPart } from "./parts.js";

/** What a person wrote. */
export interface Draft {
  readonly tsMs: Ms;
  readonly type: string;
  readonly text: string;
  readonly reply: Mid | null;
  /** Their `blob` is set when they are uploaded. */
  readonly attachments: readonly Part[];
  readonly urgent: boolean;
  readonly mentions: readonly Uid[];
  /** Set: the message raises an alarm. */
  readonly ackByMs: Ms | null;
  readonly nextUids: readonly Uid[];
}

type Params = Readonly<Record<string, string | number>>;

/** One message on its way. */
export interface OutboxEntry {
  readonly mid: Mid;
  readonly cid: Cid;
  readonly attempts: number;
  /** Code of the refusal after which it waits for a person; empty while it is on its way. */
  readonly failed: string;
  /** What fills the sentence of `failed`. */
  readonly failedParams: Params;
  readonly draft: Draft;
}

interface Row {
  readonly place: number;
  readonly mid: Mid;
  readonly cid: Cid;
  readonly attempts: number;
  readonly failed: string;
  /** The parameters of `failed`, sealed; absent: none. */
  readonly failedSealed?: Uint8Array;
  readonly sealed: Uint8Array;
}
interface EnvelopeRow {
  readonly mid: Mid;
  readonly attempt: number;
  readonly envHash: string;
  readonly env: Uint8Array;
}
interface BlobRow {
  readonly mid: Mid;
  readonly place: number;
  readonly blobId: BlobId | null;
  /** What the server calls the upload that was begun. */
  readonly uploadId: BlobId | null;
}

const NOTHING = new Uint8Array();

/** Entries in the order they were written. */
export class OutboxStore {
  readonly #file: StoreFile;
  readonly #entries: Table<Row>;
  readonly #envelopes: Table<EnvelopeRow>;
  readonly #blobs: Table<BlobRow>;
  readonly #contents: Heavy;

  constructor(file: StoreFile) {
    this.#file = file;
    this.#entries = file.table("outbox");
    this.#envelopes = file.table("outboxEnvelope");
    this.#blobs = file.table("outboxBlob");
    this.#contents = file.heavy("outboxContent");
  }

  /** Keep a message and the encrypted content of its attachments, in their order. */
  add(mid: Mid, cid: Cid, draft: Draft, blobs: readonly Uint8Array[] = []): void {
    if (this.#entries.get(mid) !== undefined) throw new TypeError("a message has one entry");
    const place = 1 + Math.max(0, ...[...this.#entries.rows.values()].map((row) => row.place));
    const sealed = this.#file.seal(placeOf(mid), packDraft(draft));
    this.#entries.put(mid, { place, mid, cid, attempts: 0, failed: "", sealed });
    blobs.forEach((content, at) => {
      this.#blobs.put(blobKey(mid, at), { mid, place: at, blobId: null, uploadId: null });
      this.#contents.put(blobKey(mid, at), content);
    });
  }

  /** Keep messages without files before all that waits, in their order; those that wait already stay. */
  addFirst(cid: Cid, drafts: readonly (readonly [mid: Mid, draft: Draft])[]): void {
    const first = Math.min(1, ...[...this.#entries.rows.values()].map((row) => row.place)) - drafts.length;
    for (const [at, [mid, draft]] of drafts.entries()) {
      if (this.#entries.get(mid) !== undefined) continue;
      const sealed = this.#file.seal(placeOf(mid), packDraft(draft));
      this.#entries.put(mid, { place: first + at, mid, cid, attempts: 0, failed: "", sealed });
    }
  }

  /**
   * What was sealed for this conversation is not to be sent any more; it is recognised still if it comes back.
   *
   * What failed for a receipt that did not hold is tried again.
   */
  sealAnew(cid: Cid): void {
    for (const { failed, mid } of this.#rows().filter((row) => row.cid === cid)) {
      for (const one of this.#envelopesOf(mid)) this.#envelopes.patch(envelopeKey(mid, one.attempt), { env: NOTHING });
      if (failed === "receipt_forged" || failed === "bad_receipt") this.retry(mid);
    }
  }

  find(mid: Mid): OutboxEntry | null {
    const row = this.#entries.get(mid);
    return row === undefined ? null : this.#entry(row);
  }

  /** Everything of one conversation that is not acknowledged. */
  list(cid: Cid): readonly OutboxEntry[] {
    return this.#rows()
      .filter((row) => row.cid === cid)
      .map((row) => this.#entry(row));
  }

  /** How much waits in a conversation, and how much of that failed. */
  count(cid: Cid): { readonly waiting: number; readonly failed: number } {
    const rows = this.#rows().filter((row) => row.cid === cid);
    return { waiting: rows.length, failed: rows.filter((row) => row.failed !== "").length };
  }

  /** The first entry of each conversation that did not fail, oldest first: what may be sent now. */
  nextOfEach(): readonly OutboxEntry[] {
    const first = new Map<Cid, Row>();
    for (const row of this.#rows()) {
      if (row.failed === "" && !first.has(row.cid)) first.set(row.cid, row);
    }
    return [...first.values()].map((row) => this.#entry(row));
  }

  #rows(): readonly Row[] {
    return [...this.#entries.rows.values()].sort((a, b) => a.place - b.place);
  }

  #entry({ mid, cid, attempts, failed, failedSealed, sealed }: Row): OutboxEntry {
    const failedParams = failed === "" || failedSealed === undefined ? {} : this.#openParams(mid, failedSealed);
    return { mid, cid, attempts, failed, failedParams, draft: readDraft(this.#file.open(placeOf(mid), sealed)) };
  }

  #openParams(mid: Mid, sealed: Uint8Array): Params {
    return JSON.parse(new TextDecoder().decode(this.#file.open(failureOf(mid), sealed))) as Params;
  }

  /** Keep it, and let it wait for a person. */
  fail(mid: Mid, code: string, params: Params = {}): void {
    const said = new TextEncoder().encode(JSON.stringify(params));
    this.#entries.patch(mid, { failed: code, failedSealed: this.#file.seal(failureOf(mid), said) });
  }

  /** Back in its place of the queue. */
  retry(mid: Mid): void {
    this.#entries.patch(mid, { failed: "" });
  }

  /** Forget an entry with its envelopes and blobs; nothing happens if there is none. */
  remove(mid: Mid): void {
    if (!this.#entries.delete(mid)) return;
    for (const one of this.#envelopesOf(mid)) this.#envelopes.delete(envelopeKey(mid, one.attempt));
    for (const one of this.#blobsOf(mid)) this.#blobs.delete(blobKey(mid, one.place));
    this.#contents.deleteAll(`${mid} `);
  }

  // Envelopes

  /** Remember what is about to be sent. */
  keepEnvelope(mid: Mid, env: Uint8Array): void {
    const row = this.#entries.get(mid);
    if (row === undefined) return;
    this.#entries.patch(mid, { attempts: row.attempts + 1 });
    const attempt = row.attempts + 1;
    this.#envelopes.put(envelopeKey(mid, attempt), { mid, attempt, envHash: hex(hashEnvelope(env)), env });
  }

  /** What was last sent, or about to be; null if it is to be sealed (anew). */
  lastEnvelope(mid: Mid): Uint8Array | null {
    const env = this.#envelopesOf(mid).at(-1)?.env ?? NOTHING;
    return env.length === 0 ? null : env;
  }

  /** True if the envelope with that H(env) is one of ours. */
  hasSent(mid: Mid, envHash: string): boolean {
    return this.#envelopesOf(mid).some((one) => one.envHash === envHash);
  }

  #envelopesOf(mid: Mid): readonly EnvelopeRow[] {
    const found = [...this.#envelopes.rows.values()].filter((one) => one.mid === mid);
    return found.sort((a, b) => a.attempt - b.attempt);
  }

  // Blobs

  /** Place and content of the attachments still to upload. */
  async missingBlobs(mid: Mid): Promise<readonly { readonly place: number; readonly content: Uint8Array }[]> {
    const missing: { place: number; content: Uint8Array }[] = [];
    for (const { place } of this.#blobsOf(mid).filter((one) => one.blobId === null)) {
      const content = await this.#contents.get<Uint8Array>(blobKey(mid, place));
      if (content !== null) missing.push({ place, content });
    }
    return missing;
  }

  /** What the server calls the uploaded attachments, in their order. */
  blobIds(mid: Mid): readonly BlobId[] {
    return this.#blobsOf(mid).flatMap((one) => (one.blobId === null ? [] : [one.blobId]));
  }

  setBlobId(mid: Mid, place: number, blobId: BlobId): void {
    this.#blobs.patch(blobKey(mid, place), { blobId });
  }

  /** What the server calls the upload that was begun; null if there is none. */
  uploadId(mid: Mid, place: number): BlobId | null {
    return this.#blobs.get(blobKey(mid, place))?.uploadId ?? null;
  }

  setUploadId(mid: Mid, place: number, uploadId: BlobId | null): void {
    this.#blobs.patch(blobKey(mid, place), { uploadId });
  }

  /** The server forgot the uploads (they die after 24 hours unattached): upload again. */
  clearBlobIds(mid: Mid): void {
    for (const { place } of this.#blobsOf(mid))
      this.#blobs.patch(blobKey(mid, place), { blobId: null, uploadId: null });
  }

  #blobsOf(mid: Mid): readonly BlobRow[] {
    return [...this.#blobs.rows.values()].filter((one) => one.mid === mid).sort((a, b) => a.place - b.place);
  }
}

function packDraft(draft: Draft): Uint8Array {
  return encode([
    draft.tsMs,
    draft.type,
    draft.text,
    unhexOrNull(draft.reply),
    packParts(draft.attachments),
    draft.urgent,
    draft.mentions.map(unhex),
    draft.ackByMs,
    draft.nextUids.map(unhex),
  ]);
}

function readDraft(data: Uint8Array): Draft {
  const from = new Fields(decode(data));
  return {
    tsMs: from.millis(),
    type: from.text(),
    text: from.text(),
    reply: from.nullable(() => from.id(16)),
    attachments: from.values(readPart),
    urgent: from.boolean(),
    mentions: from.values((uid) => hex(asBytes(uid, 16, 16))),
    ackByMs: from.nullable(() => from.millis()),
    nextUids: from.values((uid) => hex(asBytes(uid, 16, 16))),
  };
}

function placeOf(mid: Mid): string {
  return `outbox ${mid}`;
}

function failureOf(mid: Mid): string {
  return `outbox ${mid} failed`;
}

function blobKey(mid: Mid, place: number): string {
  return `${mid} ${String(place).padStart(4, "0")}`;
}

function envelopeKey(mid: Mid, attempt: number): string {
  return `${mid} ${String(attempt).padStart(6, "0")}`;
}
