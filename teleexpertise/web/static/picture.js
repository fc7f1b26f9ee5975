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
/**
 * A camera that moved leaves the edges along its way and takes those across it: eight directions, in pixels of 1,024,
 * each with a step and one four times as long.  The least sharp direction speaks, by the sixth sharpest of its tiles.
 */
const DIRECTIONS = [[3, 0], [3, 1], [2, 2], [1, 3], [0, 3], [-1, 3], [-2, 2], [-3, 1]];
const LONGER = 4;
/** Detail over the short step as a multiple of that over the long one: an edge that is there has a quarter or more. */
const SMEARED_BELOW = 0.128;
/** Squared grey levels: what noise leaves, and what a tile must show over the long step to have a say. */
const NOISE = 0.5;
const TELLS_FROM = 10;
const FEWEST_TILES = 6;
const SHARPEST_SHARE = 0.85;
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
export function warningsOf({ fine, coarse, smeared, lightest, mean, pixels }) {
  const warnings = [];
  const isWashedOut = fine < FAINT_BELOW || fine < WASHED_OUT_BELOW * coarse;
  if (isWashedOut || smeared < SMEARED_BELOW) warnings.push("blurred");
  if (lightest < LIGHTEST_BELOW || mean < MEAN_BELOW) warnings.push("dark");
  if (pixels < SMALL_BELOW_PX) warnings.push("small");
  return warnings;
}

/**
 * How much fine and coarse detail a picture has, how sharp it is where it is least, and how light it is.
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
    smeared: Math.min(...DIRECTIONS.map((step) => sharpnessAlong(step, once, width, height))),
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

/**
 * How much of the detail along one direction is sharp: the second difference over a short step by that over a long one
 * (the structure function of second order), tile by tile.  An edge gives a quarter, a texture more; a box as long as the
 * way of the camera leaves the square of step by way.  Infinite where too few tiles show anything in this direction:
 * stripes have nothing to say of a movement along them.
 */
function sharpnessAlong([dx, dy], grey, width, height) {
  const found = [];
  for (const tile of tiles(width, height)) {
    const coarse = difference([LONGER * dx, LONGER * dy], grey, width, height, tile) - NOISE;
    if (coarse < TELLS_FROM) continue;
    found.push(Math.max(0, difference([dx, dy], grey, width, height, tile) - NOISE) / coarse);
  }
  if (found.length < FEWEST_TILES) return Infinity;
  found.sort((one, other) => one - other);
  return found[Math.floor(SHARPEST_SHARE * (found.length - 1))];
}

/** The mean square of the second difference over one step, from every second pixel of every second row; 0: no room. */
function difference([dx, dy], grey, width, height, { left, right, top, bottom }) {
  const [beside, above] = [Math.abs(dx), Math.abs(dy)];
  const step = dy * width + dx;
  const end = Math.min(right, width - beside);
  let [squares, count] = [0, 0];
  for (let y = Math.max(top, above); y < Math.min(bottom, height - above); y += 2) {
    for (let at = y * width + Math.max(left, beside); at < y * width + end; at += 2) {
      squares += (grey[at + step] + grey[at - step] - 2 * grey[at]) ** 2;
      count += 1;
    }
  }
  return count ? squares / count : 0;
}

function tiles(width, height) {
  const [columns, rows] = TILES;
  return Array.from({ length: columns * rows }, (_, tile) => {
    const [column, row] = [tile % columns, Math.floor(tile / columns)];
    const [left, right] = [column, column + 1].map((edge) => Math.floor((edge * width) / columns));
    const [top, bottom] = [row, row + 1].map((edge) => Math.floor((edge * height) / rows));
    return { left, right, top, bottom };
  });
}

/** The variance of the Laplacian in the sharpest tiles but the very best. */
function detail(grey, width, height) {
  const found = [];
  for (const { left, right, top, bottom } of tiles(width, height)) {
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
