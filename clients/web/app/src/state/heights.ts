/**
 * The heights of a long list's rows, most of them estimated, and which of them a window shows.
 *
 * A Fenwick tree: one measured height, one place and one row by its place each cost log n, so a history of 20,000
 * messages scrolls as one of 20.  It measures nothing itself.
 */
export class Heights {
  readonly count: number;
  readonly #sizes: Float64Array;
  readonly #tree: Float64Array;
  readonly #top: number;

  constructor(sizes: readonly number[]) {
    this.count = sizes.length;
    this.#sizes = Float64Array.from(sizes);
    this.#tree = new Float64Array(this.count + 1);
    for (let i = 1; i <= this.count; i += 1) {
      this.#tree[i] = (this.#tree[i] ?? 0) + (this.#sizes[i - 1] ?? 0);
      const parent = i + (i & -i);
      if (parent <= this.count) this.#tree[parent] = (this.#tree[parent] ?? 0) + (this.#tree[i] ?? 0);
    }
    this.#top = this.count === 0 ? 0 : 2 ** Math.floor(Math.log2(this.count));
  }

  get total(): number {
    return this.offset(this.count);
  }

  size(index: number): number {
    return this.#sizes[index] ?? 0;
  }

  set(index: number, size: number): void {
    const change = size - this.size(index);
    if (change === 0 || index < 0 || index >= this.count) return;
    this.#sizes[index] = size;
    for (let i = index + 1; i <= this.count; i += i & -i) this.#tree[i] = (this.#tree[i] ?? 0) + change;
  }

  /** Where row `index` begins: the sum of those before it. */
  offset(index: number): number {
    let sum = 0;
    for (let i = Math.min(index, this.count); i > 0; i -= i & -i) sum += this.#tree[i] ?? 0;
    return sum;
  }

  /** The row that `y` falls in; the first or last one beyond the ends. */
  indexAt(y: number): number {
    let index = 0;
    let left = y;
    for (let step = this.#top; step > 0; step >>= 1) {
      const next = index + step;
      if (next <= this.count && (this.#tree[next] ?? 0) <= left) {
        index = next;
        left -= this.#tree[next] ?? 0;
      }
    }
    return Math.max(0, Math.min(index, this.count - 1));
  }
}

/** A half-open range of rows. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * The rows to keep in the page: those seen between `top` and `top + view`, and `spare` on both sides.  `held` is kept
 * as it is while at least half of the spare ones are left, so that most frames of a scroll change nothing.
 */
export function rangeFor(heights: Heights, top: number, view: number, spare: number, held: Range): Range {
  if (heights.count === 0) return { from: 0, to: 0 };
  const first = heights.indexAt(top);
  const last = heights.indexAt(top + view) + 1;
  const half = Math.floor(spare / 2);
  const keptAbove = held.from === 0 || first - held.from >= half;
  const keptBelow = held.to === heights.count || held.to - last >= half;
  const covers = held.from <= first && held.to >= last && held.to <= heights.count;
  if (covers && keptAbove && keptBelow && held.to - held.from <= last - first + 4 * spare) return held;
  return { from: Math.max(0, first - spare), to: Math.min(heights.count, last + spare) };
}
