/**
 * What somebody draws on a photo before it leaves: places made unreadable, arrows; moved, resized, undone.
 *
 * Pure; coordinates are parts of the picture's width and height (0 to 1), so they hold at every size.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}
export type MarkKind = "blur" | "arrow";
/** `blur`: two opposite corners. `arrow`: from its tail to its head. */
export interface Mark {
  readonly kind: MarkKind;
  readonly from: Point;
  readonly to: Point;
}

export interface Drawing {
  readonly marks: readonly Mark[];
  /** The mark that the keyboard moves; -1: none. */
  readonly selected: number;
  /** What was before each change, oldest first. */
  readonly past: readonly (readonly Mark[])[];
}

export const BLANK: Drawing = { marks: [], selected: -1, past: [] };

/** Smaller than this in both directions was a tap, not a stroke. */
const LEAST = 0.02;
const STEP = 0.02;

function within(point: Point): Point {
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  return { x: clamp(point.x), y: clamp(point.y) };
}

function changed(drawing: Drawing, marks: readonly Mark[], selected: number): Drawing {
  return { marks, selected, past: [...drawing.past, drawing.marks] };
}

/** A stroke of the pointer; a tap adds nothing. */
export function drawn(drawing: Drawing, kind: MarkKind, from: Point, to: Point): Drawing {
  if (Math.abs(from.x - to.x) < LEAST && Math.abs(from.y - to.y) < LEAST) return drawing;
  const mark: Mark = { kind, from: within(from), to: within(to) };
  return changed(drawing, [...drawing.marks, mark], drawing.marks.length);
}

/** A mark in the middle, for the keyboard to move. */
export function added(drawing: Drawing, kind: MarkKind): Drawing {
  const [from, to] = kind === "blur" ? [{ x: 0.35, y: 0.4 }, { x: 0.65, y: 0.6 }] : [{ x: 0.3, y: 0.7 }, { x: 0.5, y: 0.5 }];
  return drawn(drawing, kind, from, to);
}

export function undone(drawing: Drawing): Drawing {
  const marks = drawing.past.at(-1);
  if (!marks) return drawing;
  return { marks, selected: marks.length - 1, past: drawing.past.slice(0, -1) };
}

export function removed(drawing: Drawing): Drawing {
  if (!drawing.marks[drawing.selected]) return drawing;
  return changed(drawing, drawing.marks.toSpliced(drawing.selected, 1), Math.min(drawing.selected, drawing.marks.length - 2));
}

/** The next mark is selected; beyond the last none, and the keyboard goes on to the next control. */
export function selectedNext(drawing: Drawing, step: 1 | -1): Drawing {
  const next = drawing.selected + step;
  return { ...drawing, selected: next < 0 || next >= drawing.marks.length ? -1 : next };
}

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -STEP, y: 0 },
  ArrowRight: { x: STEP, y: 0 },
  ArrowUp: { x: 0, y: -STEP },
  ArrowDown: { x: 0, y: STEP },
};

/** An arrow key moves the selected mark; with Shift only its end. Null: not a key of ours, or nothing selected. */
export function nudged(drawing: Drawing, key: string, resize: boolean): Drawing | null {
  const by = ARROWS[key];
  const mark = drawing.marks[drawing.selected];
  if (!by || !mark) return null;
  const move = (point: Point): Point => within({ x: point.x + by.x, y: point.y + by.y });
  const next = resize ? { ...mark, to: move(mark.to) } : { ...mark, from: move(mark.from), to: move(mark.to) };
  return changed(drawing, drawing.marks.with(drawing.selected, next), drawing.selected);
}

/** Left, top, width and height of a mark in pixels of a picture of `width` by `height`; at least one pixel. */
export function boxOf(mark: Mark, width: number, height: number): readonly [number, number, number, number] {
  const left = Math.floor(Math.min(mark.from.x, mark.to.x) * width);
  const top = Math.floor(Math.min(mark.from.y, mark.to.y) * height);
  const right = Math.ceil(Math.max(mark.from.x, mark.to.x) * width);
  const bottom = Math.ceil(Math.max(mark.from.y, mark.to.y) * height);
  return [left, top, Math.max(1, right - left), Math.max(1, bottom - top)];
}
