"""For whom somebody acts, and the end of it: by the person, or by whom they act for; at once.

A mandate is a role (`miss.directory.roles`): whoever looks up a session reads it anew, so that an open session has lost
its right with the next page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from miss.base.clock import Clock
from miss.base.ids import AccountId, OrganizationId, PractitionerId
from miss.directory.accounts import Account, Accounts
from miss.directory.establishments.model import Establishment
from miss.directory.invitations import store
from miss.directory.invitations.errors import InvitationRefused, MandateNotFound
from miss.directory.invitations.model import (
    Act,
    Invitation,
    InvitationMail,
    InvitationMailKind,
    SendInvitationMail,
    move,
)
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.practitioners.model import organization_party
from miss.directory.roles import Grant, Principal, Role, Roles, Scope, may_take_back, organization_scope
from miss.directory.roles.errors import GrantNotFound
from miss.directory.roles.model import FOR_STAFF
from miss.directory.staff_people.model import FINESS_TYPE
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner

_TO_INVITER = frozenset({InvitationMailKind.GIVEN_UP, InvitationMailKind.EMPLOYEE_LEFT})


@dataclass(frozen=True, slots=True)
class Mandate:
    """One practitioner or establishment that somebody acts for."""

    grant: Grant
    name: str
    """Of the practitioner or the establishment."""
    party: Practitioner | None
    """As whom one acts (an establishment in the place of a person); None: nobody knows it any more."""


class Mandates:
    """Who acts for whom."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        practitioners: Practitioners,
        accounts: Accounts,
        roles: Roles,
        jobs: JobRunner,
        send: SendInvitationMail,
    ) -> None:
        self._db = db
        self._clock = clock
        self._practitioners = practitioners
        self._accounts = accounts
        self._roles = roles
        self._jobs = jobs
        self._send = send

    async def list_(self, account: Account) -> Sequence[Mandate]:
        """For whom `account` acts now, by name."""
        grants = [grant for grant in await self._roles.of(account) if grant.role in FOR_STAFF]
        parties = await self._practitioners.get_many([party_of_grant(grant) for grant in grants])
        found = [(grant, parties.get(party_of_grant(grant))) for grant in grants]
        mandates = [Mandate(grant, party.display_name if party else grant.scope.id, party) for grant, party in found]
        return sorted(mandates, key=lambda one: (one.grant.role.value, one.name, one.grant.scope.id))

    async def end(self, actor: Principal, held_by: AccountId, role: Role, scope: Scope) -> None:
        """Over at once, sessions included; the other side is told.

        `actor`: the person themselves, or who may take that role back.  Raises InvitationRefused, MandateNotFound.
        """
        if role not in FOR_STAFF or (actor.uid != held_by and not may_take_back(actor, role, scope)):
            raise InvitationRefused
        kind = InvitationMailKind.GIVEN_UP if actor.uid == held_by else InvitationMailKind.ENDED
        await self._end(actor, Grant(held_by, role, scope), (kind,))

    async def end_of_employee(
        self, actor: Principal, employer: Establishment, held_by: AccountId, scope: Scope
    ) -> None:
        """An establishment ends what one of those whom it numbers does for a practitioner; both are told.

        `actor` administers it.  Raises InvitationRefused, also for somebody else's people, MandateNotFound.
        """
        account = (await self._accounts.get_many([held_by])).get(held_by)
        numbered = f"{FINESS_TYPE}{employer.finess}/"
        is_theirs = bool(employer.finess and account and account.practitioner_id.startswith(numbered))
        if not is_theirs or not may_take_back(actor, Role.ORGANIZATION_MEMBER, organization_scope(employer.id)):
            raise InvitationRefused
        kinds = (InvitationMailKind.ENDED_BY_EMPLOYER, InvitationMailKind.EMPLOYEE_LEFT)
        await self._end(actor, Grant(held_by, Role.SECRETARY, scope), kinds, employer=employer.name)

    async def _end(
        self, actor: Principal, grant: Grant, kinds: Sequence[InvitationMailKind], *, employer: str = ""
    ) -> None:
        now, by = self._clock.now(), actor.uid.hex()
        async with self._db.transaction() as tx:
            invitation = await store.find_active(tx, grant.uid, grant.role, grant.scope)
            try:
                await self._roles.end(tx, grant, by=by, reason="mandate")
            except GrantNotFound:
                raise MandateNotFound from None
            if invitation is not None:
                ended = move(invitation, Act.END, now)
                await store.save(tx, ended)
                store.record(tx, ended, Act.END, by, now)
            for kind in kinds:
                await self._tell(tx, grant, invitation, kind, employer)
        self._jobs.wake()

    async def _tell(
        self, tx: Transaction, grant: Grant, invitation: Invitation | None, kind: InvitationMailKind, employer: str
    ) -> None:
        """Who held it, or for whom it was: a practitioner, or who once invited in an establishment's name."""
        holder = await self._accounts.get(grant.uid, tx)
        told: Account | None = holder
        if kind in _TO_INVITER:
            told = await self._accounts.get(invitation.inviter, tx) if invitation else await self._inviter(tx, grant)
        if told is None:
            return
        party = party_of_grant(grant)
        people = await self._practitioners.get_many([party, holder.practitioner_id, told.practitioner_id], tx)
        person = people.get(told.practitioner_id)
        for address in person.letterboxes[:1] if person else ():
            reference = invitation.id if invitation else self._clock.now().strftime("%Y%m%d%H%M%S%f")
            mail = InvitationMail(
                kind=kind,
                reference=f"{reference}-{kind.value}",
                to=address,
                language=told.language,
                inviter=people[party].display_name if party in people else grant.scope.id,
                invitee=people[holder.practitioner_id].display_name,
                employer=employer,
                scope=None if kind in _TO_INVITER else grant.scope,
            )
            await self._send(tx, mail)

    async def _inviter(self, tx: Transaction, grant: Grant) -> Account | None:
        """The practitioner for whom it was; nobody for an establishment that named somebody without inviting them."""
        if grant.role is not Role.SECRETARY:
            return None
        return await self._accounts.find_by_practitioner(PractitionerId(grant.scope.id), tx)


def party_of_grant(grant: Grant) -> PractitionerId:
    """As whom a mandate lets its holder act."""
    if grant.role is Role.ORGANIZATION_MEMBER:
        return organization_party(OrganizationId(grant.scope.id))
    return PractitionerId(grant.scope.id)
