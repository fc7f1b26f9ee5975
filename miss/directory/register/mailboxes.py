"""The correspondence of secure-mail addresses (Extraction_Correspondance_MSSante), from lines to claims.  Pure.

Only personal mailboxes (PER) name a person; those of organisations (ORG) claim their address for nobody.  Which
address has one owner only is for the whole file to say: see `miss.directory.register.store`.

Source: Annuaire Santé, Extraction_Correspondance_MSSante (31 columns).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from miss.directory.register.extraction import Extraction
from miss.directory.register.remarks import Reason

TYPE = "Type de BAL"
ADDRESS = "Adresse BAL"
NATIONAL_ID = "Identification nationale PP"
LABELS = (TYPE, ADDRESS, NATIONAL_ID)

MAX_ADDRESS_LENGTH = 254
"""RFC 5321 §4.5.3.1.3, angle brackets left out."""

_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}"
)


class ClaimLine(NamedTuple):
    """One line's word on whose an address is."""

    address: str
    practitioner_id: str
    """Empty: an organisation's."""
    line: int


def normalise_address(address: str) -> str:
    """An address as the directory compares it."""
    return address.strip().lower()


def is_address(address: str) -> bool:
    """True for a normalised address that a mailbox of the directory may have."""
    return len(address) <= MAX_ADDRESS_LENGTH and _ADDRESS.fullmatch(address) is not None


def read_claims(extraction: Extraction) -> Iterator[ClaimLine]:
    """Each readable line.  Raises ExtractionUnreadable."""
    findings = extraction.findings
    for number, (kind, raw, national_id) in extraction.read(LABELS):
        address = normalise_address(raw)
        if kind not in ("PER", "ORG"):
            findings.rejected.add(number, Reason.MAILBOX_TYPE)
        elif not is_address(address):
            findings.rejected.add(number, Reason.ADDRESS)
        elif kind == "ORG":
            yield ClaimLine(address, "", number)
        elif not national_id:
            findings.rejected.add(number, Reason.IDENTIFIER)
        else:
            yield ClaimLine(address, national_id, number)
