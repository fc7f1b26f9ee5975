/** What the server claimed and could not prove, for whoever has to explain it.  Bounded: it may claim anything. */

import type { Incident } from "../api.js";
import type { Cid, Ms, Uid } from "../ids.js";
import type { StoreFile, Table } from "./file.js";

/** The first ones stay: what comes later tells nothing new of such a server. */
const MAX_INCIDENTS = 1000;

/** One line for each code and subject, with the first and the last time. */
export class IncidentStore {
  readonly #incidents: Table<Incident>;

  constructor(file: StoreFile) {
    this.#incidents = file.table("incident");
  }

  /** It happened (again). */
  note(code: string, cid: Cid | null, uid: Uid | null, atMs: Ms): void {
    const key = `${code} ${cid ?? ""} ${uid ?? ""}`;
    const known = this.#incidents.get(key);
    if (known !== undefined) this.#incidents.patch(key, { lastAtMs: Math.max(known.lastAtMs, atMs) });
    else if (this.#incidents.rows.size < MAX_INCIDENTS) {
      this.#incidents.put(key, { code, cid, uid, firstAtMs: atMs, lastAtMs: atMs });
    }
  }

  /** The latest first. */
  list(): readonly Incident[] {
    return [...this.#incidents.rows.values()].sort((a, b) => b.lastAtMs - a.lastAtMs || (a.code < b.code ? -1 : 1));
  }
}
