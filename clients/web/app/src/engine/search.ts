/**
 * Search in what is on this device: accents, case and ligatures apart, by the beginnings of words, newest first.
 *
 * Nothing is indexed on disk and nothing asked of the server: messages are opened one after another, in slices, so that
 * a page stays alive meanwhile.
 */

import type { Found } from "./api.js";
import type { Cid } from "./ids.js";
import type { LogMessage } from "./model.js";
import type { Platform } from "./platform.js";
import type { Store } from "./store/store.js";

const SLICE_MS = 12;
/** Of an excerpt: before what was found, and in all. */
const LEAD_CHARS = 32;
const EXCERPT_CHARS = 120;
const SPELLED: Readonly<Record<string, string>> = { œ: "oe", æ: "ae", ß: "ss", "’": "'" };

/** `text` without accents, in small letters; `at[i]`: where the i-th unit of it stands in the original. */
export function foldText(text: string): { readonly folded: string; readonly at: readonly number[] } {
  let folded = "";
  const at: number[] = [];
  let place = 0;
  for (const character of text) {
    const bare = character.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const spelled = SPELLED[bare] ?? bare;
    for (let unit = 0; unit < spelled.length; unit += 1) at.push(place);
    folded += spelled;
    place += character.length;
  }
  at.push(text.length);
  return { folded, at };
}

/** The words that have to begin some word of a message, each. */
export function wordsOf(query: string): readonly string[] {
  return [...new Set(foldText(query).folded.match(/[\p{L}\p{N}]+/gu) ?? [])];
}

/** Where `words` begin words of `text`, in order and apart; null unless each does somewhere. */
export function findWords(text: string, words: readonly string[]): readonly (readonly [number, number])[] | null {
  const { folded, at } = foldText(text);
  const ranges: (readonly [number, number])[] = [];
  for (const word of words) {
    let found = false;
    for (let from = folded.indexOf(word); from !== -1; from = folded.indexOf(word, from + 1)) {
      if (from > 0 && /[\p{L}\p{N}]/u.test(folded[from - 1] as string)) continue;
      found = true;
      // A letter that is written as two is shown whole.
      const last = at[from + word.length - 1] as number;
      ranges.push([at[from] as number, at.slice(from + word.length).find((place) => place > last) ?? text.length]);
    }
    if (!found) return null;
  }
  ranges.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  return ranges.filter(([, stop], place) => !ranges.slice(0, place).some((before) => before[1] >= stop));
}

/** At most `limit` places, the newest first; `cid` null: everywhere.  Nothing for a search without a word. */
export async function search(
  platform: Platform,
  store: Store,
  text: string,
  cid: Cid | null,
  limit: number,
): Promise<readonly Found[]> {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  const cids = cid === null ? store.conversations.list().map((record) => record.cid) : [cid];
  const found: Found[] = [];
  let sliceMs = platform.monotonicMs();
  for (const one of cids) {
    let count = 0;
    for (const message of store.messages.latest(one)) {
      const hit = hitOf(message, words);
      if (hit !== null) found.push(hit);
      // Each conversation gives its newest; together they are put in order.
      if (hit !== null && (count += 1) >= limit) break;
      if (platform.monotonicMs() - sliceMs < SLICE_MS) continue;
      await new Promise<void>((resolve) => platform.later(resolve, 0));
      sliceMs = platform.monotonicMs();
    }
  }
  return found.sort((a, b) => b.depositedAtMs - a.depositedAtMs || b.seq - a.seq).slice(0, limit);
}

function hitOf(message: LogMessage, words: readonly string[]): Found | null {
  if (message.isDeleted || message.refused !== "") return null;
  // A photograph's name says nothing: all have the same.
  const names = message.attachments.map(({ mediaType, name }) => (mediaType === "application/pdf" ? name : ""));
  const text = [message.text, ...names].filter((one) => one !== "").join(" · ");
  const ranges = findWords(text, words);
  if (ranges === null) return null;
  return {
    cid: message.cid,
    seq: message.seq,
    ...excerptOf(text, ranges),
    depositedAtMs: message.depositedAtMs,
  };
}

/** Some of the text around the first place found. */
function excerptOf(
  text: string,
  ranges: readonly (readonly [number, number])[],
): { readonly excerpt: string; readonly ranges: readonly (readonly [number, number])[] } {
  const first = ranges[0]?.[0] ?? 0;
  const start = beginning(text, Math.max(0, first - LEAD_CHARS), first);
  const stop = Math.min(text.length, start + EXCERPT_CHARS);
  const lead = start > 0 ? "…" : "";
  const shift = lead.length - start;
  const kept = ranges.filter((range) => range[1] <= stop).map(([a, b]) => [a + shift, b + shift] as const);
  const cut = text.slice(start, stop).replace(/[\ud800-\udbff]$/u, "");
  return { excerpt: `${lead}${cut}${stop < text.length ? "…" : ""}`, ranges: kept };
}

/** The first beginning of a word from `from` on; `from` itself if a single word reaches to `to`. */
function beginning(text: string, from: number, to: number): number {
  if (from === 0) return 0;
  const space = text.slice(from, to).search(/\s/u);
  return space === -1 ? from : from + space + 1;
}
