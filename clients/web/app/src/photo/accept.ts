/**
 * What a file is, told by its content and never by its name, and whether it may be sent.
 *
 * Refuses what is neither a picture nor a PDF, what is too large to decode (before decoding), and a PDF without an end.
 * The codes are those of `miss/client/errors/{photo,files}.py`.
 */
import { EngineError } from "../engine/api.js";
import { MAX_FILE_BYTES, MAX_PIXELS, type Size } from "./plan.js";

export type FileKind = "jpeg" | "png" | "webp" | "heic" | "pdf";

const MAX_PDF_BYTES = 16 * 1024 * 1024 - 8 * 1024;
const MAX_NAME_CHARS = 120;
const HEIC_BRANDS: ReadonlySet<string> = new Set(["heic", "heix", "hevc", "hevx", "mif1", "msf1", "heim", "heis"]);

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** Null: nothing that MiSS sends. */
export function kindOf(bytes: Uint8Array): FileKind | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "jpeg";
  if (ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "webp";
  if (ascii(bytes, 4, 8) === "ftyp" && HEIC_BRANDS.has(ascii(bytes, 8, 12))) return "heic";
  if (/%PDF-[12]\.[0-9]/.test(ascii(bytes, 0, Math.min(bytes.length, 1024)))) return "pdf";
  return null;
}

/** The size that a JPEG or PNG says it has, without decoding; null: it does not say. */
export function sizeOf(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = kindOf(bytes);
  if (kind === "png" && bytes.length >= 24) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (kind !== "jpeg") return null;
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** What kind of file this is.  Throws `EngineError` if it may not be sent. */
export function accept(bytes: Uint8Array, name: string): FileKind {
  const kind = kindOf(bytes);
  const shown = cleanName(name);
  if (kind === null) throw new EngineError("outgoing_file_not_supported", { name: shown });
  if (kind === "pdf") {
    checkPdf(bytes, shown);
    return kind;
  }
  if (bytes.length > MAX_FILE_BYTES) {
    throw new EngineError("outgoing_photo_too_large", { size_bytes: bytes.length, max_bytes: MAX_FILE_BYTES });
  }
  const size = sizeOf(bytes);
  if (size && size.width * size.height > MAX_PIXELS) {
    throw new EngineError("outgoing_photo_too_many_pixels", { max_megapixels: MAX_PIXELS / 1_000_000 });
  }
  return kind;
}

function checkPdf(bytes: Uint8Array, name: string): void {
  if (bytes.length > MAX_PDF_BYTES) {
    throw new EngineError("outgoing_file_too_large", { name, size_bytes: bytes.length, max_bytes: MAX_PDF_BYTES });
  }
  const end = ascii(bytes, Math.max(0, bytes.length - 2048), bytes.length);
  if (!end.includes("%%EOF")) throw new EngineError("outgoing_file_damaged", { name });
}

/** The name to keep a received file under: what its sender wrote, with the ending of what it really is. */
export function keptName(name: string, ending: "pdf" | "jpg"): string {
  const clean = cleanName(name);
  return clean.toLowerCase().endsWith(`.${ending}`) ? clean : `${clean}.${ending}`;
}

/** The last part of a path, without anything a screen or a disk could be misled by. */
export function cleanName(name: string): string {
  const last = name.normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const plain = last.replace(/\p{C}/gu, "").replace(/^[ .]+|[ .]+$/g, "");
  return [...plain].slice(-MAX_NAME_CHARS).join("") || "document.pdf";
}
