/**
 * The parts of the program that come in files of their own: fetched when they are first wanted, once.
 *
 * Who comes for the first time sees how to link before any of them is there; `warm` fetches them meanwhile.
 */

import { EngineError } from "../engine/api.js";

/** The code of a part that could not be fetched; what wanted it may try again. */
export const NOT_FETCHED = "part_not_fetched";

/** The engine with its cryptography. */
export const engineFile = once(() => import("./engine.js"));
/** The views of somebody at work. */
export const openFile = once(() => import("./views/open.js"));

/** Fetch what somebody at work needs; resolves when it is there or cannot be had now. */
export async function warm(): Promise<void> {
  // All of it at once: each file would ask for the next one only when it was read.
  const later = document.getElementById("later");
  if (later instanceof HTMLTemplateElement) document.head.append(later.content);
  await Promise.allSettled([engineFile(), openFile()]);
}

/** Fetch at the first call, and again only after a failure.  Throws `part_not_fetched`. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((cause: unknown) => {
      loading = null;
      throw new EngineError(NOT_FETCHED, {}, { cause });
    });
    return loading;
  };
}
