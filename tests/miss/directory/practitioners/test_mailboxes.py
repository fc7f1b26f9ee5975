"""From the lines of the mailbox correspondence to owners."""

import pytest

from miss.directory.practitioners.extraction import Findings, LineRemark, Reason
from miss.directory.practitioners.mailboxes import MailboxEntry, is_address, normalise_address, read_mailboxes
from tests.miss.directory.extractions import MAILBOX_COLUMNS, an_address, extraction

ANNE, PAUL = "99900000011", "99900000029"


def read(*lines: dict[str, str]) -> tuple[list[MailboxEntry], Findings]:
    findings = Findings()
    return list(read_mailboxes(extraction(MAILBOX_COLUMNS, lines), findings)), findings


def test_the_published_columns() -> None:
    assert len(MAILBOX_COLUMNS) == 31


def test_a_personal_address_has_an_owner_and_is_compared_in_lower_case() -> None:
    entries, findings = read(an_address(" Paul.EXEMPLE@Medecin.mssante.example", PAUL))
    assert entries == [MailboxEntry("paul.exemple@medecin.mssante.example", "899900000029", 2)]
    assert findings == Findings()


def test_the_same_address_twice_for_one_person_is_one_mailbox() -> None:
    entries, findings = read(an_address("a@b.example", PAUL), an_address("A@B.example", PAUL))
    assert [entry.address for entry in entries] == ["a@b.example"]
    assert findings == Findings()


@pytest.mark.parametrize("other", [an_address("A@b.example", ANNE), an_address("a@b.example", kind="ORG")])
def test_an_address_given_to_two_identifies_nobody(other: dict[str, str]) -> None:
    entries, findings = read(an_address("a@b.example", PAUL), other, an_address("c@b.example", PAUL))
    assert [entry.address for entry in entries] == ["c@b.example"]
    assert findings.rejected.kept == [LineRemark(2, Reason.ADDRESS_SHARED), LineRemark(3, Reason.ADDRESS_SHARED)]


def test_mailboxes_of_organisations_are_skipped_and_counted() -> None:
    entries, findings = read(an_address("service@b.example", kind="ORG"), an_address("service@b.example", kind="ORG"))
    assert entries == []
    assert findings == Findings(skipped=2)


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
    entries, findings = read(line)
    assert entries == []
    assert findings.rejected.kept == [LineRemark(2, reason)]


@pytest.mark.parametrize(
    "address",
    [
        "a",
        "a@",
        "@b.example",
        "a@b",
        "a b@c.example",
        "a@b..example",
        ".a@b.example",
        "a.@b.example",
        "a@-b.example",
        "a@b.example\n",
        "a@b.example)c@d.example",
        "Paul <a@b.example>",
        "é@b.example",
        "a" * 250 + "@b.example",
        "a\x00@b.example",
    ],
)
def test_what_is_no_address(address: str) -> None:
    assert not is_address(address)


@pytest.mark.parametrize("address", ["a@b.example", "jean-noel.d-hoeur@ch-fictif.mssante.example", "o'neil+x@b.fr"])
def test_what_is_an_address(address: str) -> None:
    assert is_address(normalise_address(address.upper()))
