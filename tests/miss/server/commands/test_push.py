"""`miss push`: the key by which push services know this server, renewed by hand."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from miss.base.random import system_random
from miss.chat.push.wire.keys import load_or_create_push_keys, load_push_keys
from miss.server.commands.push import app


@pytest.mark.parametrize(("words", "kept"), [(["renew"], True), (["renew", "--at-once"], False)])
def test_a_renewal_says_what_becomes_of_the_former_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], kept: bool
) -> None:
    folder = tmp_path / "keys" / "operator"
    folder.mkdir(parents=True)
    former = load_or_create_push_keys(folder, system_random).current.public
    monkeypatch.setenv("MISS_DATA_DIR", str(tmp_path))
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "redémarrez les serveurs" in done.output
    assert ("sert encore" in done.output) is kept
    keys = load_push_keys(folder)
    assert keys.current.public != former
    assert (keys.find(former) is not None) is kept
