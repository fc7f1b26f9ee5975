"""HTTP tokens."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import DeviceId
from miss.chat.devices.errors import TokenRefused
from miss.chat.devices.tokens import VALIDITY, compose_token, parse_token

KEY = b"k" * 32
DID = DeviceId(b"d" * 16)
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_a_token_stands_for_its_device_for_ten_minutes() -> None:
    token = compose_token(KEY, DID, NOW)
    assert parse_token(KEY, token, NOW) == DID
    assert parse_token(KEY, token, NOW + VALIDITY - timedelta(seconds=1)) == DID
    with pytest.raises(TokenRefused):
        parse_token(KEY, token, NOW + VALIDITY)


def test_a_token_of_another_installation_is_refused() -> None:
    with pytest.raises(TokenRefused):
        parse_token(b"x" * 32, compose_token(KEY, DID, NOW), NOW)


@given(st.integers(0, 73), st.characters(codec="ascii"))
def test_no_character_of_a_token_can_be_changed(place: int, other: str) -> None:
    token = compose_token(KEY, DID, NOW)
    changed = token[:place] + other + token[place + 1 :]
    if changed != token:
        with pytest.raises(TokenRefused):
            parse_token(KEY, changed, NOW)


@given(st.text(max_size=120))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(TokenRefused):
        parse_token(KEY, text, NOW)
