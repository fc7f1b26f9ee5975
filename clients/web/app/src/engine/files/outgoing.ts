/**
 * Files about to leave, told by their content and not by their name: photographs (JPEG) and PDF.  ISO 32000-1 §7.5
 *
 * A PDF is not changed: a signed letter has to arrive as it was signed.  A photograph was made fit to send before
 * (`photo/`), and travels without a name: names of files say who is on them.
 */

import { type Attachment, blobBytes, encryptBlob, hashBlob, PREFIX_BYTES } from "@miss/core/attachments.js";
import { join } from "@miss/core/bytes.js";
import { MAX_BLOB_BYTES } from "@miss/core/limits.js";
import { KEY_BYTES, type RandomBytes } from "@miss/core/primitives.js";

import type { SendOptions } from "../api.js";
import { EngineError } from "../errors.js";

const MAX_NAME_CHARS = 120;
const HEADER_WITHIN = 1024;
const END_WITHIN = 2048;
const latin1 = new TextDecoder("latin1");

/** A file as it leaves: what the message says of it, and what the server keeps. */
export interface Encrypted {
  /** `blob` is set when it is uploaded. */
  readonly attachment: Attachment;
  readonly blob: Uint8Array;
}

/**
 * `content` under a key of its own.
 *
 * Throws `outgoing_file_not_supported` for what is neither JPEG nor PDF, `outgoing_file_too_large`,
 * `outgoing_file_damaged`.
 */
export function encryptFile(
  content: Uint8Array,
  name: string,
  { height, thumbnail, width }: SendOptions,
  randomBytes: RandomBytes,
): Encrypted {
  const shown = cleanName(name);
  const sizeBytes = content.length;
  if (blobBytes(sizeBytes) > MAX_BLOB_BYTES) {
    throw new EngineError("outgoing_file_too_large", { name: shown, size_bytes: sizeBytes, max_bytes: MAX_BLOB_BYTES });
  }
  const isPhoto = content[0] === 0xff && content[1] === 0xd8 && content[2] === 0xff;
  if (!isPhoto) requirePdf(content, shown);
  const key = randomBytes(KEY_BYTES);
  const blob = join([...encryptBlob([content], sizeBytes, key, randomBytes(PREFIX_BYTES))]);
  const attachment: Attachment = {
    blob: new Uint8Array(16),
    key,
    size: sizeBytes,
    hash: hashBlob(blob),
    mime: isPhoto ? "image/jpeg" : "application/pdf",
    name: isPhoto ? "" : shown,
    width: (isPhoto ? width : null) ?? null,
    height: (isPhoto ? height : null) ?? null,
    thumbnail: (isPhoto ? thumbnail : null) ?? null,
  };
  return { attachment, blob };
}

function requirePdf(content: Uint8Array, name: string): void {
  const head = latin1.decode(content.subarray(0, HEADER_WITHIN));
  if (!/%PDF-[12]\.[0-9]/.test(head)) throw new EngineError("outgoing_file_not_supported", { name });
  const end = latin1.decode(content.subarray(-END_WITHIN));
  if (!end.includes("%%EOF")) throw new EngineError("outgoing_file_damaged", { name });
}

/** The last part of a path, without anything a screen or a disk could be misled by. */
export function cleanName(name: string): string {
  const last = name.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const plain = last.replace(/\p{C}/gu, "").replace(/^[ .]+|[ .]+$/g, "");
  return [...plain].slice(-MAX_NAME_CHARS).join("") || "document.pdf";
}
