/** People to write to: those of one's conversations at once, those of the directory when it answers; each once. */
import type { Conversation, DirectoryEntry, Uid, Who } from "../engine/api.js";
import { fullName } from "./names.js";
import { matches } from "./words.js";

export interface Candidate {
  /** Null: known, but cannot be written to. */
  readonly uid: Uid | null;
  readonly key: string;
  readonly who: Who;
  readonly specialty: string;
  readonly town: string;
  readonly successor: DirectoryEntry["successor"];
  readonly awayUntil: string;
}

export function fromEntry(entry: DirectoryEntry): Candidate {
  const { uid, rpps, family, given, profession, specialty, town, successor, awayUntil } = entry;
  return { uid, key: uid ?? `rpps-${rpps}`, who: { rpps, family, given, profession }, specialty, town, successor, awayUntil };
}

/** Members of the reader's conversations that match, without the reader. */
export function knownPeople(conversations: Iterable<Conversation>, own: Uid, query: string): readonly Candidate[] {
  const known = new Map<Uid, Candidate>();
  for (const conversation of conversations) {
    for (const { uid, who } of conversation.members) {
      if (uid === own || !matches(query, fullName(who), who.profession, who.rpps)) continue;
      known.set(uid, { uid, key: uid, who, specialty: "", town: "", successor: null, awayUntil: "" });
    }
  }
  return [...known.values()].sort((a, b) => a.who.family.localeCompare(b.who.family, "fr"));
}

/** The directory's answer says more, so it comes in the place of what was known; those with MiSS first. */
export function merged(known: readonly Candidate[], found: readonly Candidate[], own: Uid): readonly Candidate[] {
  const answered = new Set(found.map((one) => one.key));
  const all = [...known.filter((one) => !answered.has(one.key)), ...found].filter((one) => one.uid !== own);
  return all.sort((a, b) => Number(b.uid !== null) - Number(a.uid !== null));
}

/** The conversation of two that exists with `uid` already; null: none does. */
export function directWith(conversations: Iterable<Conversation>, uid: Uid): Conversation | null {
  for (const conversation of conversations) {
    const { members, name, isMember } = conversation;
    if (isMember && name === "" && members.length === 2 && members.some((member) => member.uid === uid)) return conversation;
  }
  return null;
}
