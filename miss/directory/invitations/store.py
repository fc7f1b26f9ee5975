"""Queries on invitations."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.base.text import Language
from miss.directory.audit.model import Fact, Subject
from miss.directory.audit.store import append
from miss.directory.invitations.errors import InvitationNotFound
from miss.directory.invitations.model import OPEN, Act, Invitation, State
from miss.directory.invitations.tables import InvitationRow
from miss.directory.registrations.application import Invitee
from miss.directory.registrations.model import is_row_id
from miss.directory.roles import Role, Scope
from miss.directory.roles.model import SCOPE_OF
from miss.storage import Transaction

SUBJECT = "invitation"


async def save(tx: Transaction, invitation: Invitation, token_hash: bytes | None = None) -> None:
    """Write an invitation, new (with its link) or changed; `token_hash`: of a link that takes the last one's place."""
    row = await tx.get(InvitationRow, invitation.id)
    if row is None:
        if token_hash is None:
            raise ValueError("a new invitation has a link")
        said = invitation.invitee
        row = InvitationRow(
            id=invitation.id,
            token_hash=token_hash,
            role=invitation.role.value,
            scope_id=invitation.scope.id,
            inviter=invitation.inviter,
            inviter_id=invitation.inviter_id,
            employer=invitation.employer,
            issuer=invitation.issuer,
            family=said.family,
            given=said.given,
            function=said.function,
            email=said.email,
            language=invitation.language.value,
            state=invitation.state.value,
            since=invitation.since,
            invited_at=invitation.invited_at,
            link_ends_at=invitation.link_ends_at,
        )
    if token_hash is not None:
        row.token_hash = token_hash
    row.state, row.since, row.link_ends_at = invitation.state.value, invitation.since, invitation.link_ends_at
    row.registration_id, row.uid = invitation.registration_id, invitation.uid
    tx.add(row)
    await tx.flush()


async def forget(tx: Transaction, invitation_id: str) -> None:
    """Nobody is named any more; the link's digest and the dates stay."""
    row = await tx.get(InvitationRow, invitation_id)
    if row is not None:
        row.family = row.given = row.function = row.email = ""
        tx.add(row)
        await tx.flush()


async def get(tx: Transaction, invitation_id: str) -> Invitation:
    """Raises InvitationNotFound."""
    row = await tx.get(InvitationRow, invitation_id) if is_row_id(invitation_id) else None
    if row is None:
        raise InvitationNotFound
    return _invitation(row)


async def get_locked(tx: Transaction, invitation_id: str, role: Role, scope: Scope) -> Invitation:
    """That of a practitioner or an establishment, held until the transaction ends.  Raises InvitationNotFound."""
    if not is_row_id(invitation_id):
        raise InvitationNotFound
    rows = await tx.exec(
        select(InvitationRow)
        .where(InvitationRow.id == invitation_id, InvitationRow.role == role.value, InvitationRow.scope_id == scope.id)
        .with_for_update()
    )
    if (row := rows.one_or_none()) is None:
        raise InvitationNotFound
    return _invitation(row)


async def find_by_link(tx: Transaction, token_hash: bytes, *, locked: bool = False) -> Invitation | None:
    """That to which a link led last; `locked`: held until the transaction ends, so that a link serves once."""
    query = select(InvitationRow).where(InvitationRow.token_hash == token_hash)
    row = (await tx.exec(query.with_for_update() if locked else query)).one_or_none()
    return _invitation(row) if row else None


async def list_of(tx: Transaction, role: Role, scope: Scope, limit: int) -> Sequence[Invitation]:
    """Those of a practitioner or an establishment, the newest first."""
    rows = await tx.exec(
        select(InvitationRow)
        .where(InvitationRow.role == role.value, InvitationRow.scope_id == scope.id)
        .order_by(col(InvitationRow.id).desc())
        .limit(limit)
    )
    return [_invitation(row) for row in rows]


async def list_open(tx: Transaction, role: Role, scope: Scope) -> Sequence[Invitation]:
    """Those under way or active there, held until the transaction ends."""
    rows = await tx.exec(
        select(InvitationRow)
        .where(
            InvitationRow.role == role.value,
            InvitationRow.scope_id == scope.id,
            col(InvitationRow.state).in_([state.value for state in OPEN]),
        )
        .order_by(col(InvitationRow.id))
        .with_for_update()
    )
    return [_invitation(row) for row in rows]


async def find_active(tx: Transaction, uid: AccountId, role: Role, scope: Scope) -> Invitation | None:
    """The invitation that has become that mandate; None: the role was granted without one."""
    rows = await tx.exec(
        select(InvitationRow)
        .where(
            InvitationRow.uid == uid,
            InvitationRow.role == role.value,
            InvitationRow.scope_id == scope.id,
            InvitationRow.state == State.ACTIVE.value,
        )
        .with_for_update()
    )
    return next(map(_invitation, rows), None)


async def list_made(tx: Transaction, inviter: AccountId, limit: int) -> Sequence[Invitation]:
    """Those that an account has sent, for itself or for an establishment, the newest first."""
    rows = await tx.exec(
        select(InvitationRow)
        .where(InvitationRow.inviter == inviter)
        .order_by(col(InvitationRow.id).desc())
        .limit(limit)
    )
    return [_invitation(row) for row in rows]


def _invitation(row: InvitationRow) -> Invitation:
    role = Role(row.role)
    return Invitation(
        id=row.id,
        role=role,
        scope=Scope(SCOPE_OF[role], row.scope_id),
        inviter=AccountId(row.inviter),
        inviter_id=PractitionerId(row.inviter_id),
        employer=row.employer,
        issuer=row.issuer,
        invitee=Invitee(family=row.family, given=row.given, function=row.function, email=row.email),
        language=Language(row.language),
        state=State(row.state),
        since=row.since,
        invited_at=row.invited_at,
        link_ends_at=row.link_ends_at,
        registration_id=row.registration_id,
        uid=AccountId(row.uid) if row.uid else None,
    )


def record(tx: Transaction, invitation: Invitation, act: Act, by: str, now: datetime) -> None:
    """One line of the access log: who did what to which invitation, for whom."""
    detail = f"{invitation.role.value} {invitation.scope.kind.value}:{invitation.scope.id}"
    append(tx, Fact(now, by, f"invitation.{act.value}", Subject(SUBJECT, invitation.id), detail))
