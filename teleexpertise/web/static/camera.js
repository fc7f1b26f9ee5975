// The camera inside the page, with the overlay of its question: where to hold it, how far, where the ruler goes.
// Nothing is saved to the telephone's gallery.  Where it does not open, the plain file chooser stays.

import { element, say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/** Whether this browser can try. */
export const canTake = () => Boolean(navigator.mediaDevices?.getUserMedia && window.HTMLDialogElement);

/** One photograph as a File, or null if the person closed the camera.  Throws where no camera opens. */
export async function takePhoto(guide, look) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 4096 }, height: { ideal: 3072 } },
  });
  const dialog = element("dialog", "camera");
  dialog.setAttribute("aria-label", say("openCamera"));
  const video = element("video", "camera__view", "", { muted: true, playsInline: true, autoplay: true, srcObject: stream });
  const shot = element("img", "camera__view", "", { hidden: true, alt: "" });
  const hint = element("p", "camera__hint", say(`guide_${guide}`));
  hint.setAttribute("role", "status");
  const [shoot, keep, again, close] = ["shoot", "keep", "retake", "close"].map((name) =>
    element("button", name === "shoot" || name === "keep" ? "button" : "button button--secondary", say(name), { type: "button" }));
  const actions = element("p", "actions camera__actions");
  actions.append(shoot, keep, again, close);
  const view = element("div", "camera__frame");
  const guideLines = overlay(guide);
  view.append(video, shot, guideLines);
  dialog.append(view, hint, actions);
  document.body.append(dialog);

  let taken = null;
  const show = (isTaken) => {
    [video.hidden, shoot.hidden] = [isTaken, isTaken];
    guideLines.toggleAttribute("hidden", isTaken);
    [shot.hidden, keep.hidden, again.hidden] = [!isTaken, !isTaken, !isTaken];
    (isTaken ? keep : shoot).focus();
  };
  shoot.addEventListener("click", async () => {
    taken = await capture(stream, video);
    URL.revokeObjectURL(shot.src);
    shot.src = URL.createObjectURL(taken);
    show(true);
    hint.textContent = (await look(taken)).join(" ") || say(`guide_${guide}`);
  });
  again.addEventListener("click", () => {
    taken = null;
    hint.textContent = say(`guide_${guide}`);
    show(false);
  });
  close.addEventListener("click", () => {
    taken = null;
    dialog.close();
  });
  keep.addEventListener("click", () => dialog.close("kept"));
  dialog.showModal();
  show(false);
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  for (const track of stream.getTracks()) track.stop();
  URL.revokeObjectURL(shot.src);
  dialog.remove();
  return dialog.returnValue === "kept" ? taken : null;
}

/** The camera's own full photograph where the browser can, else the picture on the screen. */
async function capture(stream, video) {
  const name = "photo.jpg";
  try {
    const blob = await new ImageCapture(stream.getVideoTracks()[0]).takePhoto();
    return new File([blob], name, { type: blob.type || "image/jpeg" });
  } catch {
    const canvas = element("canvas", "", "", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
    return new File([blob], name, { type: "image/jpeg" });
  }
}

function shape(tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

const frame = (x, y, width, height) => shape("rect", { x, y, width, height, rx: 3 });
const words = (x, y, text) => shape("text", { x, y, "text-anchor": "middle" }, text);

/** A ruler along the bottom of the frame, a tick each centimetre. */
function ruler() {
  const ticks = Array.from({ length: 13 }, (_, rank) => {
    const x = 20 + 5 * rank;
    return shape("line", { x1: x, x2: x, y1: rank % 5 ? 80 : 78, y2: 83 });
  });
  return [shape("line", { x1: 20, x2: 80, y1: 83, y2: 83 }), ...ticks, words(50, 90, say("ruler"))];
}

const SHAPES = {
  wide: () => [frame(12, 8, 76, 84), words(50, 50, "1 m")],
  close: () => [frame(20, 18, 60, 56), words(50, 14, "20 cm"), ...ruler()],
  dermoscope: () => [shape("circle", { cx: 50, cy: 50, r: 36 })],
  retina: () => [shape("circle", { cx: 50, cy: 50, r: 40 })],
  face: () => [30, 70].map((cx) => shape("ellipse", { cx, cy: 45, rx: 14, ry: 9 })),
  eye: () => [shape("ellipse", { cx: 50, cy: 50, rx: 38, ry: 22 })],
  ecg: () => [frame(4, 18, 92, 64), ...[34, 50, 66].map((y) => shape("line", { x1: 4, x2: 96, y1: y, y2: y }))],
};

function overlay(guide) {
  const drawing = shape("svg", { viewBox: "0 0 100 100", class: "camera__guide", "aria-hidden": "true" });
  drawing.append(...(SHAPES[guide] ?? SHAPES.wide)());
  return drawing;
}
