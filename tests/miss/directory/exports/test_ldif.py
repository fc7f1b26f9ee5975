"""LDIF read back by a parser of RFC 2849 written for these tests; tests/openldap has slapd read it."""

import re
from base64 import b64decode
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.directory.exports import Card
from miss.directory.exports.ldif import BASE, attributes, compose_entries, compose_head, dn_of, escape_dn
from tests.miss.directory.exports.cards import CARDS

SAFE = re.compile(r"[\x01-\x09\x0b\x0c\x0e-\x1f\x21-\x39\x3b\x3d-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*")
"""SAFE-STRING of RFC 2849."""
Entry = list[tuple[str, str]]


def parse(content: bytes) -> list[Entry]:
    """Entries in order; raises AssertionError for what the grammar does not have."""
    text = content.decode("ascii")
    assert all(len(line) <= 76 for line in text.split("\n"))
    assert text.endswith("\n\n")
    entries: list[Entry] = []
    for record in text.replace("\n ", "").removesuffix("\n\n").split("\n\n"):
        pairs: Entry = []
        for line in record.split("\n"):
            name, _, rest = line.partition(":")
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*(;binary)?", name), line
            if name.endswith(";binary"):
                assert rest.startswith(": ")
                b64decode(rest[2:], validate=True)
                pairs.append((name, rest[2:]))
            elif rest.startswith(":"):
                pairs.append((name, b64decode(rest[1:].lstrip(" "), validate=True).decode()))
            else:
                value = rest.lstrip(" ")
                assert SAFE.fullmatch(value), line
                assert not value.endswith(" "), line
                pairs.append((name, value))
        entries.append(pairs)
    return entries


def unescape_dn(dn: str) -> str:
    """The value of the first part of a distinguished name (RFC 4514 §3)."""
    value = re.match(r"uid=((?:\\.|[^,\\])*),", dn)
    assert value is not None, dn
    return re.sub(r"\\(00|.)", lambda found: "\0" if found[1] == "00" else found[1], value[1])


@given(st.lists(CARDS, min_size=1, max_size=4))
def test_what_is_read_back_is_what_was_written(cards: Sequence[Card]) -> None:
    holder, *people = parse(compose_head() + compose_entries(cards))
    assert holder[:2] == [("version", "1"), ("dn", BASE)]
    assert len(people) == len(cards)
    for card, pairs in zip(cards, people, strict=True):
        assert pairs[0] == ("dn", dn_of(card))
        assert unescape_dn(pairs[0][1]) == (card.rpps or card.id)
        certificates = [("userCertificate;binary", one) for one in card.certificates]
        assert pairs[1:] == [*attributes(card), *certificates]
        said = dict(pairs)
        assert said["sn"] == (card.family or card.id)
        assert said.get("givenName", "") == card.given
        assert said.get("o", "") == card.organization
        assert [value for name, value in pairs if name == "mail"] == list(card.mailboxes)


@given(st.text(min_size=1, max_size=20))
def test_a_name_is_escaped_so_that_it_stays_one_name(value: str) -> None:
    assert unescape_dn(f"uid={escape_dn(value)},{BASE}") == value


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("a,b", r"a\,b"),
        ("#x", r"\#x"),
        (" x ", r"\ x\ "),
        ("a=b+c", r"a\=b\+c"),
        ('q"<>;\\', r"q\"\<\>\;\\"),
        ("\0", r"\00"),
        (" ", r"\ "),
    ],
)
def test_escapes_are_those_of_the_rfc(value: str, escaped: str) -> None:
    assert escape_dn(value) == escaped


def test_what_a_syntax_does_not_allow_is_left_out() -> None:
    card = Card(
        id="899900000011",
        rpps="99900000011",
        family="Modèle",
        phone="03 20 poste 12",
        mailboxes=("anne@mssante.example", "andré@mssante.example", "ANNE@mssante.example"),
        specialties=("Cardiologie", "cardiologie", "Ｃardiologie", "Dermatologie"),
    )
    said = list(attributes(card))
    assert [value for name, value in said if name == "telephoneNumber"] == []
    assert [value for name, value in said if name == "mail"] == ["anne@mssante.example"]
    assert [value for name, value in said if name == "businessCategory"] == ["Cardiologie", "Dermatologie"]


def test_staff_of_two_establishments_are_two_entries() -> None:
    one, other = (Card(id=f"staff-{number}", rpps="99900000011", family="Modèle") for number in (1, 2))
    assert dn_of(one) == "uid=staff-1,o=MiSS"
    assert dn_of(one) != dn_of(other)
