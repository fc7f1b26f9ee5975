"""XFORWARD, as Postfix writes it."""

import pytest

from miss.mail.inbound.door.forwarded import ForwardMalformed, parse_forwarded


@pytest.mark.parametrize(
    ("argument", "client"),
    [
        ("ADDR=192.0.2.7", "192.0.2.7"),
        ("NAME=mx.labo.example ADDR=IPv6:2001:DB8::1 PROTO=ESMTP", "2001:db8::1"),
        ("ADDR=[UNAVAILABLE]", ""),
        ("addr=192+2E0.2.7", "192.0.2.7"),
        ("HELO=x SOURCE=REMOTE PORT=4711", None),
    ],
)
def test_postfix_says_for_whom_it_speaks(argument: str, client: str | None) -> None:
    assert parse_forwarded(argument) == client


@pytest.mark.parametrize("argument", ["ADDR=elsewhere", "ADDR", "COLOUR=red", "ADDR=1.2.3.4.5"])
def test_anything_else_is_refused(argument: str) -> None:
    with pytest.raises(ForwardMalformed):
        parse_forwarded(argument)
