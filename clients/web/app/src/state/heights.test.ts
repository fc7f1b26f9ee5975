import fc from "fast-check";
import { expect, test } from "vitest";
import { Heights, rangeFor } from "./heights.js";

const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 200 });

test("offsets, totals and places are those of the plain sums, also after a row was measured", () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.integer({ min: 1, max: 500 }), fc.nat(), (list, at, size, y) => {
      const heights = new Heights(list);
      const index = at % list.length;
      heights.set(index, size);
      const plain = list.with(index, size);
      const sum = (end: number): number => plain.slice(0, end).reduce((a, b) => a + b, 0);
      expect(heights.total).toBe(sum(list.length));
      expect(heights.offset(index)).toBe(sum(index));
      const where = y % heights.total;
      const found = heights.indexAt(where);
      expect(sum(found)).toBeLessThanOrEqual(where);
      expect(sum(found + 1)).toBeGreaterThan(where);
    }),
  );
});

test("the range holds what is seen, is small, and stays while there is enough to spare", () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.integer({ min: 50, max: 1500 }), (list, y, view) => {
      const heights = new Heights(list);
      const top = y % heights.total;
      const range = rangeFor(heights, top, view, 10, { from: 0, to: 0 });
      expect(range.from).toBeLessThanOrEqual(heights.indexAt(top));
      expect(range.to).toBeGreaterThan(heights.indexAt(Math.min(top + view, heights.total - 1)));
      expect(range.to - range.from).toBeLessThanOrEqual(heights.indexAt(top + view) - heights.indexAt(top) + 21);
      expect(rangeFor(heights, top, view, 10, range)).toBe(range);
    }),
  );
});

test("nothing has an empty range", () => {
  expect(rangeFor(new Heights([]), 0, 500, 10, { from: 0, to: 5 })).toEqual({ from: 0, to: 0 });
});

test("a list that became shorter is not shown beyond its end", () => {
  expect(rangeFor(new Heights([50, 50]), 0, 500, 10, { from: 0, to: 30 })).toEqual({ from: 0, to: 2 });
});
