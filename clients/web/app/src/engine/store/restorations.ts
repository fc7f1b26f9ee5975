/** The operator's statements of restores, what has to be reconciled for them, and what to put back with.  protocol §5 */

import { type Commit, packCommit, parseCommit } from "@miss/core/commits.js";
import { parseRestoration, type Restoration } from "@miss/core/restorations.js";

import { type Cid, type Hash, hex, type Ms, type Uid } from "../ids.js";
import type { StoreFile, Table } from "./file.js";

/** Whole commits of ours are kept for as long as a backup that lacks them may be (35 days unless set otherwise). */
const KEEP_COMMITS_MS = 40 * 24 * 3600 * 1000;
/** How long after the signature somebody may still write who has not heard of it. */
const UNDECLARED_MS = 60_000;

interface CommitRow {
  readonly cid: Cid;
  readonly epoch: number;
  readonly commit: Uint8Array;
  readonly atMs: Ms;
}
interface OutRow {
  readonly cid: Cid;
  readonly uid: Uid;
}

/** Statements stay for good; the rest until it is settled. */
export class RestorationStore {
  readonly #statements: Table<Uint8Array>;
  readonly #unreconciled: Table<Ms>;
  readonly #commits: Table<CommitRow>;
  readonly #out: Table<OutRow>;

  constructor(file: StoreFile) {
    this.#statements = file.table("restoration");
    this.#unreconciled = file.table("unreconciled");
    this.#commits = file.table("ownCommit");
    this.#out = file.table("takenOut");
  }

  // Statements

  /** Those that were accepted, oldest first. */
  list(): readonly Restoration[] {
    return [...this.#statements.rows.values()].map(parseRestoration).sort((a, b) => a.epoch - b.epoch);
  }

  /** The last one that was accepted. */
  last(): Restoration | null {
    return this.list().at(-1) ?? null;
  }

  /** Pin statements that were verified; the conversations `cids` are to be reconciled as from `sinceMs`. */
  accept(statements: readonly Restoration[], sinceMs: Ms, cids: Iterable<Cid>): void {
    for (const { epoch, raw } of statements) this.#statements.put(String(epoch), raw);
    for (const cid of cids) this.#unreconciled.put(cid, Math.min(sinceMs, this.#unreconciled.get(cid) ?? sinceMs));
  }

  /**
   * True for what was written between the time restored to and the moment devices heard of it: its author may have
   * seen what is lost.  By the author's date, which is signed: the server's would be its own word.
   */
  explains(sentMs: Ms): boolean {
    return this.list().some((one) => one.restoredToMs <= sentMs && sentMs <= one.tsMs + UNDECLARED_MS);
  }

  // Conversations to be reconciled

  /** What the server took from then on may be lost; null if there is nothing to reconcile. */
  since(cid: Cid): Ms | null {
    return this.#unreconciled.get(cid) ?? null;
  }

  /** Since when the earliest of them; null if none waits. */
  earliestSince(): Ms | null {
    const times = [...this.#unreconciled.rows.values()];
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Those that wait. */
  unreconciled(): readonly Cid[] {
    return [...this.#unreconciled.rows.keys()];
  }

  /** This one goes on. */
  settle(cid: Cid): void {
    this.#unreconciled.delete(cid);
  }

  // Commits of one's own, whole

  /** Before it is sent: a server that loses it can have it again, with the boxes of all. */
  keepCommit(commit: Commit, nowMs: Ms): void {
    for (const [key, row] of [...this.#commits.rows]) if (row.atMs < nowMs - KEEP_COMMITS_MS) this.#commits.delete(key);
    const [cid, { epoch }] = [hex(commit.core.cid), commit.core];
    this.#commits.put(`${cid} ${epoch}`, { cid, epoch, commit: packCommit(commit), atMs: nowMs });
  }

  /** The whole commit of that epoch, if it is ours and no other came first. */
  findCommit(cid: Cid, epoch: number, commitHash: Hash): Uint8Array | null {
    const row = this.#commits.get(`${cid} ${epoch}`);
    return row === undefined || hex(parseCommit(row.commit).hash) !== commitHash ? null : row.commit;
  }

  // People whom lost commits had taken out

  /** The server has forgotten that these were taken out. */
  noteOut(cid: Cid, uids: Iterable<Uid>): void {
    for (const uid of uids) this.#out.put(`${cid} ${uid}`, { cid, uid });
  }

  /** Who must not be written to in this conversation, until they are out again. */
  listOut(cid: Cid): readonly Uid[] {
    return [...this.#out.rows.values()].filter((row) => row.cid === cid).map((row) => row.uid);
  }

  /** A commit has just been taken: who is not among its members is out again. */
  settleOut({ core }: Commit): void {
    const [cid, members] = [hex(core.cid), new Set(core.members.map((member) => hex(member.uid)))];
    for (const uid of this.listOut(cid)) if (!members.has(uid)) this.#out.delete(`${cid} ${uid}`);
  }
}
