import { decryptBlob } from "@miss/core/attachments.js";
import { MAX_BLOB_BYTES } from "@miss/core/limits.js";
import { describe, expect, test } from "vitest";

import { composeMid } from "../calls/mids.js";
import { cleanName, encryptFile } from "./outgoing.js";

const PDF = new TextEncoder().encode("%PDF-1.7\nune lettre\n%%EOF\n");
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3);

function randomBytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => at % 251);
}

function refusal(code: string): unknown {
  return expect.objectContaining({ code });
}

describe("a file about to leave", () => {
  test("a letter keeps its name and its bytes", () => {
    const { attachment, blob } = encryptFile(PDF, "C:\\Patients\\lettre.pdf", {}, randomBytes);
    expect([attachment.mime, attachment.name, attachment.thumbnail]).toEqual(["application/pdf", "lettre.pdf", null]);
    expect(decryptBlob(blob, attachment)).toEqual(PDF);
  });

  test("a photograph has no name, but a size and a thumbnail", () => {
    const thumbnail = JPEG.slice(0, 3);
    const options = { thumbnail, width: 640, height: 480 };
    const { attachment } = encryptFile(JPEG, "Mme DUPONT.jpg", options, randomBytes);
    expect(attachment).toMatchObject({ mime: "image/jpeg", name: "", width: 640, height: 480, thumbnail });
  });

  test("a letter says nothing of pixels, whatever it is given", () => {
    const { attachment } = encryptFile(PDF, "a.pdf", { width: 1, height: 1, thumbnail: JPEG }, randomBytes);
    expect(attachment).toMatchObject({ width: null, height: null, thumbnail: null });
  });

  test("what is neither, cut or too large is refused by name", () => {
    const text = new TextEncoder().encode("<script>");
    expect(() => encryptFile(text, "a.pdf", {}, randomBytes)).toThrowError(refusal("outgoing_file_not_supported"));
    expect(() => encryptFile(PDF.slice(0, 12), "a.pdf", {}, randomBytes)).toThrowError(refusal("outgoing_file_damaged"));
    const large = new Uint8Array(MAX_BLOB_BYTES);
    expect(() => encryptFile(large, "a.pdf", {}, randomBytes)).toThrowError(refusal("outgoing_file_too_large"));
  });

  test("names mislead neither a screen nor a disk", () => {
    expect(cleanName("a/b/é\u202ed.pdf")).toBe("éd.pdf");
    expect(cleanName("..")).toBe("document.pdf");
    expect(cleanName(" .x. ")).toBe("x");
    expect(cleanName(`${"n".repeat(200)}.pdf`)).toBe(`${"n".repeat(116)}.pdf`);
  });
});

test("names of messages are UUIDv7, in the order of their making", () => {
  const early = composeMid(1_700_000_000_123, randomBytes);
  const late = composeMid(1_700_000_000_124, () => new Uint8Array(10));
  expect(early).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  expect(Number.parseInt(early.slice(0, 12), 16)).toBe(1_700_000_000_123);
  expect(early < late).toBe(true);
});
