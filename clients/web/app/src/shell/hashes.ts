/** Compares the files that this browser keeps with the hashes that the server publishes. */

export interface Published {
  readonly version: string;
  readonly sha256: Readonly<Record<string, string>>;
}

export type Check = { readonly kind: "none" } | { readonly kind: "compared"; readonly count: number; readonly different: readonly string[] };

/** What the server publishes, asked of it and of no cache. */
export async function fetchPublished(): Promise<Published> {
  const answer = await fetch("hashes.json", { cache: "no-store" });
  if (!answer.ok) throw new TypeError(`hashes.json: ${answer.status}`);
  return (await answer.json()) as Published;
}

/** Every kept file against its hash. */
export async function checkKept(published: Published): Promise<Check> {
  const kept = "caches" in globalThis ? await caches.match("./") : undefined;
  if (!kept) return { kind: "none" };
  const names = Object.keys(published.sha256).filter((name) => name !== "service-worker.js");
  const different: string[] = [];
  for (const name of names) {
    const file = await caches.match(name === "index.html" ? "./" : name);
    if (!file || (await sha256(await file.arrayBuffer())) !== published.sha256[name]) different.push(name);
  }
  return { kind: "compared", count: names.length, different };
}

async function sha256(content: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
