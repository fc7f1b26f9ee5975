/** Pictures for the gallery, drawn on the spot: no photograph of anybody is in the repository. */

const made = new Map<number, Promise<Uint8Array>>();

export function picture(seq: number): Promise<Uint8Array> {
  let drawn = made.get(seq % 8);
  if (!drawn) {
    drawn = draw(seq % 8);
    made.set(seq % 8, drawn);
  }
  return drawn;
}

async function draw(seq: number): Promise<Uint8Array> {
  const canvas = document.createElement("canvas");
  canvas.width = seq % 2 === 1 ? 600 : 800;
  canvas.height = seq % 2 === 1 ? 800 : 600;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  const ground = pen.createLinearGradient(0, 0, canvas.width, canvas.height);
  ground.addColorStop(0, "#e9c9b5");
  ground.addColorStop(1, "#c99f86");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#a8453f";
  pen.beginPath();
  pen.ellipse(canvas.width / 2, canvas.height / 2, canvas.width / 6, canvas.height / 9, 0.4, 0, 7);
  pen.fill();
  pen.fillStyle = "#fff";
  pen.fillRect(40, canvas.height - 70, canvas.width / 2, 26);
  pen.fillStyle = "#222";
  for (let x = 0; x < canvas.width / 2; x += 16) pen.fillRect(40 + x, canvas.height - 70, 2, x % 80 === 0 ? 20 : 10);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
  return new Uint8Array(blob ? await blob.arrayBuffer() : new ArrayBuffer(0));
}
