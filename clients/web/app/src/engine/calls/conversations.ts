/** Calls about conversations: who is in them, in which role, under which rules.  protocol §4 */

import { HistoryPolicy, memberOf, type Policy as CommitPolicy, Role as CommitRole } from "@miss/core/commits.js";

import type { Conversation, Member, Policy, Role } from "../api.js";
import { type Amended, type Amendment, unchanged } from "../epochs.js";
import { EngineError } from "../errors.js";
import { type Cid, hex, type Mid, type Uid, unhex } from "../ids.js";
import { plain } from "../model.js";
import type { ConversationRecord } from "../store/conversations.js";
import { PeopleCalls } from "./people.js";

const NO_POLICY: CommitPolicy = { ttlS: 0, history: HistoryPolicy.NOTHING, owner: "" };

export class ConversationCalls extends PeopleCalls {
  /**
   * A new conversation with `uids`; this person is its admin.
   *
   * Throws `contact_without_device`, `contact_reset`, ServerRefused (`owner_refused`…), ServerUnreachable.
   */
  async createConversation(uids: readonly Uid[], name: string, policy: Partial<Policy> = {}): Promise<Cid> {
    const cid = await this.parts.epochs.create(uids, amendPolicy({ ...NO_POLICY, owner: policy.owner ?? "" }, policy));
    if (name !== "") await this.rename(cid, name);
    return cid;
  }

  /** Name a conversation for everybody, by an encrypted message; counts only if this person is an admin. */
  rename(cid: Cid, name: string): Promise<Mid> {
    return this.enqueue(cid, { type: "name", text: name });
  }

  /**
   * A new epoch with one more member.
   *
   * Throws CommitNotAllowed unless this person is an admin, `contact_without_device`, `conversation_left`,
   * ServerRefused, ServerUnreachable.
   */
  async addMember(cid: Cid, uid: Uid, role: Role): Promise<void> {
    await this.#amend(cid, ({ policy, roles }) => ({ roles: new Map([...roles, [uid, commitRole(role)]]), policy }));
  }

  /** A new epoch without `uid`, who opens nothing sent from then on.  Throws as `addMember`. */
  async removeMember(cid: Cid, uid: Uid): Promise<void> {
    await this.#amend(cid, ({ policy, roles }) => ({ roles: new Map([...roles].filter(([one]) => one !== uid)), policy }));
  }

  /** Throws `last_admin` if nobody else is one, `mention_not_member`, and as `addMember`. */
  async setRole(cid: Cid, uid: Uid, role: Role): Promise<void> {
    await this.#amend(cid, (now) => {
      const { policy, roles } = now;
      if (!roles.has(uid)) throw new EngineError("mention_not_member");
      if (role === "member" && isOnlyAdmin(now, uid)) throw new EngineError("last_admin");
      return roles.get(uid) === commitRole(role) ? null : { roles: new Map([...roles, [uid, commitRole(role)]]), policy };
    });
  }

  /** What is left out stays; a shorter life acts on the past too.  Throws as `addMember`. */
  async setPolicy(cid: Cid, policy: Partial<Policy>): Promise<void> {
    await this.#amend(cid, (now) => {
      const wanted = amendPolicy(now.policy, policy);
      const isSame = wanted.ttlS === now.policy.ttlS && wanted.history === now.policy.history;
      return isSame ? null : { roles: now.roles, policy: wanted };
    });
  }

  async #amend(cid: Cid, amend: (now: Amended) => Amended | null): Promise<void> {
    const amendment: Amendment = (last) => amend(unchanged(last));
    await this.parts.epochs.change(cid, amendment);
    this.parts.departures.wake();
    this.parts.expiry.wake();
  }

  /**
   * Say goodbye, by a signed message; an admin's device takes this person out by itself.
   *
   * Nothing can be written from then on.  Throws `last_admin` for the only admin, who has to name another first,
   * `conversation_not_here`, `conversation_left`.
   */
  async leave(cid: Cid): Promise<Mid> {
    const last = this.parts.epochs.last(cid);
    if (isOnlyAdmin(unchanged(last.commit), this.uid)) throw new EngineError("last_admin");
    return this.enqueue(cid, { type: "leave" }, [], () =>
      this.parts.store.conversations.noteDeparture(cid, this.uid, last.number),
    );
  }

  /** The most recently active first, at most 1,000. */
  async conversations(): Promise<readonly Conversation[]> {
    return this.store.conversations.list().map((record) => this.#describe(record));
  }

  /** Throws `conversation_not_here`. */
  async conversation(cid: Cid): Promise<Conversation> {
    return this.#describe(this.store.conversations.get(cid));
  }

  #describe(record: ConversationRecord): Conversation {
    const { cid } = record;
    const { conversations, drafts, lost, marks, messages, outbox } = this.store;
    const { commit } = this.parts.epochs.last(cid);
    const { members, policy } = commit.core;
    const [last] = messages.list(cid, null, 1);
    return {
      cid,
      name: record.name,
      members: members.flatMap(({ role, uid }) => this.#member(hex(uid), role)),
      policy: { ttlS: policy.ttlS, history: policy.history === 0 ? "nothing" : "everything", owner: policy.owner },
      epoch: commit.core.epoch,
      lastSeq: record.lastSeq,
      readSeq: record.readSeq,
      unread: messages.countUnread(cid, record.readSeq),
      isMember: memberOf(commit, unhex(this.uid)) !== null,
      isLeaving: conversations.departures(cid).includes(this.uid),
      last: last === undefined ? null : plain(last),
      draft: drafts.find(cid),
      ...outbox.count(cid),
      lost: lost.countOf(cid),
      ...marks.find(cid),
      activeAtMs: record.activeAtMs,
    };
  }

  #member(uid: Uid, role: CommitRole): Member[] {
    const who = this.parts.identities.who(uid);
    return who === null ? [] : [{ uid, role: role === CommitRole.ADMIN ? "admin" : "member", who }];
  }

  /** This device's own marks. */
  async setMarks(cid: Cid, marks: { pinned?: boolean; muted?: boolean }): Promise<void> {
    const { store } = this;
    await store.transaction(() => store.marks.put(cid, marks));
    this.parts.announcer.announce({ kind: "conversation", cid });
  }
}

function commitRole(role: Role): CommitRole {
  return role === "admin" ? CommitRole.ADMIN : CommitRole.MEMBER;
}

function isOnlyAdmin({ roles }: Amended, uid: Uid): boolean {
  const admins = [...roles].filter(([, role]) => role === CommitRole.ADMIN);
  return admins.length === 1 && admins[0]?.[0] === uid;
}

function amendPolicy(now: CommitPolicy, { history, ttlS }: Partial<Policy>): CommitPolicy {
  const wanted = history === undefined ? now.history : HistoryPolicy[history === "everything" ? "EVERYTHING" : "NOTHING"];
  return { ...now, ttlS: ttlS ?? now.ttlS, history: wanted };
}
