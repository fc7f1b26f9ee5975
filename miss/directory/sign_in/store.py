"""Queries on passwords, sessions, steps and wrong tries."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.sign_in.model import Failures, Method, Session, Visit
from miss.directory.sign_in.steps import Step, StepKind
from miss.directory.sign_in.tables import FailuresRow, PasswordRow, SessionRow, StepRow
from miss.storage import Transaction


async def find_password(tx: Transaction, uid: AccountId) -> str | None:
    """The hash of the account's password."""
    return (await tx.exec(select(PasswordRow.hash).where(PasswordRow.uid == uid))).one_or_none()


async def find_password_date(tx: Transaction, uid: AccountId) -> datetime | None:
    """When the account's password was chosen."""
    return (await tx.exec(select(PasswordRow.chosen_at).where(PasswordRow.uid == uid))).one_or_none()


async def replace_password(tx: Transaction, uid: AccountId, password_hash: str, now: datetime) -> None:
    """Keep a new hash.  The account is locked by the caller."""
    await tx.exec(delete(PasswordRow).where(col(PasswordRow.uid) == uid))
    tx.add(PasswordRow(uid=uid, hash=password_hash, chosen_at=now))
    await tx.flush()


# Sessions


async def insert_session(tx: Transaction, token_hash: bytes, session: Session) -> None:
    """Write a new session."""
    tx.add(
        SessionRow(
            token_hash=token_hash,
            id=session.id,
            uid=session.uid,
            method=session.method.value,
            signed_in_at=session.signed_in_at,
            confirmed_at=session.confirmed_at,
            last_used_at=session.last_used_at,
            ends_at=session.ends_at,
            locked_at=session.locked_at,
            is_shared=session.visit.is_shared,
            address=session.visit.address,
            user_agent=session.visit.user_agent,
            acting_for=session.acting_for,
        )
    )
    await tx.flush()


async def find_session(tx: Transaction, token_hash: bytes) -> Session | None:
    """The session, expired or not."""
    row = (await tx.exec(select(SessionRow).where(SessionRow.token_hash == token_hash))).one_or_none()
    return _session(row) if row else None


async def list_sessions(tx: Transaction, uid: AccountId, limit: int) -> Sequence[Session]:
    """The account's sessions, the one used last first, expired ones as well."""
    rows = await tx.exec(
        select(SessionRow).where(SessionRow.uid == uid).order_by(col(SessionRow.last_used_at).desc()).limit(limit)
    )
    return [_session(row) for row in rows]


async def touch_session(tx: Transaction, token_hash: bytes, now: datetime) -> None:
    """It was used."""
    await tx.exec(update(SessionRow).where(col(SessionRow.token_hash) == token_hash).values(last_used_at=now))


async def set_acting_for(tx: Transaction, token_hash: bytes, practitioner_id: str) -> bool:
    """Its person acts for that practitioner from now on; empty: in their own name.  False if there is no session."""
    row = col(SessionRow.token_hash) == token_hash
    changed = await tx.exec(update(SessionRow).where(row).values(acting_for=practitioner_id))
    return changed.rowcount == 1


async def lock_session(tx: Transaction, token_hash: bytes, now: datetime) -> bool:
    """Close it until its person comes back; False if there is none."""
    locked = await tx.exec(update(SessionRow).where(col(SessionRow.token_hash) == token_hash).values(locked_at=now))
    return locked.rowcount == 1


async def renew_session(
    tx: Transaction, old_hash: bytes, new_hash: bytes, *, method: Method, confirmed_at: datetime, now: datetime
) -> None:
    """Its person is back: a new token, unlocked."""
    await tx.exec(
        update(SessionRow)
        .where(col(SessionRow.token_hash) == old_hash)
        .values(token_hash=new_hash, method=method.value, confirmed_at=confirmed_at, last_used_at=now, locked_at=None)
    )


async def delete_session(tx: Transaction, token_hash: bytes) -> bool:
    """False if there was none."""
    deleted = await tx.exec(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash))
    return deleted.rowcount == 1


async def delete_session_by_id(tx: Transaction, uid: AccountId, session_id: str) -> bool:
    """False if the account has none with that identifier."""
    deleted = await tx.exec(delete(SessionRow).where(col(SessionRow.uid) == uid, col(SessionRow.id) == session_id))
    return deleted.rowcount == 1


