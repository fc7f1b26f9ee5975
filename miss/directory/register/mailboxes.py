"""The correspondence of secure-mail addresses (Extraction_Correspondance_MSSante), from lines to claims.  Pure.

A personal mailbox (PER) names a person, an organisation's (ORG) the structure that reads it, by its FINESS number;
one that names none claims its address for nobody.  Which address has one owner only is for the whole file to say: see
`miss.directory.register.annexes`.

Source: Annuaire Santé, Extraction_Correspondance_MSSante (31 columns); Struct_IdNat, ANS (TRE_G07).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from miss.base.errors import BadInput
from miss.directory.register.extraction import Extraction
from miss.directory.register.remarks import Reason
from miss.documents.identities import Finess, parse_struct_id_nat, struct_id_nat

TYPE = "Type de BAL"
ADDRESS = "Adresse BAL"
NATIONAL_ID = "Identification nationale PP"
STRUCTURE = "Identification Structure"
LABELS = (TYPE, ADDRESS, NATIONAL_ID, STRUCTURE)

STRUCTURE_PREFIX = "structure:"
"""Before the Struct_IdNat that owns a mailbox: no person of the register has such an identifier."""

FINESS_LENGTH = 9
MAX_ADDRESS_LENGTH = 254
"""RFC 5321 §4.5.3.1.3, angle brackets left out."""

_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}"
)


class ClaimLine(NamedTuple):
    """One line's word on whose an address is."""

    address: str
    owner: str
    """PS_IdNat, or `structure_owner`; empty: an organisation without a FINESS number."""
    line: int


def normalise_address(address: str) -> str:
    """An address as the directory compares it."""
    return address.strip().lower()


def is_address(address: str) -> bool:
    """True for a normalised address that a mailbox of the directory may have."""
    return len(address) <= MAX_ADDRESS_LENGTH and _ADDRESS.fullmatch(address) is not None


def structure_owner(finess: str) -> str:
    """Whose the mailboxes of that establishment are: `structure:1599990009`."""
    return f"{STRUCTURE_PREFIX}{struct_id_nat(Finess(finess))}"


def finess_of_owner(owner: str) -> str | None:
    """Which establishment `structure_owner` named; None: a person."""
    number = owner.removeprefix(STRUCTURE_PREFIX)
    return None if number == owner else parse_struct_id_nat(number)


def read_claims(extraction: Extraction) -> Iterator[ClaimLine]:
    """Each readable line.  Raises ExtractionUnreadable."""
    findings = extraction.findings
    for number, (kind, raw, national_id, structure) in extraction.read(LABELS):
        address = normalise_address(raw)
        if kind not in ("PER", "ORG"):
            findings.rejected.add(number, Reason.MAILBOX_TYPE)
        elif not is_address(address):
            findings.rejected.add(number, Reason.ADDRESS)
        elif kind == "ORG":
            yield ClaimLine(address, _owner_of_structure(structure), number)
        elif not national_id:
            findings.rejected.add(number, Reason.IDENTIFIER)
        else:
            yield ClaimLine(address, national_id, number)


def _owner_of_structure(number: str) -> str:
    """`number`: Struct_IdNat as the file writes it, a bare FINESS number too; a SIRET names nobody that we know."""
    try:
        return structure_owner(parse_struct_id_nat(number if len(number) != FINESS_LENGTH else f"1{number}"))
    except BadInput:
        return ""
