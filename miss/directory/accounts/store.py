"""Queries on accounts, activation codes and events."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.accounts.model import (
    Account,
    AccountEvent,
    Act,
    Activation,
    ActivationPurpose,
    Verification,
)
from miss.directory.accounts.tables import (
    AccountActivationRow,
    AccountEventRow,
    AccountRow,
    ActivationTryRow,
)
from miss.directory.audit.model import Fact, Subject
from miss.directory.audit.store import append
from miss.storage import Transaction
from miss.storage.direct import HotStatement


async def insert_account(tx: Transaction, account: Account) -> bool:
    """False if the practitioner has an account already."""
    try:
        async with tx.begin_nested():
            tx.add(
                AccountRow(
                    uid=account.uid,
                    practitioner_id=account.practitioner_id,
                    verification=account.verification.value,
                    verification_since=account.verification_since,
                    language=account.language.value,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def update_verification(tx: Transaction, account: Account) -> None:
    """Write the account's verification and its instant."""
    await tx.exec(
        update(AccountRow)
        .where(col(AccountRow.uid) == account.uid)
        .values(verification=account.verification.value, verification_since=account.verification_since)
    )


async def get_many(tx: Transaction, uids: Collection[AccountId]) -> dict[AccountId, Account]:
    """The accounts of `uids` (some hundreds at most); unknown ones are absent."""
    rows = await tx.exec(select(AccountRow).where(col(AccountRow.uid).in_(uids)))
    return {account.uid: account for account in map(_account, rows.all())}


async def find_locked(tx: Transaction, uid: AccountId) -> Account | None:
    """The account, held until the transaction ends: its state cannot change meanwhile."""
    rows = await tx.exec(select(AccountRow).where(AccountRow.uid == uid).with_for_update())
    return next(map(_account, rows.all()), None)


async def closed_since(tx: Transaction, since: datetime) -> frozenset[AccountId]:
    """The accounts that are not verified any more, by a change at `since` or later."""
    query = select(AccountRow.uid).where(
        col(AccountRow.verification_since) >= since, AccountRow.verification != Verification.VERIFIED.value
    )
    return frozenset(AccountId(uid) for uid in await tx.exec(query))


_ACTIVE = HotStatement(
    f"SELECT uid FROM account WHERE uid = ANY($1::bytea[]) AND verification = '{Verification.VERIFIED.value}'",  # noqa: S608
    select(AccountRow.uid).where(
        col(AccountRow.uid).in_(bindparam("uids", expanding=True)),
        AccountRow.verification == Verification.VERIFIED.value,
    ),
    ("uids",),
)


async def active_among(tx: Transaction, uids: Collection[AccountId]) -> frozenset[AccountId]:
    """Those of `uids` whose account is verified."""
    return frozenset(AccountId(uid) for (uid,) in await _ACTIVE.fetch(tx, list(uids)))


async def list_practitioner_ids(tx: Transaction) -> frozenset[PractitionerId]:
    """Whom an account refers to."""
    return frozenset(PractitionerId(one) for one in await tx.exec(select(AccountRow.practitioner_id)))


async def find_by_practitioner(tx: Transaction, practitioner_id: PractitionerId) -> Account | None:
    """The practitioner's account."""
    rows = await tx.exec(select(AccountRow).where(AccountRow.practitioner_id == practitioner_id))
    return next(map(_account, rows.all()), None)


async def replace_activation(
    tx: Transaction, uid: AccountId, purpose: ActivationPurpose, activation: Activation
) -> None:
    """Keep `activation` in the place of an earlier one for the same purpose.  The account is locked."""
    await tx.exec(
        delete(AccountActivationRow).where(
            col(AccountActivationRow.uid) == uid, col(AccountActivationRow.purpose) == purpose.value
        )
    )
    tx.add(
        AccountActivationRow(
            uid=uid,
            purpose=purpose.value,
            salt=activation.salt,
            digest=activation.digest,
            expires_at=activation.expires_at,
        )
    )
    await tx.flush()


