/**
 * Attachments: a file encrypted in chunks, so that any range can be read and no end can be cut off.  protocol §3
 *
 * A blob, as the server stores it, is the file's 16 random bytes, then the chunks: each holds 64 KiB of the file (the
 * last one what is left, the only one of an empty file nothing) and a 16-byte tag.  Chunk i is XChaCha20-Poly1305
 * with
 *
 *     nonce = the 16 random bytes ‖ i (8 bytes, big-endian)
 *     ad    = i (8 bytes) ‖ 0x01 for the last chunk, else 0x00 ‖ size of the file (8 bytes)
 *
 * under a key of its own for each file; the key travels in the message's body and nowhere else.
 */

import { concat, join, uint64 } from "./bytes.js";
import { BlobDamaged, BlobRangeUnknown, BlobTooLarge } from "./errors.js";
import { MAX_BLOB_BYTES } from "./limits.js";
import { bytes, nullable, type Shape, struct, text } from "./packing.js";
import { hash, KEY_BYTES, openWithNonce, same, sealWithNonce, TAG_BYTES } from "./primitives.js";
import { hash32, id16, number } from "./shapes.js";

export const CHUNK_BYTES = 64 * 1024;
export const PREFIX_BYTES = 16;
export const MAX_THUMBNAIL_BYTES = 16 * 1024;

/** What a message says of one of its attachments. */
export interface Attachment {
  readonly blob: Uint8Array;
  readonly key: Uint8Array;
  /** Of the file, in bytes. */
  readonly size: number;
  /** H("blob", the blob as stored): with the key it pins the content to the byte. */
  readonly hash: Uint8Array;
  readonly mime: string;
  readonly name: string;
  /** Pixels; null for what is not a picture. */
  readonly width: number | null;
  readonly height: number | null;
  /** A small JPEG, shown before the blob has arrived. */
  readonly thumbnail: Uint8Array | null;
}

export const attachmentShape: Shape<Attachment> = struct<Attachment>({
  blob: id16,
  key: bytes(KEY_BYTES),
  size: number,
  hash: hash32,
  mime: text(0, 129, /^[a-z0-9.+-]{1,64}\/[a-z0-9.+-]{1,64}$/),
  name: text(0, 255),
  width: nullable(number),
  height: nullable(number),
  thumbnail: nullable(bytes(0, MAX_THUMBNAIL_BYTES)),
});

/** Chunks of a file of that size; an empty file has one. */
export function countChunks(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / CHUNK_BYTES));
}

/** Length of the blob of a file of that size. */
export function blobBytes(sizeBytes: number): number {
  return PREFIX_BYTES + sizeBytes + countChunks(sizeBytes) * TAG_BYTES;
}

/** H("blob", blob): what `Attachment.hash` is. */
export function hashBlob(blob: Uint8Array): Uint8Array {
  return hash("blob", blob);
}

/**
 * The blob of a file, piece by piece.
 *
 * `pieces`: the file, cut anywhere; `sizeBytes`: its length.  `key` (32 bytes) and `prefix` (16 bytes) are random and
 * serve this file only.  Throws BlobTooLarge at once, BlobDamaged if the pieces do not add up to the size.
 */
export function encryptBlob(
  pieces: Iterable<Uint8Array>,
  sizeBytes: number,
  key: Uint8Array,
  prefix: Uint8Array,
): Generator<Uint8Array> {
  if (blobBytes(sizeBytes) > MAX_BLOB_BYTES) {
    throw new BlobTooLarge({ size_bytes: sizeBytes, max_bytes: MAX_BLOB_BYTES });
  }
  if (prefix.length !== PREFIX_BYTES || key.length !== KEY_BYTES) {
    throw new RangeError("a blob has a prefix of 16 bytes and a key of 32");
  }
  return encrypt(pieces, sizeBytes, key, prefix);
}

