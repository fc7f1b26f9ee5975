"""A file of the log says what the database says, and what is no such file is refused with its line."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from miss.base.ids import PractitionerId
from miss.directory.audit import (
    GENESIS,
    AuditFileUnreadable,
    Entry,
    Fact,
    Mark,
    Subject,
    compose_line,
    parse_line,
    practitioner_actor,
)
from miss.directory.audit.anchors import sign_anchor
from miss.directory.audit.model import chain, fit

NOW = datetime(2026, 11, 20, 9, 0, 0, 123456, tzinfo=UTC)
ENTRY = chain(GENESIS, Fact(NOW, practitioner_actor(PractitionerId("p")), "request.read", Subject("request", "r")))
ANCHOR = sign_anchor(SigningKey(bytes(32)), Mark.HEAD, ENTRY, NOW)
HASH = "00" * 32


@given(st.text(), st.text(), st.text(), st.text(min_size=1))
def test_an_entry_comes_back_as_it_was(actor: str, detail: str, id_: str, kind: str) -> None:
    entry = chain(GENESIS, fit(Fact(NOW, actor, "request.read", Subject(f"k{kind}", id_), detail)))
    line = compose_line(entry)
    assert "\n" not in line
    assert parse_line(line, 1) == entry


def test_an_anchor_and_an_entry_without_its_fact_come_back_as_they_were() -> None:
    hidden = Entry(ENTRY.number, None, ENTRY.previous, ENTRY.hash)
    assert "practitioner" not in compose_line(hidden)
    assert parse_line(compose_line(hidden), 1) == hidden
    assert parse_line(compose_line(ANCHOR), 1) == ANCHOR


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        '{"type": "entry"}',
        compose_line(ENTRY).replace("entry", "other"),
        compose_line(ENTRY).replace('"number": 1', '"number": true'),
        compose_line(ENTRY).replace('"number": 1', '"number": -1'),
        compose_line(ENTRY).replace('"number": 1', '"number": 9223372036854775808'),
        compose_line(ENTRY).replace("+00:00", ""),
        compose_line(ENTRY).replace('"request.read"', "1"),
        compose_line(ENTRY).replace('["request", "r"]', '["request"]'),
        compose_line(ENTRY).replace(HASH, ""),
        compose_line(ANCHOR).replace('"head"', '"tail"'),
        compose_line(ANCHOR).replace('"signature": "', '"signature": "00'),
        "[" * 10_000,
        compose_line(ENTRY).replace('"detail": ""', f'"detail": "{"x" * 20_000}"'),
    ],
)
def test_another_line_is_refused_with_its_place(line: str) -> None:
    with pytest.raises(AuditFileUnreadable) as caught:
        parse_line(line, 417)
    assert caught.value.params == {"line": 417}
