// A photograph before it leaves: upright, at most 3072 px, without EXIF or position, since only its pixels are drawn
// again; and whether it looks blurred, dark or small.  Warnings never block.

const LONGEST_PX = 3072;
const QUALITY = 0.88;
const LOOKED_AT_PX = 1024;
/** Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000) of a picture of 1,024 px, in squared grey levels. */
const BLURRED_BELOW = 40;
/** Mean luminance (ITU-R BT.601), of 255. */
const DARK_BELOW = 60;
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
  const warnings = look(bitmap);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return blob && { blob, warnings };
}

/** Which of « blurred », « dark », « small » the picture looks. */
function look(bitmap) {
  const canvas = drawn(bitmap, LOOKED_AT_PX);
  const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const grey = new Float32Array(width * height);
  let sum = 0;
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
    sum += grey[at];
  }
  const warnings = [];
  if (varianceOfLaplacian(grey, width, height) < BLURRED_BELOW) warnings.push("blurred");
  if (sum / grey.length < DARK_BELOW) warnings.push("dark");
  if (bitmap.width * bitmap.height < SMALL_BELOW_PX) warnings.push("small");
  return warnings;
}

function varianceOfLaplacian(grey, width, height) {
  let [sum, squares, count] = [0, 0, 0];
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const edge = grey[at - 1] + grey[at + 1] + grey[at - width] + grey[at + width] - 4 * grey[at];
      sum += edge;
      squares += edge * edge;
      count += 1;
    }
  }
  return count ? squares / count - (sum / count) ** 2 : 0;
}

function drawn(bitmap, longest) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: longest === LOOKED_AT_PX });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}
