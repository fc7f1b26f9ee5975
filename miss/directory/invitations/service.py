"""The inviter's side and the bearer's: invite, send again, withdraw; open the link, answer it.

What the answer becomes is judged among the sign-ups (`admission`); what is granted then lives and ends in `mandates`.
A link serves once; unknown, spent, withdrawn and expired ones are answered alike.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from miss.base.clock import Clock
from miss.base.ids import AccountId, new_row_id
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.accounts import Accounts
from miss.directory.agreements import Agreements, Signature
from miss.directory.establishments.model import Establishment
from miss.directory.invitations import store
from miss.directory.invitations.errors import (
    EmployerNumberMissing,
    InvitationExists,
    InvitationNotFound,
    InvitationRefused,
    InvitedOneself,
    TooManyInvitations,
)
from miss.directory.invitations.forgetting import forget_later
from miss.directory.invitations.model import (
    LINK_VALIDITY,
    MAX_OPEN,
    Act,
    Invitation,
    InvitationMail,
    InvitationMailKind,
    SendInvitationMail,
    Standing,
    State,
    hash_token,
    move,
    opens,
    resend,
    standing,
)
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.registrations import Application, Invitee, Registration, Registrations
from miss.directory.registrations import store as registration_store
from miss.directory.registrations.matching import name_key
from miss.directory.registrations.model import Status
from miss.directory.roles import (
    Grant,
    Principal,
    Role,
    Roles,
    Scope,
    may_grant,
    organization_scope,
    practitioner_scope,
)
from miss.directory.staff_people import Issuer
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner

TOKEN_BYTES = 24
MAX_LISTED = 200

_STRANGER = AccountId(b"")
"""Stands for whoever will hold the account: nobody who acts now."""
_UNDER_WAY = frozenset({Standing.INVITED, Standing.EXPIRED, Standing.VERIFYING})


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of an inviter's list."""

    invitation: Invitation
    standing: Standing


@dataclass(frozen=True, slots=True)
class Opened:
    """What the bearer of a link is shown."""

    invitation: Invitation
    inviter: Practitioner


