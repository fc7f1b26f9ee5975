"""For whom somebody acts, and the end of it: by the person, or by whom they act for; at once.

A mandate is a role (`miss.directory.roles`): whoever looks up a session reads it anew, so that an open session has lost
its right with the next page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from miss.base.clock import Clock
from miss.base.ids import AccountId, OrganizationId, PractitionerId
from miss.directory.accounts import Account, Accounts
from miss.directory.establishments.service import Establishments
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
from miss.directory.roles import Grant, Principal, Role, Roles, Scope, may_take_back
from miss.directory.roles.errors import GrantNotFound
from miss.directory.roles.model import FOR_STAFF
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner


@dataclass(frozen=True, slots=True)
class Mandate:
    """One practitioner or establishment that somebody acts for."""

    grant: Grant
    name: str
    """Of the practitioner or the establishment."""
    practitioner: Practitioner | None
    """None: an establishment."""


class Mandates:
    """Who acts for whom."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        practitioners: Practitioners,
        accounts: Accounts,
        roles: Roles,
        establishments: Establishments,
        jobs: JobRunner,
        send: SendInvitationMail,
    ) -> None:
        self._db = db
        self._clock = clock
        self._practitioners = practitioners
        self._accounts = accounts
        self._roles = roles
        self._establishments = establishments
        self._jobs = jobs
        self._send = send

    async def list_(self, account: Account) -> Sequence[Mandate]:
        """For whom `account` acts now, by name."""
        grants = [grant for grant in await self._roles.of(account) if grant.role in FOR_STAFF]
        ids = [PractitionerId(grant.scope.id) for grant in grants if grant.role is Role.SECRETARY]
        people = await self._practitioners.get_many(ids)
        places = [OrganizationId(grant.scope.id) for grant in grants if grant.role is Role.ORGANIZATION_MEMBER]
        names = {one.id: one.name for one in await self._establishments.get_many(places)}
        mandates = []
        for grant in grants:
            person = people.get(PractitionerId(grant.scope.id)) if grant.role is Role.SECRETARY else None
            name = person.display_name if person else names.get(OrganizationId(grant.scope.id), grant.scope.id)
            mandates.append(Mandate(grant, name, person))
        return sorted(mandates, key=lambda one: (one.grant.role.value, one.name, one.grant.scope.id))

    async def end(self, actor: Principal, held_by: AccountId, role: Role, scope: Scope) -> None:
        """Over at once, sessions included; the other side is told.

        `actor`: the person themselves, or who may take that role back.  Raises InvitationRefused, MandateNotFound.
        """
        if role not in FOR_STAFF or (actor.uid != held_by and not may_take_back(actor, role, scope)):
            raise InvitationRefused
        now, by = self._clock.now(), actor.uid.hex()
        async with self._db.transaction() as tx:
            invitation = await store.find_active(tx, held_by, role, scope)
            try:
                await self._roles.end(tx, Grant(held_by, role, scope), by=by, reason="mandate")
            except GrantNotFound:
                raise MandateNotFound from None
            if invitation is not None:
                ended = move(invitation, Act.END, now)
                await store.save(tx, ended)
                store.record(tx, ended, Act.END, by, now)
                await self._tell(tx, ended, by_holder=actor.uid == held_by)
        self._jobs.wake()

    async def _tell(self, tx: Transaction, invitation: Invitation, *, by_holder: bool) -> None:
        """The side that did not end it."""
        inviter = await self._practitioners.get(invitation.inviter_id, tx)
        told = invitation.inviter if by_holder else invitation.uid
        account = await self._accounts.get(told or AccountId(b""), tx)
        person = await self._practitioners.get(account.practitioner_id, tx)
        for address in person.letterboxes[:1]:
            mail = InvitationMail(
                kind=InvitationMailKind.GIVEN_UP if by_holder else InvitationMailKind.ENDED,
                reference=f"{invitation.id}-ended",
                to=address,
                language=account.language,
                inviter=inviter.display_name if invitation.role is Role.SECRETARY else invitation.employer,
                invitee=invitation.invitee.display_name,
            )
            await self._send(tx, mail)
