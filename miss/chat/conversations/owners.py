"""Who practises at the establishment that owns a care team.  protocol §4

The register decides, at the moment of the commit: somebody who leaves the establishment stays a member until an admin
says otherwise, but does not count as its admin any more.
"""

from collections.abc import Collection

from miss.base.ids import AccountId
from miss.chat.conversations.errors import OwnerNeedsAdmin, OwnerRefused
from miss.directory.accounts import Accounts
from miss.directory.practitioners import Practitioners
from miss.protocol.crypto.commits import Commit, Role


class Owners:
    """Asks the directory."""

    def __init__(self, accounts: Accounts, practitioners: Practitioners) -> None:
        self._accounts = accounts
        self._practitioners = practitioners

    async def require(self, commit: Commit, previous: Commit | None) -> None:
        """A team is founded by somebody of the establishment, and keeps an admin who is.

        A commit that changes nothing but the secret is always taken: nobody may be kept from renewing it.  Raises
        OwnerRefused, OwnerNeedsAdmin.
        """
        core = commit.core
        owner = core.policy.owner
        if not owner:
            return
        if previous is None:
            if core.uid not in await self._practising_at(owner, [core.uid]):
                raise OwnerRefused(owner=owner)
        elif _changes(commit, previous):
            admins = [member.uid for member in core.members if member.role is Role.ADMIN]
            if not await self._practising_at(owner, admins):
                raise OwnerNeedsAdmin(owner=owner)

    async def _practising_at(self, finess: str, uids: Collection[AccountId]) -> frozenset[AccountId]:
        accounts = await self._accounts.get_many(uids)
        people = await self._practitioners.get_many({account.practitioner_id for account in accounts.values()})
        there = {
            person.id
            for person in people.values()
            if any(role.organization and role.organization.finess == finess for role in person.roles)
        }
        return frozenset(uid for uid, account in accounts.items() if account.practitioner_id in there)


def _changes(commit: Commit, previous: Commit) -> bool:
    """True if members, roles or policy are others than before."""
    before, after = ({(member.uid, member.role) for member in each.core.members} for each in (previous, commit))
    return before != after or commit.core.policy != previous.core.policy
