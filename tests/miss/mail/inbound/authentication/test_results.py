"""Authentication-Results: whatever stands there is read, or left out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.mail.inbound.authentication.results import (
    parse_statement,
    statements,
    statements_above_received,
)

RFC_8601 = (
    'example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; dkim=pass reason="good; signature (really)" '
    'header.i=@mail-router.example.net; dkim/1=fail header.i="@news\\"letter.example.com"'
)


def test_the_example_of_the_standard() -> None:
    statement = parse_statement(RFC_8601)
    assert statement is not None
    assert statement.authserv_id == "example.com"
    assert [(one.method, one.result, dict(one.properties)) for one in statement.results] == [
        ("auth", "pass", {"smtp.auth": "sender@example.net"}),
        ("dkim", "pass", {"reason": "good; signature (really)", "header.i": "@mail-router.example.net"}),
        ("dkim", "fail", {"header.i": '@news"letter.example.com'}),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", None),
        ("; dkim=pass", None),
        ("mx.example 1; none", []),
        ("mx.example; (dkim=pass header.d=a.example)", []),
        ("mx.example; x=fail (; dkim=pass header.d=a.example", [("x", "fail")]),
        ("mx.example; dkim=pass header.d=a.example header.d=b.example", [("dkim", "pass")]),
        ("MX.Example ; DKIM = PASS Header.D = a.example", [("dkim", "pass")]),
    ],
)
def test_what_is_malformed_is_left_out(value: str, expected: list[tuple[str, str]] | None) -> None:
    statement = parse_statement(value)
    found = None if statement is None else [(one.method, one.result) for one in statement.results]
    assert found == expected
    if statement and "header.d=b" in value:
        assert "header.d" not in statement.results[0].properties, "said twice, it counts for nothing"


def test_only_what_the_last_server_wrote_stands_above_its_received() -> None:
    headers = (
        ("Authentication-Results", "one.example; none"),
        ("Received", "by one.example"),
        ("Authentication-Results", "two.example; none"),
    )
    assert [one.authserv_id for one in statements_above_received(headers)] == ["one.example"]
    assert [one.authserv_id for one in statements(headers)] == ["one.example", "two.example"]


@settings(max_examples=50)
@given(st.text(alphabet='a.=;()"\\ \t@é', max_size=200))
def test_any_value_is_read(value: str) -> None:
    parse_statement(value)
