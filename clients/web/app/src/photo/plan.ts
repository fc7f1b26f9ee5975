/**
 * How small a photo has to become, and in which steps.  The same figures as `miss/client/files/photo.py`.
 *
 * Pure.  Never enlarges.
 */

export interface PhotoQuality {
  readonly maxSidePx: number;
  readonly maxBytes: number;
}

export const STANDARD: PhotoQuality = { maxSidePx: 1600, maxBytes: 400_000 };
/** For a lesion that is judged on its detail. */
export const DIAGNOSTIC: PhotoQuality = { maxSidePx: 3072, maxBytes: 1_600_000 };
/** The small picture inside the message. */
export const THUMBNAIL: PhotoQuality = { maxSidePx: 160, maxBytes: 8_000 };

export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_PIXELS = 80_000_000;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `size` within `maxSidePx`, in the same proportions, at least one pixel on each side. */
export function fitted(size: Size, maxSidePx: number): Size {
  const scale = Math.min(1, maxSidePx / Math.max(size.width, size.height, 1));
  return { width: Math.max(1, Math.round(size.width * scale)), height: Math.max(1, Math.round(size.height * scale)) };
}

const QUALITIES: readonly number[] = [0.88, 0.82, 0.76, 0.7, 0.64, 0.56, 0.48, 0.4];
/** Of each side, when the lowest quality is still too heavy (grain, noise). */
const SHRINK = 0.85;

export interface Attempt {
  readonly size: Size;
  readonly quality: number;
}

/** What to try one after the other until the result is light enough; it ends with a picture of a few pixels. */
export function* attempts(start: Size): Generator<Attempt> {
  let size = start;
  for (;;) {
    for (const quality of QUALITIES) yield { size, quality };
    if (size.width <= 8 && size.height <= 8) return;
    size = {
      width: Math.max(1, Math.floor(size.width * SHRINK)),
      height: Math.max(1, Math.floor(size.height * SHRINK)),
    };
  }
}
