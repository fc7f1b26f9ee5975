"""The correspondence of secure-mail addresses (Extraction_Correspondance_MSSante), from lines to owners.  Pure.

Only personal mailboxes (PER) name a person; those of organisations (ORG) are skipped and counted.  An address that
the file gives to two persons is rejected for both: it would let one write as the other.

Source: Annuaire Santé, Extraction_Correspondance_MSSante (31 columns).
"""

import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass

from miss.directory.practitioners.extraction import Findings, LineRefused, Reason, read_rows
from miss.directory.practitioners.grouping import grouped

TYPE = "Type de BAL"
ADDRESS = "Adresse BAL"
NATIONAL_ID = "Identification nationale PP"
LABELS = (TYPE, ADDRESS, NATIONAL_ID)

MAX_ADDRESS_LENGTH = 254
"""RFC 5321 §4.5.3.1.3, angle brackets left out."""

_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}"
)


@dataclass(frozen=True, slots=True)
class MailboxEntry:
    """One address and the person it belongs to; `line` is where the file says so first."""

    address: str
    national_id: str
    line: int


def normalise_address(address: str) -> str:
    """An address as the directory compares it."""
    return address.strip().lower()


def is_address(address: str) -> bool:
    """True for a normalised address that a mailbox of the directory may have."""
    return len(address) <= MAX_ADDRESS_LENGTH and _ADDRESS.fullmatch(address) is not None


def read_mailboxes(lines: Iterable[bytes], findings: Findings) -> Generator[MailboxEntry]:
    """Each personal address once, in alphabetical order; memory does not grow with the file.

    Raises ExtractionUnreadable if the header lacks a column.
    """
    rows = ((number, _with_comparable_address(row)) for number, row in read_rows(lines, LABELS, findings))
    for address, members in grouped(rows, ADDRESS):
        claims: list[tuple[int, str | None]] = []
        for number, row in members:
            try:
                claims.append((number, _owner(row)))
            except LineRefused as refusal:
                findings.rejected.add(number, refusal.reason)
        owners = {owner for _, owner in claims}
        if len(owners) > 1:
            for number, _ in claims:
                findings.rejected.add(number, Reason.ADDRESS_SHARED)
        elif claims:
            line, owner = claims[0]
            if owner is None:
                findings.skipped += len(claims)
            else:
                yield MailboxEntry(address, owner, line)


def _with_comparable_address(row: dict[str, str]) -> dict[str, str]:
    return row | {ADDRESS: normalise_address(row[ADDRESS])}


def _owner(row: dict[str, str]) -> str | None:
    """The national identifier of the person; None for an organisation's mailbox.  Raises LineRefused."""
    if row[TYPE] not in ("PER", "ORG"):
        raise LineRefused(Reason.MAILBOX_TYPE)
    if not is_address(row[ADDRESS]):
        raise LineRefused(Reason.ADDRESS)
    if row[TYPE] == "ORG":
        return None
    if not row[NATIONAL_ID]:
        raise LineRefused(Reason.IDENTIFIER)
    return row[NATIONAL_ID]
