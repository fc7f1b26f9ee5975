"""Calls about conversations: who is in them, in which role, under which rules.  protocol §4"""

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec.structs import replace

from miss.base.ids import AccountId, ConversationId, MessageId
from miss.client.calls.base import Calls
from miss.client.epochs import unchanged
from miss.client.errors import LastAdmin, NotAMember
from miss.client.model import LEAVE, NAME, Conversation, HistoryPolicy, Member, Policy, Role
from miss.client.store.conversations import ConversationRecord
from miss.client.store.outbox import Draft

Roles = Mapping[AccountId, Role]
_PLAIN = Policy()


class ConversationCalls(Calls):
    """Conversations of this device."""

    async def create_conversation(
        self, members: Collection[AccountId], *, name: str = "", policy: Policy = _PLAIN, owner: str = ""
    ) -> ConversationId:
        """A new conversation with `members`; this person is its admin.

        `owner`: the FINESS number of the establishment whose care team it is, for good; this person has to practise
        there (ServerRefused, `owner_refused`).  Raises NotReachable for somebody without a device, ContactReset,
        ServerRefused, ServerUnreachable.
        """
        policy = replace(policy, owner=owner) if owner else policy
        cid = await self._parts.epochs.create(dict.fromkeys(members, Role.MEMBER), policy)
        if name:
            self.rename(cid, name)
        return cid

    def rename(self, cid: ConversationId, name: str) -> MessageId:
        """Name a conversation for everybody, by an encrypted message; counts only if this person is an admin."""
        return self._enqueue(cid, Draft(self._parts.time.now_ms(), NAME, name))

    async def add_member(self, cid: ConversationId, uid: AccountId, role: Role = Role.MEMBER) -> None:
        """A new epoch with one more member.

        Raises CommitNotAllowed unless this person is an admin, NotReachable, NotInConversation, ServerRefused,
        ServerUnreachable.
        """
        await self._amend(cid, lambda roles, policy: ({**roles, uid: role}, policy))

    async def remove_member(self, cid: ConversationId, uid: AccountId) -> None:
        """A new epoch without `uid`, who opens nothing sent from then on.  Raises as `add_member`."""
        await self._amend(cid, lambda roles, policy: ({one: role for one, role in roles.items() if one != uid}, policy))

    async def set_role(self, cid: ConversationId, uid: AccountId, role: Role) -> None:
        """Make a member an admin, or an admin a member.

        Raises LastAdmin if nobody else is one, NotAMember, and as `add_member`.
        """

        def amend(roles: Roles, policy: Policy) -> tuple[Roles, Policy] | None:
            if uid not in roles:
                raise NotAMember
            if role is not Role.ADMIN and set(_admins(roles)) == {uid}:
                raise LastAdmin
            return None if roles[uid] is role else ({**roles, uid: role}, policy)

        await self._amend(cid, amend)

    async def set_policy(
        self, cid: ConversationId, *, ttl_s: int | None = None, history: HistoryPolicy | None = None
    ) -> None:
        """Change how long messages live (0: as the server keeps) or what newcomers read; None leaves it as it is.

        A shorter life acts on the past too.  Raises as `add_member`.
        """

        def amend(roles: Roles, policy: Policy) -> tuple[Roles, Policy] | None:
            wanted = replace(
                policy,
                ttl_s=policy.ttl_s if ttl_s is None else ttl_s,
                history=policy.history if history is None else history,
            )
            return None if wanted == policy else (roles, wanted)

        await self._amend(cid, amend)

    async def _amend(self, cid: ConversationId, amend: Callable[[Roles, Policy], tuple[Roles, Policy] | None]) -> None:
        await self._parts.epochs.change(cid, lambda last: amend(*unchanged(last)))
        self._note_change()

    def _note_change(self) -> None:
        self._parts.departures.wake()
        self._parts.expiry.wake()

    def leave(self, cid: ConversationId) -> MessageId:
        """Say goodbye, by a signed message; an admin's device takes this person out by itself.

        Nothing can be written from then on.  Raises LastAdmin for the only admin, who has to name another first
        (`set_role`), UnknownConversation, NotInConversation.
        """
        last = self._parts.epochs.last(cid)
        if set(_admins(unchanged(last.commit)[0])) == {self.uid}:
            raise LastAdmin
        return self._enqueue(
            cid,
            Draft(self._parts.time.now_ms(), LEAVE, ""),
            along=lambda: self._store.conversations.note_departure(cid, self.uid, last.number),
        )

    def conversations(self) -> list[Conversation]:
        """The most recently active first, at most 1,000."""
        return [self._describe(record) for record in self._store.conversations.list_()]

    def conversation(self, cid: ConversationId) -> Conversation:
        """Raises UnknownConversation."""
        return self._describe(self._store.conversations.get(cid))

    def _describe(self, record: ConversationRecord) -> Conversation:
        core = self._parts.epochs.last(record.cid).commit.core
        chains = ((member, self._parts.identities.find(member.uid)) for member in core.members)
        return Conversation(
            cid=record.cid,
            name=record.name,
            members=tuple(Member(m.uid, m.role, chain.who) for m, chain in chains if chain is not None),
            policy=core.policy,
            epoch=core.epoch,
            last_seq=record.last_seq,
            read_seq=record.read_seq,
            unread=self._store.messages.count_unread(record.cid, record.read_seq),
            is_member=any(member.uid == self.uid for member in core.members),
            is_leaving=self.uid in self._store.conversations.departures(record.cid),
        )


def _admins(roles: Roles) -> Iterable[AccountId]:
    return (uid for uid, role in roles.items() if role is Role.ADMIN)
