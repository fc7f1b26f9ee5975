/**
 * Photos through a canvas: upright, small, marked, and made anew from their pixels alone.
 *
 * Needs a browser.  Refuses what the browser cannot decode (`outgoing_photo_not_supported`): HEIC outside Safari.
 */
import { EngineError } from "../engine/api.js";
import { type Drawing, type Mark, boxOf } from "./marks.js";
import { type PhotoQuality, THUMBNAIL, attempts, fitted } from "./plan.js";
import { stripped } from "./strip.js";

/** A JPEG ready to be sealed, and its small picture (a JPEG too). */
export interface ReducedPhoto {
  readonly content: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly thumbnail: Uint8Array;
}

/** The upright picture in a file.  Close it when it is done with. */
export async function decode(bytes: Uint8Array<ArrayBuffer>): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(new Blob([bytes]), { imageOrientation: "from-image", colorSpaceConversion: "default" });
  } catch {
    throw new EngineError("outgoing_photo_not_supported");
  }
}

function drawTo(canvas: HTMLCanvasElement, source: CanvasImageSource, width: number, height: number): CanvasRenderingContext2D {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { colorSpace: "srgb" });
  if (!context) throw new EngineError("outgoing_photo_damaged");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  return context;
}

/** Draw `bitmap` with `drawing` on it, at most `maxSidePx` wide and high. */
export function paint(canvas: HTMLCanvasElement, bitmap: ImageBitmap, drawing: Drawing, maxSidePx: number): void {
  const { width, height } = fitted(bitmap, maxSidePx);
  const context = drawTo(canvas, bitmap, width, height);
  for (const mark of drawing.marks) {
    if (mark.kind === "blur") paintBlur(canvas, context, mark);
    else paintArrow(context, mark);
  }
}

/** At most six colours across: nothing can be computed back from it. */
const CELLS = 6;

function paintBlur(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, mark: Mark): void {
  const [left, top, width, height] = boxOf(mark, canvas.width, canvas.height);
  const small = document.createElement("canvas");
  const scale = CELLS / Math.max(width, height);
  small.width = Math.max(1, Math.round(width * scale));
  small.height = Math.max(1, Math.round(height * scale));
  const pen = small.getContext("2d");
  if (!pen) throw new EngineError("outgoing_photo_damaged");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(canvas, left, top, width, height, 0, 0, small.width, small.height);
  context.drawImage(small, 0, 0, small.width, small.height, left, top, width, height);
}

function paintArrow(context: CanvasRenderingContext2D, mark: Mark): void {
  const { width, height } = context.canvas;
  const [x1, y1, x2, y2] = [mark.from.x * width, mark.from.y * height, mark.to.x * width, mark.to.y * height];
  const thick = Math.max(3, Math.max(width, height) / 160);
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const stroke = (colour: string, by: number): void => {
    context.strokeStyle = colour;
    context.lineWidth = by;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    for (const side of [-1, 1]) {
      context.moveTo(x2, y2);
      const turn = angle + Math.PI - side * 0.5;
      context.lineTo(x2 + Math.cos(turn) * thick * 6, y2 + Math.sin(turn) * thick * 6);
    }
    context.stroke();
  };
  stroke("#ffffff", thick * 2);
  stroke("#c4001a", thick);
}

async function jpegOf(canvas: HTMLCanvasElement, quality: number): Promise<Uint8Array> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
  if (!blob) throw new EngineError("outgoing_photo_damaged");
  return stripped(new Uint8Array(await blob.arrayBuffer()));
}

async function compressed(source: HTMLCanvasElement, quality: PhotoQuality): Promise<{ jpeg: Uint8Array; width: number; height: number }> {
  const canvas = document.createElement("canvas");
  let drawn = { width: 0, height: 0 };
  for (const attempt of attempts(fitted(source, quality.maxSidePx))) {
    if (attempt.size.width !== drawn.width || attempt.size.height !== drawn.height) {
      drawTo(canvas, source, attempt.size.width, attempt.size.height);
      drawn = attempt.size;
    }
    const jpeg = await jpegOf(canvas, attempt.quality);
    if (jpeg.length <= quality.maxBytes) return { jpeg, ...drawn };
  }
  throw new EngineError("outgoing_photo_damaged");
}

/** The photo with its marks, as light as `quality` asks. */
export async function reduce(bitmap: ImageBitmap, drawing: Drawing, quality: PhotoQuality): Promise<ReducedPhoto> {
  const canvas = document.createElement("canvas");
  paint(canvas, bitmap, drawing, quality.maxSidePx);
  const whole = await compressed(canvas, quality);
  const thumbnail = await compressed(canvas, THUMBNAIL);
  return { content: whole.jpeg, width: whole.width, height: whole.height, thumbnail: thumbnail.jpeg };
}