async def find_activation(tx: Transaction, uid: AccountId, purpose: ActivationPurpose) -> Activation | None:
    """What is kept of the last code issued."""
    row = (
        await tx.exec(
            select(AccountActivationRow).where(
                AccountActivationRow.uid == uid, AccountActivationRow.purpose == purpose.value
            )
        )
    ).one_or_none()
    return Activation(row.salt, row.digest, row.expires_at, row.used_at) if row else None


async def mark_used(tx: Transaction, uid: AccountId, purpose: ActivationPurpose, now: datetime) -> None:
    """Use the code up.  The account is locked: nobody else uses it meanwhile."""
    await tx.exec(
        update(AccountActivationRow)
        .where(col(AccountActivationRow.uid) == uid, col(AccountActivationRow.purpose) == purpose.value)
        .values(used_at=now)
    )


async def lock_wrong_tries(tx: Transaction, rpps: str, purpose: ActivationPurpose, now: datetime) -> int:
    """How many wrong codes were tried; the count is held until the transaction ends, so that each try counts."""
    query = (
        select(ActivationTryRow.wrong)
        .where(ActivationTryRow.rpps == rpps, ActivationTryRow.purpose == purpose.value)
        .with_for_update()
    )
    wrong = (await tx.exec(query)).one_or_none()
    if wrong is not None:
        return wrong
    try:
        async with tx.begin_nested():
            tx.add(ActivationTryRow(rpps=rpps, purpose=purpose.value, last_at=now))
            await tx.flush()
    except IntegrityError:
        pass  # another process made the row first: its count is read below
    return (await tx.exec(query)).one()


async def set_wrong_tries(tx: Transaction, rpps: str, purpose: ActivationPurpose, wrong: int, now: datetime) -> None:
    """Write the count of a row that `lock_wrong_tries` holds."""
    await tx.exec(
        update(ActivationTryRow)
        .where(col(ActivationTryRow.rpps) == rpps, col(ActivationTryRow.purpose) == purpose.value)
        .values(wrong=wrong, last_at=now)
    )


async def forget_tries(tx: Transaction, before: datetime) -> None:
    """Drop counts that were last touched before that instant."""
    await tx.exec(delete(ActivationTryRow).where(col(ActivationTryRow.last_at) < before))


async def insert_event(tx: Transaction, event: AccountEvent, random_bytes: RandomBytes) -> None:
    """Write one act, here and into the access log."""
    subject = Subject.account(event.uid)
    append(tx, Fact(event.at, event.by, f"account.{event.act.value}", subject, event.detail))
    tx.add(
        AccountEventRow(
            id=new_row_id(event.at, random_bytes),
            at=event.at,
            act=event.act.value,
            uid=event.uid,
            actor=event.by[:100],
            detail=event.detail,
        )
    )
    await tx.flush()


async def list_events(tx: Transaction, uid: AccountId, limit: int) -> Sequence[AccountEvent]:
    """The account's story, newest first."""
    rows = await tx.exec(
        select(AccountEventRow)
        .where(AccountEventRow.uid == uid)
        .order_by(col(AccountEventRow.at).desc(), col(AccountEventRow.id).desc())
        .limit(limit)
    )
    return [_event(row) for row in rows]


async def list_events_before(
    tx: Transaction, uid: AccountId, before: str, limit: int
) -> Sequence[tuple[str, AccountEvent]]:
    """The account's story before that row (empty: from the newest on), newest first, each with its row."""
    query = select(AccountEventRow).where(AccountEventRow.uid == uid)
    if before:
        query = query.where(col(AccountEventRow.id) < before)
    rows = await tx.exec(query.order_by(col(AccountEventRow.id).desc()).limit(limit))
    return [(row.id, _event(row)) for row in rows]


def _event(row: AccountEventRow) -> AccountEvent:
    return AccountEvent(row.at, Act(row.act), AccountId(row.uid) if row.uid else None, row.actor, row.detail)


def _account(row: AccountRow) -> Account:
    return Account(
        uid=AccountId(row.uid),
        practitioner_id=PractitionerId(row.practitioner_id),
        verification=Verification(row.verification),
        verification_since=row.verification_since,
        language=Language(row.language),
    )
