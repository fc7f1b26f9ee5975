/** How a picture is looked at: how large, how turned, how far moved.  Pure; lengths in pixels of the screen. */

export interface Look {
  readonly scale: number;
  /** Quarters of a turn, clockwise. */
  readonly turns: number;
  readonly x: number;
  readonly y: number;
}

export const WHOLE: Look = { scale: 1, turns: 0, x: 0, y: 0 };
const MOST = 8;
const STEP_PX = 60;

/** Larger or smaller around a point, given from the middle of the window. */
export function zoomed(look: Look, factor: number, around: { x: number; y: number } = { x: 0, y: 0 }): Look {
  const scale = Math.min(MOST, Math.max(1, look.scale * factor));
  if (scale === 1) return { ...look, scale, x: 0, y: 0 };
  const by = scale / look.scale;
  return { ...look, scale, x: around.x - (around.x - look.x) * by, y: around.y - (around.y - look.y) * by };
}

export function turned(look: Look): Look {
  return { ...look, turns: (look.turns + 1) % 4, x: 0, y: 0 };
}

export function movedBy(look: Look, x: number, y: number): Look {
  return look.scale === 1 ? look : { ...look, x: look.x + x, y: look.y + y };
}

export type ViewerKey = "previous" | "next" | Look;

/** What a key does; null: nothing. Arrows move an enlarged picture, and go to the next one of a whole one. */
export function keyed(look: Look, key: string): ViewerKey | null {
  switch (key) {
    case "+":
    case "=":
      return zoomed(look, 1.5);
    case "-":
    case "−":
      return zoomed(look, 1 / 1.5);
    case "0":
      return WHOLE;
    case "r":
    case "R":
      return turned(look);
    case "ArrowLeft":
      return look.scale > 1 ? movedBy(look, STEP_PX, 0) : "previous";
    case "ArrowRight":
      return look.scale > 1 ? movedBy(look, -STEP_PX, 0) : "next";
    case "ArrowUp":
      return movedBy(look, 0, STEP_PX);
    case "ArrowDown":
      return movedBy(look, 0, -STEP_PX);
    default:
      return null;
  }
}
