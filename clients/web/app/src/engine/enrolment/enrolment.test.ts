import { composePairingUri } from "@miss/core/pairing-uri.js";
import { describe, expect, test } from "vitest";

import { requireRoot, rootFingerprint } from "./fingerprint.js";
import { readPairingCode } from "./pairing.js";

describe("the fingerprint of the operator's root", () => {
  test("is the one of Python, in groups", () => {
    expect(rootFingerprint(new Uint8Array(32))).toBe("ace7 7de6 290d 32bf 743b c171 2484 ef90");
  });

  test("is compared without spaces and case", () => {
    requireRoot(new Uint8Array(32), "ACE77DE6 290D32BF\n743bc1712484ef90 ");
  });

  test("refuses another, and says which it saw", () => {
    const another = "bce7 7de6 290d 32bf 743b c171 2484 ef90";
    expect(() => requireRoot(new Uint8Array(32), another)).toThrowError(
      expect.objectContaining({ code: "root_mismatch", params: expect.objectContaining({ expected: another }) }),
    );
  });
});

describe("a pairing code", () => {
  const code = "0ABCDEFGHJKMNPQRSTVWXYZ012";

  test("is read as typed, and as scanned from any address of the server", () => {
    expect(readPairingCode(" 0abcd-efghj-kmnpq-rstvw-xyzo12")).toBe(code);
    expect(readPairingCode(`${composePairingUri("https://autre.example:8443", code)}\n`)).toBe(code);
  });

  test("with a slip of the pen is refused by its place", () => {
    expect(() => readPairingCode("0ABCD-EFGHJ-UMNPQ-RSTVW-XYZ012")).toThrowError(
      expect.objectContaining({ code: "bad_pairing_code", params: expect.objectContaining({ position: 11 }) }),
    );
  });
});
