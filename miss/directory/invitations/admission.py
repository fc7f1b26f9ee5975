"""What becomes of an answered invitation at the technicians' desk: evidence to look at, then an account and a role.

`miss.directory.registrations.Invitees`, for the desk of sign-ups.
"""

from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.directory.accounts import Account, AccountNotActive, Accounts
from miss.directory.invitations import store
from miss.directory.invitations.model import Act, InvitationMail, InvitationMailKind, SendInvitationMail, State, move
from miss.directory.invitations.service import Invitations
from miss.directory.practitioners import Practitioners
from miss.directory.practitioners.model import from_staff
from miss.directory.registrations import InvitationClosed, Registration, Vouched
from miss.directory.roles import Grant, Roles
from miss.directory.staff_people import Issuer
from miss.directory.staff_people.service import StaffPeople
from miss.storage import Database, Transaction


class Admission:
    """Who was invited, as technicians judge them."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        practitioners: Practitioners,
        accounts: Accounts,
        roles: Roles,
        staff_people: StaffPeople,
        invitations: Invitations,
        send: SendInvitationMail,
    ) -> None:
        self._db = db
        self._clock = clock
        self._practitioners = practitioners
        self._accounts = accounts
        self._roles = roles
        self._staff_people = staff_people
        self._invitations = invitations
        self._send = send

    async def vouch(self, registration: Registration) -> Vouched:
        """What stands behind a sign-up of kind INVITED.  Raises InvitationNotFound."""
        async with self._db.snapshot() as tx:
            invitation = await store.get(tx, registration.invitation_id)
            stands = invitation.state is State.ANSWERED and await self._invitations.still_vouches(tx, invitation)
        known = await self._staff_people.find_by_email(invitation.invitee.email)
        return Vouched(
            invitee=invitation.invitee,
            role=invitation.role,
            inviter=await self._practitioners.get(invitation.inviter_id),
            employer=invitation.employer,
            invited_at=invitation.invited_at,
            # What became of an invitation later says nothing of a sign-up that was decided before.
            is_open=stands or not registration.status.is_open,
            known=from_staff(known) if known else None,
            account=await self._accounts.find_by_practitioner(known.id) if known else None,
        )

    async def admit(self, tx: Transaction, registration: Registration, by: str, account: Account | None) -> Account:
        """Open the account unless there is one (`account`), and grant the role.

        Raises InvitationClosed, InvitationNotFound, StaffAddressTaken, StaffNumbersSpent, AccountNotActive,
        NotForStaff, GrantExists.
        """
        found = await store.get(tx, registration.invitation_id)
        invitation = await store.get_locked(tx, found.id, found.role, found.scope)
        if invitation.registration_id != registration.id or not await self._invitations.still_vouches(tx, invitation):
            raise InvitationClosed
        if invitation.state is not State.ANSWERED:
            raise InvitationClosed
        said, now = registration.application, self._clock.now()
        if account is None:
            person = await self._staff_people.add(
                tx,
                Issuer(invitation.issuer),
                family=said.family,
                given=said.given,
                function=invitation.invitee.function,
                employer=invitation.employer,
                email=invitation.invitee.email,
                invited_by=invitation.inviter,
            )
            account = await self._accounts.open_verified(tx, person.id, by=by, language=said.language)
        if not account.is_active:
            raise AccountNotActive
        grant = Grant(account.uid, invitation.role, invitation.scope)
        await self._roles.hand_over(tx, grant, by=by, reason=f"invitation {invitation.id}")
        active = move(invitation, Act.ACTIVATE, now, uid=account.uid)
        await store.save(tx, active)
        store.record(tx, active, Act.ACTIVATE, by, now)
        await self._tell_inviter(tx, active.inviter, active.id, said.display_name)
        return account

    async def _tell_inviter(self, tx: Transaction, uid: AccountId, invitation_id: str, invitee: str) -> None:
        inviter = await self._accounts.get(uid, tx)
        person = await self._practitioners.get(inviter.practitioner_id, tx)
        for address in person.letterboxes[:1]:
            mail = InvitationMail(
                kind=InvitationMailKind.ACTIVE,
                reference=f"{invitation_id}-active",
                to=address,
                language=inviter.language,
                inviter=person.display_name,
                invitee=invitee,
            )
            await self._send(tx, mail)
