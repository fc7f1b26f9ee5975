/**
 * What people and conversations are called.
 *
 * French use: given name, then FAMILY NAME in capitals as the directory has it.  Refuses to guess titles: « Dr » is
 * said of physicians, dentists and pharmacists of the directory's own profession, nobody else.
 */
import type { Conversation, Member, Uid, Who } from "../engine/api.js";

const DOCTORS = /^(médecin|docteur|chirurgien|pharmacien)/i;

/** « Claire TÉMOIN ». */
export function fullName(who: Pick<Who, "given" | "family">): string {
  return `${who.given} ${who.family.toLocaleUpperCase("fr")}`.trim();
}

/** « Dr Claire TÉMOIN » for who bears the title. */
export function titledName(who: Pick<Who, "given" | "family" | "profession">): string {
  return DOCTORS.test(who.profession) ? `Dr ${fullName(who)}` : fullName(who);
}

/** « Claire T. »: enough inside a group. */
export function shortName(who: Pick<Who, "given" | "family">): string {
  const initial = [...who.family][0];
  return initial ? `${who.given} ${initial.toLocaleUpperCase("fr")}.` : who.given;
}

/** One or two letters for a round picture. */
export function initials(name: string): string {
  const words = name.replace(/^Dr /, "").split(/[\s–—-]+/).filter((word) => /^\p{L}/u.test(word));
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase("fr");
}

/** One of eight hues, the same for the same identifier on every device. */
export function hue(id: string): number {
  let sum = 0;
  for (let i = 0; i < id.length; i += 1) sum = (sum * 31 + id.charCodeAt(i)) >>> 0;
  return sum % 8;
}

/** Everybody in it but its reader, in the order of the family name. */
export function others(conversation: Conversation, own: Uid): readonly Member[] {
  return conversation.members
    .filter((member) => member.uid !== own)
    .toSorted((a, b) => a.who.family.localeCompare(b.who.family, "fr") || a.who.given.localeCompare(b.who.given, "fr"));
}

/** True for two people without a name: a conversation that shows the other one's identity. */
export function isDirect(conversation: Conversation): boolean {
  return conversation.members.length <= 2 && conversation.name === "";
}

/** The other one of a conversation of two. */
export function counterpart(conversation: Conversation, own: Uid): Member | null {
  return isDirect(conversation) ? (others(conversation, own)[0] ?? null) : null;
}

/** Its name, else who is in it; `alone` says what stands for nobody. */
export function conversationTitle(conversation: Conversation, own: Uid, alone: string): string {
  if (conversation.name !== "") return conversation.name;
  const members = others(conversation, own);
  const [only] = members;
  if (!only) return alone;
  if (members.length === 1) return titledName(only.who);
  return members.map((member) => shortName(member.who)).join(", ");
}

/** The identity of a member of the conversation, past members excluded. */
export function memberOf(conversation: Conversation, uid: Uid | null): Member | null {
  return conversation.members.find((member) => member.uid === uid) ?? null;
}
