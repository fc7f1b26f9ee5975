import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accept, cleanName, keptName, kindOf, sizeOf } from "./accept.js";
import { BLANK, type Drawing, added, boxOf, drawn, nudged, removed, selectedNext, undone } from "./marks.js";
import { attempts, fitted } from "./plan.js";
import { stripped } from "./strip.js";

const segment = (marker: number, content: readonly number[]): number[] => [0xff, marker, ((content.length + 2) >> 8) & 255, (content.length + 2) & 255, ...content];
const SCAN = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3, 0xff, 0, 0xff, 0xd9];
const code = (error: () => unknown): string => {
  try {
    error();
    return "";
  } catch (caught) {
    return (caught as { code: string }).code;
  }
};

describe("stripping", () => {
  test("everything that tells goes, everything that draws stays", () => {
    const app = fc.integer({ min: 0xe0, max: 0xef });
    const drawing = fc.constantFrom(0xdb, 0xc0, 0xc4, 0xdd);
    const parts = fc.array(fc.tuple(fc.oneof(app, drawing, fc.constant(0xfe)), fc.array(fc.nat(255), { maxLength: 40 })), { maxLength: 12 });
    fc.assert(
      fc.property(parts, (list) => {
        const jpeg = Uint8Array.from([0xff, 0xd8, ...list.flatMap(([marker, content]) => segment(marker, content)), ...SCAN]);
        const kept = list.filter(([marker]) => marker === 0xe0 || marker === 0xee || marker < 0xe0);
        expect([...stripped(jpeg)]).toEqual([0xff, 0xd8, ...kept.flatMap(([marker, content]) => segment(marker, content)), ...SCAN]);
      }),
    );
  });
  test("what is no JPEG or is cut is refused", () => {
    expect(code(() => stripped(new Uint8Array([1, 2, 3])))).toBe("outgoing_photo_damaged");
    expect(code(() => stripped(new Uint8Array([0xff, 0xd8, 0xff, 0xe1, 0, 200, 1])))).toBe("outgoing_photo_damaged");
    expect(code(() => stripped(new Uint8Array([0xff, 0xd8])))).toBe("outgoing_photo_damaged");
  });
});

describe("what is accepted", () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  test("kinds are told by content", () => {
    expect(kindOf(bytes("\xff\xd8\xff\xe0"))).toBe("jpeg");
    expect(kindOf(bytes("RIFF....WEBPVP8 "))).toBe("webp");
    expect(kindOf(bytes("....ftypheic"))).toBe("heic");
    expect(kindOf(bytes("junk%PDF-1.7\n"))).toBe("pdf");
    expect(kindOf(bytes("MZ.exe"))).toBeNull();
  });
  test("a name is no proof, a PDF has an end, a huge picture is not decoded", () => {
    expect(code(() => accept(bytes("MZ"), "photo.jpg"))).toBe("outgoing_file_not_supported");
    expect(code(() => accept(bytes("%PDF-1.7 cut"), "a.pdf"))).toBe("outgoing_file_damaged");
    expect(accept(bytes("%PDF-1.7 … %%EOF\n"), "a.pdf")).toBe("pdf");
    const frame = segment(0xc0, [8, 0x40, 0, 0x40, 0, 3]);
    const huge = Uint8Array.from([0xff, 0xd8, ...segment(0xe1, [1, 2]), ...frame, ...SCAN]);
    expect(sizeOf(huge)).toEqual({ width: 0x4000, height: 0x4000 });
    expect(code(() => accept(huge, "a.jpg"))).toBe("outgoing_photo_too_many_pixels");
  });
  test("names lose their path and what misleads", () => {
    expect(cleanName("C:\\dossier\\fdp.\u202egnp.pdf")).toBe("fdp.gnp.pdf");
    expect(cleanName("../..")).toBe("document.pdf");
    expect(keptName("facture.exe", "pdf")).toBe("facture.exe.pdf");
    expect(keptName("Lettre.PDF", "pdf")).toBe("Lettre.PDF");
    expect(cleanName("é".repeat(300))).toHaveLength(120);
  });
});

describe("sizes", () => {
  test("a picture fits, keeps its proportions, and is never enlarged", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 9000 }), (width, height) => {
        const small = fitted({ width, height }, 1600);
        expect(Math.max(small.width, small.height)).toBeLessThanOrEqual(1600);
        expect(small.width).toBeLessThanOrEqual(width);
        if (Math.max(width, height) <= 1600) expect(small).toEqual({ width, height });
      }),
    );
  });
  test("the attempts get lighter and end", () => {
    const all = [...attempts({ width: 1600, height: 1200 })];
    expect(all[0]).toEqual({ size: { width: 1600, height: 1200 }, quality: 0.88 });
    expect(all.at(-1)?.size.width).toBeLessThanOrEqual(8);
  });
});

describe("marks", () => {
  const point = fc.record({ x: fc.double({ min: -1, max: 2, noNaN: true }), y: fc.double({ min: -1, max: 2, noNaN: true }) });
  test("undoing takes back each change, and nothing lies outside of the picture", () => {
    const act = fc.oneof(
      fc.tuple(point, point).map(([from, to]) => (one: Drawing) => drawn(one, "blur", from, to)),
      fc.constant((one: Drawing) => added(one, "arrow")),
      fc.constantFrom("ArrowLeft", "ArrowDown").map((key) => (one: Drawing) => nudged(one, key, false) ?? one),
      fc.constant(removed),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
        let drawing: Drawing = BLANK;
        for (const one of acts) {
          const next = one(drawing);
          if (next !== drawing) expect(undone(next).marks).toEqual(drawing.marks);
          drawing = next;
        }
        for (const mark of drawing.marks) {
          const [left, top, width, height] = boxOf(mark, 100, 50);
          expect(left).toBeGreaterThanOrEqual(0);
          expect(top + height).toBeLessThanOrEqual(51);
          expect(width).toBeGreaterThan(0);
        }
      }),
    );
  });
  test("a tap adds nothing; keys choose and leave", () => {
    expect(drawn(BLANK, "blur", { x: 0.5, y: 0.5 }, { x: 0.505, y: 0.5 })).toBe(BLANK);
    const two = added(added(BLANK, "blur"), "arrow");
    expect(selectedNext(two, -1).selected).toBe(0);
    expect(selectedNext(two, 1).selected).toBe(-1);
    expect(nudged(selectedNext(two, 1), "ArrowUp", false)).toBeNull();
  });
});