function* encrypt(
  pieces: Iterable<Uint8Array>,
  sizeBytes: number,
  key: Uint8Array,
  prefix: Uint8Array,
): Generator<Uint8Array> {
  yield prefix;
  const last = countChunks(sizeBytes) - 1;
  let buffer: Uint8Array = new Uint8Array();
  let index = 0;
  for (const piece of pieces) {
    buffer = concat(buffer, piece);
    for (; buffer.length >= CHUNK_BYTES && index < last; index += 1) {
      yield sealChunk(buffer.subarray(0, CHUNK_BYTES), index, sizeBytes, key, prefix);
      buffer = buffer.subarray(CHUNK_BYTES);
    }
  }
  if (index !== last || last * CHUNK_BYTES + buffer.length !== sizeBytes) throw new BlobDamaged({ reason: "size" });
  yield sealChunk(buffer, index, sizeBytes, key, prefix);
}

/** The whole file.  Throws BlobDamaged if the blob is not to the byte the one that was sent. */
export function decryptBlob(blob: Uint8Array, attachment: Attachment): Uint8Array {
  if (blob.length !== blobBytes(attachment.size)) throw new BlobDamaged({ reason: "length" });
  if (!same(hashBlob(blob), attachment.hash)) throw new BlobDamaged({ reason: "hash" });
  const prefix = blob.subarray(0, PREFIX_BYTES);
  return decryptRange(prefix, blob.subarray(PREFIX_BYTES), attachment, 0, attachment.size);
}

/**
 * Which bytes of the blob, from and up to, hold the file's bytes from `start` up to `stop`.
 *
 * Whole chunks; the blob's first 16 bytes are needed besides.  Throws BlobRangeUnknown.
 */
export function rangeInBlob(sizeBytes: number, start: number, stop: number): readonly [number, number] {
  const [first, last] = chunks(sizeBytes, start, stop);
  const step = CHUNK_BYTES + TAG_BYTES;
  return [PREFIX_BYTES + first * step, Math.min(PREFIX_BYTES + (last + 1) * step, blobBytes(sizeBytes))];
}

/**
 * The file's bytes from `start` up to `stop`.
 *
 * `prefix`: the blob's first 16 bytes.  `part`: the bytes of the blob that `rangeInBlob` names.  Throws BlobDamaged,
 * BlobRangeUnknown.
 */
export function decryptRange(
  prefix: Uint8Array,
  part: Uint8Array,
  attachment: Attachment,
  start: number,
  stop: number,
): Uint8Array {
  const [first, last] = chunks(attachment.size, start, stop);
  const [lower, upper] = rangeInBlob(attachment.size, start, stop);
  if (part.length !== upper - lower) throw new BlobDamaged({ reason: "length" });
  const step = CHUNK_BYTES + TAG_BYTES;
  const plain: Uint8Array[] = [];
  for (let index = first; index <= last; index += 1) {
    const at = (index - first) * step;
    plain.push(openChunk(part.subarray(at, at + step), index, attachment, prefix));
  }
  const offset = first * CHUNK_BYTES;
  return join(plain).slice(start - offset, stop - offset);
}

/** First and last chunk of a range. */
function chunks(sizeBytes: number, start: number, stop: number): readonly [number, number] {
  if (!(0 <= start && start <= stop && stop <= sizeBytes)) {
    throw new BlobRangeUnknown({ start, stop, size_bytes: sizeBytes });
  }
  const lastChunk = countChunks(sizeBytes) - 1;
  const first = Math.min(Math.floor(start / CHUNK_BYTES), lastChunk);
  const last = Math.min(Math.floor(Math.max(stop - 1, 0) / CHUNK_BYTES), lastChunk);
  return [first, Math.max(first, last)];
}

function sealChunk(
  plain: Uint8Array,
  index: number,
  sizeBytes: number,
  key: Uint8Array,
  prefix: Uint8Array,
): Uint8Array {
  return sealWithNonce(key, concat(prefix, uint64(index)), plain, chunkAd(index, sizeBytes));
}

function openChunk(sealed: Uint8Array, index: number, attachment: Attachment, prefix: Uint8Array): Uint8Array {
  const nonce = concat(prefix, uint64(index));
  const plain = openWithNonce(attachment.key, nonce, sealed, chunkAd(index, attachment.size));
  if (plain === null) throw new BlobDamaged({ reason: "chunk", index });
  return plain;
}

function chunkAd(index: number, sizeBytes: number): Uint8Array {
  const final = index === countChunks(sizeBytes) - 1 ? 1 : 0;
  return concat(uint64(index), Uint8Array.of(final), uint64(sizeBytes));
}
