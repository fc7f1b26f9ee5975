"""Queries on addresses.  What the register says of addresses in our own domain is read here too."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.accounts.model import Verification
from miss.directory.accounts.tables import AccountRow
from miss.directory.addresses.model import Address
from miss.directory.addresses.tables import AddressRow
from miss.directory.register.tables import MailboxRow
from miss.storage import Transaction


async def find_owner(tx: Transaction, address: str) -> PractitionerId | None:
    """To whom `address` (lower case) was given, be it an alias by now."""
    row = await tx.get(AddressRow, address)
    return PractitionerId(row.practitioner_id) if row else None


async def list_of(tx: Transaction, practitioner_id: PractitionerId) -> list[Address]:
    """Every address of one person: the current one first, then the aliases, newest first."""
    rows = await tx.exec(
        select(AddressRow)
        .where(AddressRow.practitioner_id == practitioner_id)
        .order_by(col(AddressRow.replaced_at).is_not(None), col(AddressRow.given_at).desc(), AddressRow.address)
        # Asked again after somebody else was faster: what they committed counts, not what was read before.
        .execution_options(populate_existing=True)
    )
    return [_address(row) for row in rows]


async def list_numbers(tx: Transaction, stem: str, domain: str) -> set[int]:
    """The numbers given for that name in that domain."""
    query = select(AddressRow.number).where(AddressRow.domain == domain, AddressRow.stem == stem)
    return set(await tx.exec(query))


async def insert(tx: Transaction, address: Address, current: Address | None) -> bool:
    """Give `address` in the place of `current`; False if somebody was faster, and nothing changed."""
    try:
        async with tx.begin_nested():
            await _retire(tx, current, address.given_at)
            tx.add(
                AddressRow(
                    address=str(address),
                    practitioner_id=address.practitioner_id,
                    stem=address.stem,
                    number=address.number,
                    domain=address.domain,
                    given_at=address.given_at,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def revive(tx: Transaction, address: Address, current: Address | None, now: datetime) -> bool:
    """Make an alias its owner's address again in the place of `current`; False if somebody was faster, and nothing
    changed."""
    try:
        async with tx.begin_nested():
            await _retire(tx, current, now)
            await tx.exec(update(AddressRow).where(col(AddressRow.address) == str(address)).values(replaced_at=None))
    except IntegrityError:
        return False
    return True


async def _retire(tx: Transaction, current: Address | None, now: datetime) -> None:
    """Only the address that was seen: one that somebody else gave meanwhile stays, and stands in the way."""
    if current is not None:
        await tx.exec(update(AddressRow).where(col(AddressRow.address) == str(current)).values(replaced_at=now))


async def list_claimed(tx: Transaction, stem: str, domain: str, besides: PractitionerId) -> set[int]:
    """The numbers that the national register gives to others than `besides`.  `tx`: of the register."""
    query = select(MailboxRow.address).where(
        or_(
            col(MailboxRow.address) == f"{stem}@{domain}",
            # From `anne.modele0` to `anne.modele9…`: a colon follows the digits in ASCII.
            (col(MailboxRow.address) >= f"{stem}0") & (col(MailboxRow.address) < f"{stem}:"),
        ),
        MailboxRow.practitioner_id != besides,
    )
    claimed = set()
    for address in await tx.exec(query):
        local, _, of = address.rpartition("@")
        digits = local.removeprefix(stem) or "1"
        if of == domain and digits.isascii() and digits.isdigit():
            claimed.add(int(digits))
    return claimed


async def list_unaddressed(tx: Transaction, after: bytes, limit: int) -> Sequence[AccountId]:
    """Verified accounts of people who have no address, in the order of their `uid`, those greater than `after`."""
    query = (
        select(AccountRow.uid)
        .join(
            AddressRow,
            (col(AddressRow.practitioner_id) == col(AccountRow.practitioner_id))
            & col(AddressRow.replaced_at).is_(None),
            isouter=True,
        )
        .where(
            col(AccountRow.uid) > after,
            AccountRow.verification == Verification.VERIFIED.value,
            col(AddressRow.address).is_(None),
        )
        .order_by(col(AccountRow.uid))
        .limit(limit)
    )
    return [AccountId(uid) for uid in await tx.exec(query)]


def _address(row: AddressRow) -> Address:
    return Address(
        practitioner_id=PractitionerId(row.practitioner_id),
        stem=row.stem,
        number=row.number,
        domain=row.domain,
        given_at=row.given_at,
        replaced_at=row.replaced_at,
    )