class Invitations:
    """Whom practitioners and establishments invite."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        accounts: Accounts,
        roles: Roles,
        agreements: Agreements,
        registrations: Registrations,
        jobs: JobRunner,
        send: SendInvitationMail,
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._accounts = accounts
        self._roles = roles
        self._agreements = agreements
        self._registrations = registrations
        self._jobs = jobs
        self._send = send

    # Who invites

    async def invite_secretary(
        self, actor: Principal, inviter: Practitioner, employer: str, invitee: Invitee, language: Language
    ) -> Invitation:
        """To act for `inviter`; `employer`: name of the practice.

        Raises InvitationRefused, InvitedOneself, InvitationExists, TooManyInvitations.
        """
        try:
            issuer = Issuer.practice(inviter.id)
        except ValueError:
            raise InvitationRefused from None
        scope = practitioner_scope(inviter.id)
        return await self._invite(actor, inviter, Role.SECRETARY, scope, employer, issuer, invitee, language)

    async def invite_member(
        self,
        actor: Principal,
        inviter: Practitioner,
        establishment: Establishment,
        invitee: Invitee,
        language: Language,
    ) -> Invitation:
        """To act for `establishment`, of which `actor` keeps the staff.  Raises as `invite_secretary`, and
        EmployerNumberMissing.
        """
        try:
            issuer = Issuer.establishment(establishment.finess)
        except ValueError:
            raise EmployerNumberMissing from None
        scope, name = organization_scope(establishment.id), establishment.name
        return await self._invite(actor, inviter, Role.ORGANIZATION_MEMBER, scope, name, issuer, invitee, language)

    async def _invite(
        self,
        actor: Principal,
        inviter: Practitioner,
        role: Role,
        scope: Scope,
        employer: str,
        issuer: Issuer,
        invitee: Invitee,
        language: Language,
    ) -> Invitation:
        if not may_grant(actor, role, scope, _STRANGER):
            raise InvitationRefused
        is_own_name = name_key(invitee.family, invitee.given) == name_key(inviter.family, inviter.given)
        if is_own_name or invitee.email in inviter.mailboxes:
            raise InvitedOneself
        now = self._clock.now()
        invitation = Invitation(
            id=new_row_id(now, self._random_bytes),
            role=role,
            scope=scope,
            inviter=actor.uid,
            inviter_id=inviter.id,
            employer=employer[:200],
            issuer=issuer.code,
            invitee=invitee,
            language=language,
            state=State.INVITED,
            since=now,
            invited_at=now,
            link_ends_at=now + LINK_VALIDITY,
        )
        async with self._db.transaction() as tx:
            # Held, so that two forms at once do not count each other out.
            await self._accounts.lock(tx, actor.uid)
            await self._require_room(tx, invitation)
            await self._send_link(tx, invitation, inviter, Act.INVITE, actor.uid)
        self._jobs.wake()
        return invitation

    async def _require_room(self, tx: Transaction, invitation: Invitation) -> None:
        """Raises InvitationExists, TooManyInvitations."""
        others = await store.list_open(tx, invitation.role, invitation.scope)
        stand = await self._stand(tx, others)
        counted = {*_UNDER_WAY, Standing.ACTIVE}
        living = [one for one in others if stand[one.id] in counted and not one.is_forgotten]
        if any(one.invitee.email == invitation.invitee.email for one in living):
            raise InvitationExists
        if sum(stand[one.id] in _UNDER_WAY for one in living) >= MAX_OPEN:
            raise TooManyInvitations(limit=MAX_OPEN)

    async def resend(self, actor: Principal, invitation_id: str, role: Role, scope: Scope) -> Invitation:
        """A new link; the earlier one is worth nothing.  Raises InvitationNotFound, InvitationStateForbids,
        InvitationRefused.
        """
        self._require(actor, role, scope)
        async with self._db.transaction() as tx:
            invitation = resend(await store.get_locked(tx, invitation_id, role, scope), self._clock.now())
            inviter = await self._practitioners.get(invitation.inviter_id, tx)
            await self._send_link(tx, invitation, inviter, Act.RESEND, actor.uid)
        self._jobs.wake()
        return invitation

    async def withdraw(self, actor: Principal, invitation_id: str, role: Role, scope: Scope) -> None:
        """Nobody becomes anything by it any more.  Raises InvitationNotFound, InvitationStateForbids,
        InvitationRefused.
        """
        self._require(actor, role, scope)
        now = self._clock.now()
        async with self._db.transaction() as tx:
            invitation = move(await store.get_locked(tx, invitation_id, role, scope), Act.WITHDRAW, now)
            await store.save(tx, invitation)
            await forget_later(tx, invitation, self._random_bytes)
            store.record(tx, invitation, Act.WITHDRAW, actor.uid.hex(), now)

    async def list_of(self, role: Role, scope: Scope) -> Sequence[Listed]:
        """The invitations of a practitioner or an establishment, the newest first (at most `MAX_LISTED`)."""
        async with self._db.snapshot() as tx:
            found = await store.list_of(tx, role, scope, MAX_LISTED)
            stand = await self._stand(tx, found)
        return [Listed(one, stand[one.id]) for one in found]

    async def list_made(self, inviter: AccountId) -> Sequence[Invitation]:
        """What an account has sent, for the export of its data (at most `MAX_LISTED`)."""
        async with self._db.snapshot() as tx:
            return await store.list_made(tx, inviter, MAX_LISTED)

    async def get(self, invitation_id: str, role: Role, scope: Scope) -> Invitation:
        """That of a practitioner or an establishment.  Raises InvitationNotFound."""
        async with self._db.snapshot() as tx:
            found = await store.get(tx, invitation_id)
        if (found.role, found.scope) != (role, scope):
            raise InvitationNotFound
        return found

    # Who bears the link

    async def open(self, token: str, bearer: AccountId | None) -> Opened:
        """The invitation that a link leads to; looking uses nothing up (mail scanners do).

        `bearer`: who is signed in in that browser.  Raises InvitationNotFound, InvitedOneself.
        """
        async with self._db.snapshot() as tx:
            return await self._open(tx, await store.find_by_link(tx, hash_token(token)), bearer)

    async def accept(
        self, token: str, bearer: AccountId | None, application: Application, accepted: Sequence[str], by: Signature
    ) -> Registration:
        """Spend the link: the answer enters the queue of sign-ups.

        `accepted`: the hex digests of the texts that the form showed.  Raises as `open`, AgreementsNotAccepted,
        AgreementChanged.
        """
        self._agreements.require(accepted)
        now = self._clock.now()
        async with self._db.transaction() as tx:
            found = await store.find_by_link(tx, hash_token(token), locked=True)
            invitation = (await self._open(tx, found, bearer)).invitation
            registration = await self._registrations.receive(tx, application, by, invitation_id=invitation.id)
            answered = move(invitation, Act.ACCEPT, now, registration_id=registration.id)
            await store.save(tx, answered)
            store.record(tx, answered, Act.ACCEPT, "", now)
        self._jobs.wake()
        return registration

    async def still_vouches(self, tx: Transaction, invitation: Invitation) -> bool:
        """True while its inviter has an open account and may grant that role."""
        inviter = await self._accounts.get(invitation.inviter, tx)
        principal = Principal(inviter.uid, await self._roles.of(inviter, tx))
        return inviter.is_active and may_grant(principal, invitation.role, invitation.scope, _STRANGER)

    async def _open(self, tx: Transaction, invitation: Invitation | None, bearer: AccountId | None) -> Opened:
        is_good = invitation is not None and opens(invitation, self._clock.now())
        if invitation is None or not is_good or not await self.still_vouches(tx, invitation):
            raise InvitationNotFound
        if bearer == invitation.inviter:
            raise InvitedOneself
        return Opened(invitation, await self._practitioners.get(invitation.inviter_id, tx))

    def _require(self, actor: Principal, role: Role, scope: Scope) -> None:
        if not may_grant(actor, role, scope, _STRANGER):
            raise InvitationRefused

    async def _send_link(
        self, tx: Transaction, invitation: Invitation, inviter: Practitioner, act: Act, by: AccountId
    ) -> None:
        token = urlsafe_b64encode(self._random_bytes(TOKEN_BYTES)).decode()
        digest = hash_token(token)
        await store.save(tx, invitation, digest)
        await forget_later(tx, invitation, self._random_bytes)
        store.record(tx, invitation, act, by.hex(), self._clock.now())
        mail = InvitationMail(
            kind=InvitationMailKind.INVITED,
            reference=digest.hex()[:16],
            to=invitation.invitee.email,
            language=invitation.language,
            inviter=inviter.display_name if invitation.role is Role.SECRETARY else invitation.employer,
            invitee=invitation.invitee.display_name,
            token=token,
            link_ends_at=invitation.link_ends_at,
            scope=invitation.scope,
        )
        await self._send(tx, mail)

    async def _stand(self, tx: Transaction, invitations: Sequence[Invitation]) -> Mapping[str, Standing]:
        """Where each stands; a mandate whose role was taken back elsewhere has ended."""
        now, wanted = self._clock.now(), [one.registration_id for one in invitations if one.registration_id]
        statuses: Mapping[str, Status] = await registration_store.list_status(tx, wanted) if wanted else {}
        stand = {one.id: standing(one, now, statuses.get(one.registration_id)) for one in invitations}
        for one in invitations:
            is_active = stand[one.id] is Standing.ACTIVE and one.uid is not None
            if is_active and not await self._roles.is_held(tx, Grant(one.uid or _STRANGER, one.role, one.scope)):
                stand[one.id] = Standing.ENDED
        return stand
