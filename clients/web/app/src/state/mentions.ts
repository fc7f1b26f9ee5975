/** Naming a member while writing: « @cla » offers Claire; what stays in the text at the end is who is named. */
import type { Member, Uid } from "../engine/api.js";
import { fullName } from "./names.js";
import { matches } from "./words.js";

export interface Naming {
  /** Where « @ » stands. */
  readonly from: number;
  readonly query: string;
}

/** The name being typed before `caret`; null: none is. */
export function namingAt(text: string, caret: number): Naming | null {
  const match = /(^|\s)@([\p{L}\p{M}'’-]{0,30})$/u.exec(text.slice(0, caret));
  if (!match) return null;
  return { from: caret - (match[2] ?? "").length - 1, query: match[2] ?? "" };
}

/** So many are offered at once: more would cover what is being answered. */
export const OFFERED = 6;

/** Everybody whom the name being typed may mean. */
export function candidates(naming: Naming, members: readonly Member[]): readonly Member[] {
  return members.filter((member) => matches(naming.query, fullName(member.who)));
}

/** `text` with the name in the place of what was typed, and where the caret goes. */
export function named(text: string, naming: Naming, caret: number, member: Member): { text: string; caret: number } {
  const said = `@${fullName(member.who)} `;
  return { text: text.slice(0, naming.from) + said + text.slice(caret), caret: naming.from + said.length };
}

/** Of those chosen, who is still named in the text. */
export function mentionsIn(text: string, members: readonly Member[]): readonly Uid[] {
  return members.filter((member) => text.includes(`@${fullName(member.who)}`)).map((member) => member.uid);
}
