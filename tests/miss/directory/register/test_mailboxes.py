"""From the lines of the mailbox correspondence to claims."""

import pytest

from miss.directory.register.extraction import Extraction
from miss.directory.register.mailboxes import (
    ClaimLine,
    finess_of_owner,
    is_address,
    normalise_address,
    read_claims,
    structure_owner,
)
from miss.directory.register.remarks import Findings, LineRemark, Reason
from tests.miss.directory.extractions import MAILBOX_COLUMNS, an_address, extraction

PAUL = "99900000029"


def read(*lines: dict[str, str]) -> tuple[list[ClaimLine], Findings]:
    findings = Findings()
    return list(read_claims(Extraction(extraction(MAILBOX_COLUMNS, lines), findings))), findings


def test_the_published_columns() -> None:
    assert len(MAILBOX_COLUMNS) == 31


def test_a_personal_address_has_an_owner_and_is_compared_in_lower_case() -> None:
    claims, findings = read(an_address(" Paul.EXEMPLE@Medecin.mssante.example", PAUL))
    assert claims == [ClaimLine("paul.exemple@medecin.mssante.example", "899900000029", 2)]
    assert findings.rejected.count == 0


@pytest.mark.parametrize(
    ("structure", "owner"),
    [
        ("1599990009", "structure:1599990009"),
        ("599990009", "structure:1599990009"),
        ("", ""),
        ("1599990008", ""),  # a wrong key
        ("312345678900017", ""),  # a SIRET
        ("899900000029", ""),
    ],
)
def test_an_organisations_address_is_claimed_for_its_structure(structure: str, owner: str) -> None:
    line = an_address("service@b.example", kind="ORG") | {"Identification Structure": structure}
    assert read(line)[0] == [ClaimLine("service@b.example", owner, 2)]


def test_a_structure_and_its_number() -> None:
    assert finess_of_owner(structure_owner("599990009")) == "599990009"
    assert finess_of_owner("899900000029") is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (an_address("a@b.example", PAUL, kind="XXX"), Reason.MAILBOX_TYPE),
        (an_address("a@b.example"), Reason.IDENTIFIER),
        (an_address("", PAUL), Reason.ADDRESS),
        (an_address("a@b.example, c@d.example", PAUL), Reason.ADDRESS),
    ],
)
def test_a_wrong_line_is_rejected(line: dict[str, str], reason: Reason) -> None:
    claims, findings = read(line)
    assert claims == []
    assert findings.rejected.kept == [LineRemark(2, reason)]


@pytest.mark.parametrize(
    "address",
    [
        *("a", "a@", "@b.example", "a@b", "a b@c.example", "a@b..example", ".a@b.example", "a.@b.example"),
        *("a@-b.example", "a@b.example\n", "a@b.example)c@d.example", "Paul <a@b.example>", "é@b.example"),
        *("a" * 250 + "@b.example", "a\x00@b.example"),
    ],
)
def test_what_is_no_address(address: str) -> None:
    assert not is_address(address)


@pytest.mark.parametrize("address", ["a@b.example", "jean-noel.d-hoeur@ch-fictif.mssante.example", "o'neil+x@b.fr"])
def test_what_is_an_address(address: str) -> None:
    assert is_address(normalise_address(address.upper()))
