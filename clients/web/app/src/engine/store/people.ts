/** The chains of everybody this device has met, and what their changes ask of its owner.  protocol §3 */

import type { WarningKind } from "../api.js";
import type { Ms, Uid } from "../ids.js";
import type { StoreFile, Table } from "./file.js";

/** How far the owner of the store trusts one person's keys. */
export interface ContactRecord {
  /** How often the person's devices were started over, as pinned. */
  readonly resets: number;
  /** Up to where the owner went on writing: the same, or there is a reset to accept first. */
  readonly acceptedResets: number;
  /** What `resets` was when the safety words were compared; null if they never were. */
  readonly verifiedResets: number | null;
}
interface LinkRow {
  readonly uid: Uid;
  readonly seq: number;
  readonly sealed: Uint8Array;
}
interface WarningRow {
  readonly uid: Uid;
  readonly kind: WarningKind;
  readonly atMs: Ms;
}

/** Links by person, in the order of the chain.  They carry names, hence sealed. */
export class PeopleStore {
  readonly #file: StoreFile;
  readonly #links: Table<LinkRow>;
  readonly #contacts: Table<ContactRecord>;
  readonly #warnings: Table<WarningRow>;
  readonly #lengths: Map<Uid, number>;

  constructor(file: StoreFile, links: Table<LinkRow>, lengths: Map<Uid, number>) {
    this.#file = file;
    this.#links = links;
    this.#lengths = lengths;
    this.#contacts = file.table("contact");
    this.#warnings = file.table("warning");
  }

  /** The pinned links of one person, as sent; empty for a stranger. */
  links(uid: Uid): readonly Uint8Array[] {
    const found: Uint8Array[] = [];
    for (let seq = 1; seq <= (this.#lengths.get(uid) ?? 0); seq += 1) {
      const row = this.#links.get(place(uid, seq));
      if (row !== undefined) found.push(this.#file.open(place(uid, seq), row.sealed));
    }
    return found;
  }

  /** Everybody whose links are pinned. */
  list(): readonly Uid[] {
    return [...this.#lengths].flatMap(([uid, length]) => (length > 0 ? [uid] : []));
  }

  /** Pin links that were verified to follow those at hand; the first of them has number `firstSeq`. */
  append(uid: Uid, firstSeq: number, links: readonly Uint8Array[]): void {
    links.forEach((link, at) => {
      const seq = firstSeq + at;
      if (this.#links.get(place(uid, seq)) !== undefined) throw new TypeError("a pinned link is never replaced");
      this.#links.put(place(uid, seq), { uid, seq, sealed: this.#file.seal(place(uid, seq), link) });
    });
  }

  // Trust

  /** Null for a stranger, and for somebody met before the store kept this who has not changed since. */
  findContact(uid: Uid): ContactRecord | null {
    return this.#contacts.get(uid) ?? null;
  }

  /** The chain counts `now` resets; `before`: those that the owner has known about if this is the first note. */
  noteResets(uid: Uid, before: number, now: number): void {
    const known = this.#contacts.get(uid);
    if (known === undefined) this.#contacts.put(uid, { resets: now, acceptedResets: before, verifiedResets: null });
    else if (now > known.resets) this.#contacts.patch(uid, { resets: now });
  }

  /** The owner goes on writing to this person, whatever happened. */
  accept(uid: Uid): void {
    const known = this.#contacts.get(uid);
    if (known !== undefined) this.#contacts.patch(uid, { acceptedResets: known.resets });
    for (const [key, row] of [...this.#warnings.rows]) {
      if (row.uid === uid) this.#warnings.delete(key);
    }
  }

  /** Everybody whose reset waits to be accepted. */
  listUnaccepted(): ReadonlySet<Uid> {
    const waiting = [...this.#contacts.rows].filter(([, contact]) => contact.acceptedResets < contact.resets);
    return new Set(waiting.map(([uid]) => uid));
  }

  /** The safety words were compared when the chain counted `resets`; null takes the mark away. */
  setVerified(uid: Uid, resets: number | null): void {
    if (resets !== null) this.noteResets(uid, resets, resets);
    this.#contacts.patch(uid, { verifiedResets: resets });
  }

  // Warnings

  /** Keep what the owner should hear of; the same again only moves its time. */
  warn(uid: Uid, kinds: Iterable<WarningKind>, atMs: Ms): void {
    for (const kind of kinds) this.#warnings.put(`${uid} ${kind}`, { uid, kind, atMs });
  }

  /** The latest first. */
  warnings(): readonly WarningRow[] {
    const rank = (row: WarningRow): string => `${row.uid} ${row.kind}`;
    return [...this.#warnings.rows.values()].sort((a, b) => b.atMs - a.atMs || (rank(a) < rank(b) ? -1 : 1));
  }
}

/** The table of links, and how long each person's chain is. */
export function linkTable(file: StoreFile): { links: Table<LinkRow>; lengths: Map<Uid, number> } {
  const lengths = new Map<Uid, number>();
  const move = (row: LinkRow, by: 1 | -1): void => {
    lengths.set(row.uid, (lengths.get(row.uid) ?? 0) + by);
  };
  const links = file.table<LinkRow>("link", { add: (row) => move(row, 1), remove: (row) => move(row, -1) });
  return { links, lengths };
}

function place(uid: Uid, seq: number): string {
  return `link ${uid} ${seq}`;
}
