/**
 * A JPEG without anything but its picture: no EXIF, position, XMP, comment or thumbnail of another one.
 *
 * What a canvas writes has none of it today; this makes sure of it, whatever a browser adds tomorrow.  Refuses what is
 * not a JPEG and what is cut short in its head.  ITU-T T.81, Annex B
 */
import { EngineError } from "../engine/api.js";

const SOI = 0xd8;
const SOS = 0xda;
const COMMENT = 0xfe;

/** True for segments that say something about the picture rather than make it. APP14 tells decoders the colours. */
function tells(marker: number): boolean {
  return marker === COMMENT || (marker >= 0xe1 && marker <= 0xef && marker !== 0xee);
}

/** `jpeg` with the segments that make the picture.  Throws `EngineError("outgoing_photo_damaged")`. */
export function stripped(jpeg: Uint8Array): Uint8Array {
  if (jpeg[0] !== 0xff || jpeg[1] !== SOI) throw new EngineError("outgoing_photo_damaged");
  const kept: Uint8Array[] = [jpeg.subarray(0, 2)];
  let at = 2;
  for (;;) {
    const marker = jpeg[at + 1];
    if (jpeg[at] !== 0xff || marker === undefined) throw new EngineError("outgoing_photo_damaged");
    if (marker === SOS) break;
    const length = ((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0);
    const end = at + 2 + length;
    if (length < 2 || end > jpeg.length) throw new EngineError("outgoing_photo_damaged");
    if (!tells(marker)) kept.push(jpeg.subarray(at, end));
    at = end;
  }
  kept.push(jpeg.subarray(at));
  return joined(kept);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
