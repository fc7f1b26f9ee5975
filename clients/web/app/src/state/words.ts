/**
 * Words as people search them: accents, case and ligatures apart; and where they stand in a text.
 *
 * Refuses nothing: an empty query matches everything.
 */

const LIGATURES: Readonly<Record<string, string>> = { œ: "oe", æ: "ae", ß: "ss" };

/** `text` without accents or case, letter by letter, so that a place in it is a place in `text` (`places`). */
function foldLetter(letter: string): string {
  const plain = letter.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return LIGATURES[plain] ?? plain;
}

/** `text` as it is compared. */
export function fold(text: string): string {
  let folded = "";
  for (const letter of text) folded += foldLetter(letter);
  return folded;
}

/** The words of a query. */
export function queryWords(query: string): readonly string[] {
  return fold(query)
    .split(/[\s,;.'’-]+/)
    .filter((word) => word !== "");
}

/** True if every word of `query` stands somewhere in one of `texts`. */
export function matches(query: string, ...texts: readonly string[]): boolean {
  const words = queryWords(query);
  if (words.length === 0) return true;
  const folded = texts.map(fold);
  return words.every((word) => folded.some((text) => text.includes(word)));
}

/** The ranges of `text`, in UTF-16 units, where words of `query` stand; in order, none touching another. */
export function places(query: string, text: string): readonly (readonly [number, number])[] {
  const words = queryWords(query);
  if (words.length === 0) return [];
  let folded = "";
  const origins: number[] = [];
  let at = 0;
  for (const letter of text) {
    const plain = foldLetter(letter);
    for (let i = 0; i < plain.length; i += 1) origins.push(at);
    folded += plain;
    at += letter.length;
  }
  origins.push(at);
  const found: [number, number][] = [];
  for (const word of words) {
    for (let i = folded.indexOf(word); i >= 0; i = folded.indexOf(word, i + word.length)) {
      found.push([origins[i] ?? at, endOf(text, origins, i + word.length)]);
    }
  }
  return merge(found);
}

/** The end of the letter that the folded place before `end` comes from. */
function endOf(text: string, origins: readonly number[], end: number): number {
  const last = origins[end - 1] ?? text.length;
  let next = end;
  while (next < origins.length && origins[next] === last) next += 1;
  return origins[next] ?? text.length;
}

function merge(ranges: [number, number][]): readonly (readonly [number, number])[] {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
