"""Keys of a store: from a file that nobody else reads, or from a passphrase."""

from pathlib import Path

import pytest

from miss.client.errors import StoreKeyUnsafe
from miss.client.store.keys import key_from_file, key_from_passphrase
from tests.miss.protocol.people import Stream


def test_a_key_file_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "store.key"

    key = key_from_file(path, Stream("a"))

    assert len(key) == 32
    assert key_from_file(path, Stream("b")) == key
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.key"
    key_from_file(path, Stream("a"))
    path.chmod(0o644)

    with pytest.raises(StoreKeyUnsafe):
        key_from_file(path, Stream("a"))


@pytest.mark.parametrize("content", [b"", b"c2hvcnQ=", b"not base64 !"])
def test_a_malformed_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(StoreKeyUnsafe):
        key_from_file(path, Stream("a"))


def test_a_passphrase_gives_the_same_key_with_the_same_salt_only(tmp_path: Path) -> None:
    first = key_from_passphrase("neuf mots tirés au sort", tmp_path / "a.salt", Stream("a"))

    assert len(first) == 32
    assert key_from_passphrase("neuf mots tirés au sort", tmp_path / "a.salt", Stream("b")) == first
    assert key_from_passphrase("neuf mots tirés au hasard", tmp_path / "a.salt", Stream("b")) != first
    assert key_from_passphrase("neuf mots tirés au sort", tmp_path / "b.salt", Stream("b")) != first
