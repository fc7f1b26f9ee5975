"""Which versions there are: believed from their publisher only, and only while it is true."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey

from clients.desktop.releases import ReleasesRefused, compose_releases, parse_releases, read_release_key
from clients.desktop.state.model import Release

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY, OTHER = SigningKey(b"p" * 32), SigningKey(b"q" * 32)
PUBLIC = bytes(KEY.verify_key)
LIST: dict[str, Any] = {
    "sequence": 3,
    "issued_at": NOW,
    "expires_at": NOW + timedelta(days=90),
    "releases": [
        {"version": "0.1.0"},
        {"version": "0.10.0", "page": "https://miss.example/0.10"},
        {"version": "0.2.1", "is_security": True},
    ],
}


def refused(content: bytes, *, now: datetime = NOW, least: int = 0) -> str:
    with pytest.raises(ReleasesRefused) as error:
        parse_releases(content, PUBLIC, now, least)
    return str(error.value.params["reason"])


def test_the_latest_is_told_and_what_lies_between_counts() -> None:
    found = parse_releases(compose_releases(LIST, KEY), PUBLIC, NOW)
    assert found.sequence == 3
    assert found.newer_than("0.1.0") == Release("0.10.0", "https://miss.example/0.10", is_security=True)
    assert found.newer_than("0.9.9") == Release("0.10.0", "https://miss.example/0.10")
    assert found.newer_than("0.10") is None
    assert found.newer_than("1.0.0") is None, "never back"


def test_another_key_and_another_word_are_refused() -> None:
    genuine = compose_releases(LIST, KEY)
    assert refused(compose_releases(LIST, OTHER)) == "signature"
    envelope = msgspec.json.decode(genuine)
    later = msgspec.json.decode(compose_releases(LIST | {"sequence": 4}, OTHER))
    assert refused(msgspec.json.encode(envelope | {"signed": later["signed"]})) == "signature"
    assert refused(b"{}") == "format"
    assert refused(b"x" * 70_000) == "format"


def test_a_list_holds_for_its_time_and_is_not_followed_by_an_older_one() -> None:
    content = compose_releases(LIST, KEY)
    assert refused(content, now=NOW + timedelta(days=90)) == "expired"
    assert refused(content, now=NOW - timedelta(days=2)) == "future"
    assert refused(content, least=4) == "older"
    assert parse_releases(content, PUBLIC, NOW, 3).sequence == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"releases": [{"version": "0.2; rm"}]},
        {"releases": [{"version": "0.2.0", "page": "file:///etc/passwd"}]},
        {"expires_at": "demain"},
        {"expires_at": "2027-01-01T00:00:00"},
    ],
)
def test_what_its_publisher_should_not_have_signed_is_refused_too(wrong: dict[str, Any]) -> None:
    assert refused(compose_releases(LIST | wrong, KEY)) == "format"


def test_a_checkout_has_no_key(tmp_path: Any) -> None:
    assert read_release_key() is None
    file = tmp_path / "release-key.txt"
    file.write_text(PUBLIC.hex() + "\n")
    assert read_release_key(file) == PUBLIC
    file.write_text("pas une clé")
    assert read_release_key(file) is None