async def delete_sessions(tx: Transaction, uid: AccountId, *, but: str = "") -> int:
    """End every session of the account, but the one of that identifier; how many there were."""
    deleted = await tx.exec(delete(SessionRow).where(col(SessionRow.uid) == uid, col(SessionRow.id) != but))
    return deleted.rowcount


async def delete_ended(tx: Transaction, now: datetime, forget_before: datetime) -> None:
    """Drop sessions past their absolute end, steps that took too long, and wrong tries that no longer count."""
    await tx.exec(delete(SessionRow).where(col(SessionRow.ends_at) <= now))
    await tx.exec(delete(StepRow).where(col(StepRow.ends_at) <= now))
    await tx.exec(delete(FailuresRow).where(col(FailuresRow.last_at) < forget_before))


def _session(row: SessionRow) -> Session:
    return Session(
        id=row.id,
        uid=AccountId(row.uid),
        method=Method(row.method),
        signed_in_at=row.signed_in_at,
        confirmed_at=row.confirmed_at,
        last_used_at=row.last_used_at,
        ends_at=row.ends_at,
        locked_at=row.locked_at,
        visit=Visit(row.user_agent, row.address, row.is_shared),
        acting_for=PractitionerId(row.acting_for),
    )


# Steps


async def insert_step(tx: Transaction, token_hash: bytes, step: Step) -> None:
    """Write what a browser has begun."""
    tx.add(
        StepRow(
            token_hash=token_hash,
            kind=step.kind.value,
            uid=step.uid,
            data=json.dumps(dict(step.data)),
            ends_at=step.ends_at,
        )
    )
    await tx.flush()


async def find_step(tx: Transaction, token_hash: bytes, kind: StepKind) -> Step | None:
    """The step, expired or not."""
    query = select(StepRow).where(StepRow.token_hash == token_hash, StepRow.kind == kind.value)
    row = (await tx.exec(query)).one_or_none()
    if row is None:
        return None
    data: Mapping[str, str] = json.loads(row.data)
    return Step(StepKind(row.kind), AccountId(row.uid) if row.uid else None, data, row.ends_at)


async def delete_step(tx: Transaction, token_hash: bytes) -> bool:
    """End it; False if it had ended: of two who end it at once, one does."""
    return (await tx.exec(delete(StepRow).where(col(StepRow.token_hash) == token_hash))).rowcount == 1


async def delete_steps(tx: Transaction, uid: AccountId, kind: StepKind) -> None:
    """End every step of that kind that the account has begun."""
    await tx.exec(delete(StepRow).where(col(StepRow.uid) == uid, col(StepRow.kind) == kind.value))


# Wrong tries


async def lock_failures(tx: Transaction, subject: str, now: datetime) -> Failures:
    """Wrong tries under a name; held until the transaction ends, so that each try counts."""
    query = select(FailuresRow.count, FailuresRow.last_at).where(FailuresRow.subject == subject).with_for_update()
    found = (await tx.exec(query)).one_or_none()
    if found is None:
        try:
            async with tx.begin_nested():
                tx.add(FailuresRow(subject=subject, last_at=now))
                await tx.flush()
        except IntegrityError:
            pass  # another process made the row first: it is read below
        found = (await tx.exec(query)).one()
    return Failures(*found)


async def set_failures(tx: Transaction, subject: str, failures: Failures) -> None:
    """Write the count of a row that `lock_failures` holds."""
    await tx.exec(
        update(FailuresRow)
        .where(col(FailuresRow.subject) == subject)
        .values(count=failures.count, last_at=failures.last_at)
    )


async def take_back_failure(tx: Transaction, subject: str, parts: int) -> None:
    """A try that was counted turned out right."""
    await tx.exec(
        update(FailuresRow)
        .where(col(FailuresRow.subject) == subject, col(FailuresRow.count) >= parts)
        .values(count=col(FailuresRow.count) - parts)
    )


async def forget_failures(tx: Transaction, subject: str) -> None:
    """The person has proved who they are."""
    await tx.exec(delete(FailuresRow).where(col(FailuresRow.subject) == subject))
