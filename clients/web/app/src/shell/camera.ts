/**
 * Reads a QR code with the camera.  Pictures are looked at here, one after another, and kept nowhere.
 */

import { EngineError } from "../engine/api.js";

const LOOK_EVERY_MS = 150;
const LONGEST_SIDE_PX = 800;

/** Show the camera in `video` until `found` answers true or `signal` ends it.  Throws `camera_unavailable`. */
export async function scan(video: HTMLVideoElement, found: (bytes: Uint8Array) => boolean, signal: AbortSignal): Promise<void> {
  const [stream, { decodeQR }] = await Promise.all([openCamera(), import("qr/decode.js")]);
  try {
    video.srcObject = stream;
    await video.play();
    const canvas = document.createElement("canvas");
    while (!signal.aborted) {
      const picture = take(video, canvas);
      const bytes = picture && read(picture, decodeQR);
      if (bytes && found(bytes)) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function openCamera(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
  } catch (error) {
    throw new EngineError("camera_unavailable", {}, { cause: error });
  }
}

function take(video: HTMLVideoElement, canvas: HTMLCanvasElement): ImageData | null {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0) return null;
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(videoWidth, videoHeight));
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

type Decode = typeof import("qr/decode.js").decodeQR;

/** Null: there is no code in it, or none that can be read. */
export function read(picture: { width: number; height: number; data: Uint8ClampedArray | Uint8Array }, decode: Decode): Uint8Array | null {
  try {
    // As bytes, one character each: a safety card is no text.
    const text = decode(picture, { textDecoder: (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("") });
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
