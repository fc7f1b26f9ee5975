"""People of the register, who have an account: named without an invitation by who may give that mandate.

A practitioner names a colleague who acts for them, an establishment the nurse who asks in its name.  A technician names
no secretary: nobody reads requests because they run the platform.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from miss.base.ids import AccountId, PractitionerId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.invitations.errors import InvitationRefused, NobodyToName
from miss.directory.invitations.mandates import party_of_grant
from miss.directory.invitations.model import InvitationMail, InvitationMailKind, SendInvitationMail
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.roles import Grant, Principal, Role, Roles, Scope, may_grant
from miss.directory.roles.model import FOR_STAFF
from miss.directory.staff_people import Issuer
from miss.directory.staff_people.service import StaffPeople
from miss.storage import Database
from miss.storage.jobs import JobRunner


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has a mandate there."""

    account: Account
    person: Practitioner


class Naming:
    """Mandates of people of the register."""

    def __init__(
        self,
        db: Database,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        accounts: Accounts,
        roles: Roles,
        staff_people: StaffPeople,
        jobs: JobRunner,
        send: SendInvitationMail,
    ) -> None:
        self._db = db
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._accounts = accounts
        self._roles = roles
        self._staff_people = staff_people
        self._jobs = jobs
        self._send = send

    async def name(self, actor: Principal, rpps: str, role: Role, scope: Scope) -> None:
        """Whoever has that RPPS number acts there from now on, and is told.

        Raises InvitationRefused, NobodyToName, GrantExists.
        """
        found = await self._practitioners.find_by_rpps(rpps)
        account = await self._accounts.find_by_practitioner(found.id) if found else None
        if found is None or account is None or not account.is_active:
            raise NobodyToName
        if role not in FOR_STAFF or not may_grant(actor, role, scope, account.uid):
            raise InvitationRefused
        grant = Grant(account.uid, role, scope)
        party = (await self._practitioners.get_many([party_of_grant(grant)])).get(party_of_grant(grant))
        async with self._db.transaction() as tx:
            await self._roles.hand_over(tx, grant, by=actor.uid.hex(), reason="mandate")
            for address in found.letterboxes[:1]:
                mail = InvitationMail(
                    kind=InvitationMailKind.NAMED,
                    reference=f"named-{self._random_bytes(8).hex()}",
                    to=address,
                    language=account.language,
                    inviter=party.display_name if party else scope.id,
                    invitee=found.display_name,
                    scope=scope,
                )
                await self._send(tx, mail)
        self._jobs.wake()

    async def list_(self, role: Role, scope: Scope) -> Sequence[Holder]:
        """The people of the register who have that mandate now, in the order named."""
        grants = await self._roles.list_holders(role, scope)
        accounts = await self._accounts.get_many([grant.uid for grant in grants])
        return await self._holders([grant.uid for grant in grants], accounts, is_staff=False)

    async def list_staff_of(self, issuer: Issuer) -> Sequence[Holder]:
        """The people without an RPPS number whom an employer numbers, by identifier."""
        staff = await self._staff_people.list_of(issuer)
        found = [await self._accounts.find_by_practitioner(one.id) for one in staff]
        accounts = {one.uid: one for one in found if one is not None}
        return await self._holders([*accounts], accounts, is_staff=True)

    async def _holders(
        self, uids: Sequence[AccountId], accounts: dict[AccountId, Account], *, is_staff: bool
    ) -> list[Holder]:
        ids: set[PractitionerId] = {account.practitioner_id for account in accounts.values()}
        people = await self._practitioners.get_many(ids)
        known = [accounts[uid] for uid in uids if uid in accounts and accounts[uid].practitioner_id in people]
        holders = [Holder(account, people[account.practitioner_id]) for account in known]
        return [one for one in holders if one.person.is_staff is is_staff]
