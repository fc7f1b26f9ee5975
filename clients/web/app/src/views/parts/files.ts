/**
 * Bytes of attachments as addresses that an `<img>` can show: kept for a while, a bounded number of them, and revoked.
 *
 * Nothing is written to disk; the browser forgets them with the page.  The type is never the sender's word: what is
 * no picture or PDF is nothing, whoever opens its address.
 */
import { useEffect, useState } from "preact/hooks";
import type { Cid, Engine } from "../../engine/api.js";
import { usePlace } from "../place.js";

const KEPT = 60;

/** Per engine: another person's pictures are never in the same shelf. */
const shelves = new WeakMap<Engine, Map<string, Promise<string | null>>>();

function shelfOf(engine: Engine): Map<string, Promise<string | null>> {
  let shelf = shelves.get(engine);
  if (!shelf) {
    shelf = new Map();
    shelves.set(engine, shelf);
  }
  return shelf;
}

function addressed(engine: Engine, key: string, fetch: () => Promise<Uint8Array | null>, type: string): Promise<string | null> {
  const shelf = shelfOf(engine);
  const held = shelf.get(key);
  if (held) {
    shelf.delete(key);
    shelf.set(key, held);
    return held;
  }
  const made = fetch().then((bytes) => (bytes ? URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type })) : null));
  shelf.set(key, made);
  made.catch(() => shelf.delete(key));
  for (const [old, address] of shelf) {
    if (shelf.size <= KEPT) break;
    shelf.delete(old);
    void address.then((url) => url && URL.revokeObjectURL(url)).catch(() => undefined);
  }
  return made;
}

function thumbnailAddress(engine: Engine, cid: Cid, seq: number, index: number): Promise<string | null> {
  return addressed(engine, `t/${cid}/${seq}/${index}`, () => engine.thumbnail(cid, seq, index), "image/jpeg");
}

export function fileAddress(engine: Engine, cid: Cid, seq: number, index: number, type: "image/jpeg" | "application/pdf"): Promise<string | null> {
  return addressed(engine, `f/${cid}/${seq}/${index}`, () => engine.fetchFile(cid, seq, index), type);
}

/** Forget every picture: the application is being locked or left. */
export function forgetFiles(engine: Engine): void {
  for (const address of shelfOf(engine).values()) {
    void address.then((url) => url && URL.revokeObjectURL(url)).catch(() => undefined);
  }
  shelves.delete(engine);
}

export interface Picture {
  readonly small: string | null;
  readonly whole: string | null;
  readonly error: unknown;
  readonly retry: () => void;
}

/** First the small picture that came with the message, then the whole one. */
export function usePicture(cid: Cid, seq: number, index: number): Picture {
  const { engine } = usePlace();
  const [small, setSmall] = useState<string | null>(null);
  const [whole, setWhole] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let here = true;
    setWhole(null);
    setError(null);
    thumbnailAddress(engine, cid, seq, index).then(
      (address) => here && setSmall(address),
      () => undefined,
    );
    fileAddress(engine, cid, seq, index, "image/jpeg").then(
      (address) => here && setWhole(address),
      (reason: unknown) => here && setError(reason),
    );
    return () => {
      here = false;
    };
  }, [cid, seq, index, attempt]);
  return { small, whole, error, retry: () => setAttempt(attempt + 1) };
}

/** Hand a file to the browser to be kept where its owner chooses. */
export function saveAs(bytes: Uint8Array, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
