from pathlib import Path

import pytest

from miss.base.random import system_random
from miss.chat.push.wire.keys import FILE, load_or_create_push_keys, load_push_keys, renew_push_key
from miss.directory.signer.errors import OperatorKeysUnusable


def test_the_key_is_made_once_and_for_the_services_eyes_only(tmp_path: Path) -> None:
    made = load_or_create_push_keys(tmp_path, system_random)
    assert load_or_create_push_keys(tmp_path, system_random).current.public == made.current.public
    assert len(made.current.public) == 65
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_renewal_keeps_the_former_key_for_what_is_bound_to_it_and_no_older_one(tmp_path: Path) -> None:
    first = load_or_create_push_keys(tmp_path, system_random).current
    second = renew_push_key(tmp_path, system_random, keep_former=True)
    assert second.find(first.public) is not None
    assert second.current.public != first.public
    third = renew_push_key(tmp_path, system_random, keep_former=True)
    assert third.find(first.public) is None
    assert third.find(second.current.public) is not None


def test_at_once_nothing_of_the_former_key_is_left(tmp_path: Path) -> None:
    load_or_create_push_keys(tmp_path, system_random)
    renewed = renew_push_key(tmp_path, system_random, keep_former=False)
    assert [key.public for key in load_push_keys(tmp_path).all] == [renewed.current.public]


@pytest.mark.parametrize("content", [b"", b"AAAA\n", b"A" * 43 + b"=\n", b"/" * 42 + b"8=\n", b"pas du base64 !\n"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    (tmp_path / FILE).chmod(0o600)
    with pytest.raises(OperatorKeysUnusable):
        load_push_keys(tmp_path)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_or_create_push_keys(tmp_path, system_random)
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(OperatorKeysUnusable):
        load_push_keys(tmp_path)
