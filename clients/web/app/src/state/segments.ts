/**
 * The text of a message cut into what a page shows apart: addresses, people it names, what a search found.
 *
 * Only https and http addresses become links, and only as their author wrote them: nothing is fetched, nothing is
 * previewed, and a name that hides another address does not exist here.
 */
import { places } from "./words.js";

export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | { readonly kind: "mention"; readonly text: string }
  | { readonly kind: "found"; readonly text: string };

const ADDRESS = /https?:\/\/[^\s<>"]+/g;
/** Marks that end a sentence rather than an address. */
const TRAILING = /[.,;:!?»”’)\]]+$/;

interface Mark {
  readonly from: number;
  readonly to: number;
  readonly segment: Segment;
}

/** `text` in order, nothing left out; `names` are the names of the persons mentioned, without « @ ». */
export function segmentsOf(text: string, names: readonly string[] = [], query = ""): readonly Segment[] {
  const marks = [...linksIn(text), ...mentionsIn(text, names), ...foundIn(text, query)].sort((a, b) => a.from - b.from);
  const segments: Segment[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.from < at) continue;
    if (mark.from > at) segments.push({ kind: "text", text: text.slice(at, mark.from) });
    segments.push(mark.segment);
    at = mark.to;
  }
  if (at < text.length) segments.push({ kind: "text", text: text.slice(at) });
  return segments;
}

function linksIn(text: string): readonly Mark[] {
  const marks: Mark[] = [];
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, "");
    if (!URL.canParse(address)) continue;
    const segment: Segment = { kind: "link", text: address, href: new URL(address).href };
    marks.push({ from: match.index, to: match.index + address.length, segment });
  }
  return marks;
}

function mentionsIn(text: string, names: readonly string[]): readonly Mark[] {
  return names.flatMap((name) => {
    const said = `@${name}`;
    const from = text.indexOf(said);
    return from < 0 ? [] : [{ from, to: from + said.length, segment: { kind: "mention", text: said } as const }];
  });
}

function foundIn(text: string, query: string): readonly Mark[] {
  if (query.trim() === "") return [];
  return places(query, text).map(([from, to]) => ({ from, to, segment: { kind: "found", text: text.slice(from, to) } }));
}
