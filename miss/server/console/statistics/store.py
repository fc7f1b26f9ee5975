"""Queries on the sums, and on what the house's own flows are counted from.

Messages and mails are looked up by an index on time, mostly that of their own keys (UUIDv7), so that a month costs
what happened in it, however much came before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, func, select

from miss.base.ids import PractitionerId, new_row_id, uuid7
from miss.chat.delivery.tables import MessageRow
from miss.chat.devices.tables import DeviceRow
from miss.directory.accounts.model import Act, Verification
from miss.directory.accounts.tables import AccountEventRow, AccountRow
from miss.directory.addresses.tables import AddressRow
from miss.directory.register.tables import MailboxRow
from miss.mail.inbound.tables import InboundMailRow
from miss.mail.outbound.tables import OutboundMailRow
from miss.server.console.statistics.model import Counted, Month, Place, Sum
from miss.server.console.statistics.tables import CountRow, EstablishmentNameRow, FigureRow
from miss.storage import Transaction

_VERIFICATIONS = (Act.VERIFY.value, Act.SUSPEND.value, Act.REVOKE.value)
SLICE = 500
"""Values in one IN list."""


async def list_counts(tx: Transaction, measure: str) -> dict[Month, datetime]:
    """The months that were counted, and when."""
    rows = await tx.exec(select(CountRow).where(CountRow.measure == measure))
    return {Month(row.month): row.counted_at for row in rows}


async def list_months(tx: Transaction, limit: int) -> list[Month]:
    """The last `limit` months for which anything was counted, the earliest first."""
    query = select(CountRow.month).distinct().order_by(col(CountRow.month).desc()).limit(limit)
    return [Month(month) for month in reversed((await tx.exec(query)).all())]


async def find_counted_at(tx: Transaction) -> datetime | None:
    """When anything was counted last."""
    return (await tx.exec(select(func.max(CountRow.counted_at)))).one()


async def replace(
    tx: Transaction,
    measure: str,
    month: Month,
    sums: Mapping[Place, Sum],
    counted_at: datetime,
) -> None:
    """Keep the sums of a month in the place of those that were kept."""
    await tx.exec(delete(FigureRow).where(col(FigureRow.measure) == measure, col(FigureRow.month) == month))
    for place, one in sums.items():
        tx.add(
            FigureRow(
                measure=measure,
                month=month,
                profession=place.profession,
                specialty=place.specialty,
                department=place.department,
                establishment=place.establishment,
                value=one.value,
                people=one.people,
            )
        )
    await tx.merge(CountRow(measure=measure, month=month, counted_at=counted_at))
    await tx.flush()


async def put_names(tx: Transaction, names: Mapping[str, str]) -> None:
    """Remember what establishments are called, by identifier."""
    for identifier, name in names.items():
        await tx.merge(EstablishmentNameRow(id=identifier, name=name))
    await tx.flush()


async def list_counted(
    tx: Transaction,
    measure: str,
    first: Month,
    last: Month,
) -> list[Counted]:
    """The sums of those months."""
    query = select(FigureRow).where(
        FigureRow.measure == measure, col(FigureRow.month) >= first, col(FigureRow.month) <= last
    )
    return [
        Counted(
            Month(row.month),
            Place(row.profession, row.specialty, row.department, row.establishment),
            Sum(row.value, row.people),
        )
        for row in await tx.exec(query)
    ]


async def get_names(tx: Transaction) -> dict[str, str]:
    """The names of the establishments that were ever counted, by identifier."""
    return {row.id: row.name for row in await tx.exec(select(EstablishmentNameRow))}


async def tally_users(tx: Transaction, at: datetime) -> dict[PractitionerId, int]:
    """Whose account was verified at that instant."""
    settled = await tx.exec(
        select(AccountRow.practitioner_id).where(
            AccountRow.verification == Verification.VERIFIED.value, col(AccountRow.verification_since) < at
        )
    )
    verified = {PractitionerId(one): 1 for one in settled}
    # Whose state has changed since: the last act before the instant says what it was.
    changed = await tx.exec(
        select(AccountRow.practitioner_id, AccountEventRow.act)
        .join(AccountEventRow, col(AccountEventRow.uid) == col(AccountRow.uid))
        .where(
            col(AccountRow.verification_since) >= at,
            col(AccountEventRow.act).in_(_VERIFICATIONS),
            col(AccountEventRow.at) < at,
        )
        .order_by(col(AccountEventRow.at), col(AccountEventRow.id))
    )
    last = {PractitionerId(practitioner_id): act for practitioner_id, act in changed}
    return verified | {of: 1 for of, act in last.items() if act == Act.VERIFY.value}


async def tally_messages(tx: Transaction, since: datetime, until: datetime) -> dict[PractitionerId, int]:
    """Chat messages by author, dated as the sending device dated them."""
    query = (
        select(AccountRow.practitioner_id, func.count())
        .select_from(MessageRow)
        .join(DeviceRow, col(DeviceRow.did) == col(MessageRow.did))
        .join(AccountRow, col(AccountRow.uid) == col(DeviceRow.uid))
        .where(col(MessageRow.mid) >= uuid7(since, bytes), col(MessageRow.mid) < uuid7(until, bytes))
        .group_by(col(AccountRow.practitioner_id))
    )
    return {PractitionerId(of): count for of, count in await tx.exec(query)}


async def tally_mails_in(tx: Transaction, since: datetime, until: datetime) -> dict[PractitionerId, int]:
    """Mails that arrived and were somebody's, by sender."""
    query = (
        select(InboundMailRow.practitioner_id, func.count())
        .where(
            col(InboundMailRow.id) >= new_row_id(since, bytes),
            col(InboundMailRow.id) < new_row_id(until, bytes),
            InboundMailRow.practitioner_id != "",
        )
        .group_by(col(InboundMailRow.practitioner_id))
    )
    return {PractitionerId(of): count for of, count in await tx.exec(query)}


async def count_mails_out(tx: Transaction, since: datetime, until: datetime) -> dict[str, int]:
    """Mails that the relay took in that time, by recipient's address in lower case."""
    recipient = func.lower(col(OutboundMailRow.recipient))
    query = (
        select(recipient, func.count())
        .where(
            OutboundMailRow.state == "accepted",
            col(OutboundMailRow.settled_at) >= since,
            col(OutboundMailRow.settled_at) < until,
        )
        .group_by(recipient)
    )
    return dict((await tx.exec(query)).all())


async def find_owners(tx: Transaction, register: Transaction, addresses: Sequence[str]) -> dict[str, PractitionerId]:
    """Whose `addresses` are; those of nobody are absent.  At most `SLICE` of them."""
    listed = await register.exec(select(MailboxRow).where(col(MailboxRow.address).in_(addresses)))
    given = await tx.exec(select(AddressRow).where(col(AddressRow.address).in_(addresses)))
    return {row.address: PractitionerId(row.practitioner_id) for row in (*listed, *given)}
