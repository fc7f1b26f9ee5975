// A photograph before it leaves: upright, at most 3072 px, without EXIF or position, since only its pixels are drawn
// again; and whether it looks blurred, dark or small.  Warnings never block.
//
// The bounds below were chosen on photographs of known blur and known light: docs/photographs.md has the figures.

const LONGEST_PX = 3072;
const QUALITY = 0.88;
const LOOKED_AT_PX = 1024;
/** Twelve by nine, of which the sixth sharpest speaks: a lesion's border or a ruler fills a few, skin the others. */
const TILES = [12, 9];
const BEST_SHARE = 0.95;
/** Detail in squared grey levels: below, there is none, not even of skin's pores. */
const FAINT_BELOW = 2;
/** Fine detail as a multiple of coarse detail: below, what has an outline has it washed out. */
const WASHED_OUT_BELOW = 1.8;
/** Luminance (ITU-R BT.601), of 255, that the lightest hundredth of the picture reaches, and the mean. */
const LIGHTEST_BELOW = 105;
const MEAN_BELOW = 30;
const SMALL_BELOW_PX = 2_000_000;

/** { blob, warnings } for a picture that this browser can read; null for any other, which the server will look at. */
export async function reduce(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
  const canvas = drawn(bitmap, LONGEST_PX);
  const warnings = warningsOf({ ...measure(canvas), pixels: bitmap.width * bitmap.height });
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return blob && { blob, warnings };
}

/** Which of « blurred », « dark », « small » a picture looks. */
export function warningsOf({ fine, coarse, lightest, mean, pixels }) {
  const warnings = [];
  if (fine < FAINT_BELOW || fine < WASHED_OUT_BELOW * coarse) warnings.push("blurred");
  if (lightest < LIGHTEST_BELOW || mean < MEAN_BELOW) warnings.push("dark");
  if (pixels < SMALL_BELOW_PX) warnings.push("small");
  return warnings;
}

/**
 * How much fine and coarse detail a picture has, and how light it is.
 *
 * Detail is the variance of the Laplacian (Pech-Pacheco et al., ICPR 2000), tile by tile, once the sensor's noise is
 * smoothed away: a little for fine detail, more for coarse.  Noise is as sharp in a blurred picture as in any other,
 * and the whole picture's variance tells how much there is to see rather than how sharply.
 */
export function measure(picture) {
  const canvas = halved(picture, LOOKED_AT_PX);
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const grey = new Float32Array(width * height);
  const levels = new Uint32Array(256);
  let sum = 0;
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
    levels[Math.floor(grey[at])] += 1;
    sum += grey[at];
  }
  const once = smoothed(grey, width, height);
  const thrice = smoothed(smoothed(once, width, height), width, height);
  return {
    fine: detail(once, width, height),
    coarse: detail(thrice, width, height),
    lightest: reachedBy(levels, grey.length * 0.01),
    mean: sum / grey.length,
  };
}

/** The lowest level that `count` pixels reach. */
function reachedBy(levels, count) {
  let level = 255;
  for (let seen = levels[255]; level > 0 && seen < count; seen += levels[level]) level -= 1;
  return level;
}

/** The mean of each pixel and its eight neighbours; the outermost rows and columns stay. */
function smoothed(grey, width, height) {
  const across = Float32Array.from(grey);
  for (let at = 1; at < grey.length - 1; at += 1) across[at] = (grey[at - 1] + grey[at] + grey[at + 1]) / 3;
  const made = Float32Array.from(grey);
  for (let y = 1; y < height - 1; y += 1) {
    for (let at = y * width + 1; at < (y + 1) * width - 1; at += 1) {
      made[at] = (across[at - width] + across[at] + across[at + width]) / 3;
    }
  }
  return made;
}

/** The variance of the Laplacian in the sharpest tiles but the very best. */
function detail(grey, width, height) {
  const [columns, rows] = TILES;
  const found = [];
  for (let tile = 0; tile < columns * rows; tile += 1) {
    const [column, row] = [tile % columns, Math.floor(tile / columns)];
    const [left, right] = [column, column + 1].map((edge) => Math.floor((edge * width) / columns));
    const [top, bottom] = [row, row + 1].map((edge) => Math.floor((edge * height) / rows));
    let [sum, squares, count] = [0, 0, 0];
    for (let y = top + 1; y < bottom - 1; y += 1) {
      for (let at = y * width + left + 1; at < y * width + right - 1; at += 1) {
        const edge = grey[at - 1] + grey[at + 1] + grey[at - width] + grey[at + width] - 4 * grey[at];
        sum += edge;
        squares += edge * edge;
        count += 1;
      }
    }
    found.push(count ? squares / count - (sum / count) ** 2 : 0);
  }
  found.sort((one, other) => one - other);
  return found[Math.floor(BEST_SHARE * found.length)];
}

/** Smaller by halves, each pixel the mean of four: one step from 3,072 px would skip pixels, and keep their noise. */
function halved(picture, longest) {
  let canvas = picture;
  while (Math.max(canvas.width, canvas.height) >= 2 * longest) {
    canvas = drawn(canvas, Math.max(canvas.width, canvas.height) / 2);
  }
  return drawn(canvas, longest);
}

function drawn(picture, longest) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: longest === LOOKED_AT_PX });
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}
