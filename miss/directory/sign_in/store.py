"""Queries on passwords, sessions and wrong tries."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId
from miss.directory.sign_in.model import Failures, Session
from miss.directory.sign_in.tables import FailuresRow, PasswordRow, SessionRow
from miss.storage import Transaction


async def find_password(tx: Transaction, uid: AccountId) -> str | None:
    """The hash of the account's password."""
    return (await tx.exec(select(PasswordRow.hash).where(PasswordRow.uid == uid))).one_or_none()


async def replace_password(tx: Transaction, uid: AccountId, password_hash: str, now: datetime) -> None:
    """Keep a new hash; every session of the account ends.  The account is locked by the caller."""
    await tx.exec(delete(SessionRow).where(col(SessionRow.uid) == uid))
    await tx.exec(delete(PasswordRow).where(col(PasswordRow.uid) == uid))
    tx.add(PasswordRow(uid=uid, hash=password_hash, chosen_at=now))
    await tx.flush()


async def insert_session(tx: Transaction, token_hash: bytes, session: Session, user_agent: str) -> None:
    """Write a new session."""
    tx.add(
        SessionRow(
            token_hash=token_hash,
            uid=session.uid,
            signed_in_at=session.signed_in_at,
            last_used_at=session.last_used_at,
            ends_at=session.ends_at,
            user_agent=user_agent,
        )
    )
    await tx.flush()


async def find_session(tx: Transaction, token_hash: bytes) -> Session | None:
    """The session, expired or not."""
    row = (await tx.exec(select(SessionRow).where(SessionRow.token_hash == token_hash))).one_or_none()
    return Session(AccountId(row.uid), row.signed_in_at, row.last_used_at, row.ends_at) if row else None


async def touch_session(tx: Transaction, token_hash: bytes, now: datetime) -> None:
    """It was used."""
    await tx.exec(update(SessionRow).where(col(SessionRow.token_hash) == token_hash).values(last_used_at=now))


async def delete_session(tx: Transaction, token_hash: bytes) -> bool:
    """False if there was none."""
    deleted = await tx.exec(delete(SessionRow).where(col(SessionRow.token_hash) == token_hash))
    return deleted.rowcount == 1


async def delete_ended(tx: Transaction, now: datetime, forget_before: datetime) -> None:
    """Drop sessions past their absolute end, and wrong tries that no longer count."""
    await tx.exec(delete(SessionRow).where(col(SessionRow.ends_at) <= now))
    await tx.exec(delete(FailuresRow).where(col(FailuresRow.last_at) < forget_before))


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


async def forget_failures(tx: Transaction, subject: str) -> None:
    """The person has proved who they are."""
    await tx.exec(delete(FailuresRow).where(col(FailuresRow.subject) == subject))
