"""The bench of the protocol measures what it says, on very few people."""

import sys

import pytest

from bench import protocol_costs


def test_it_prints_a_row_for_each_operation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--members", "2", "3", "--repeat", "1"])
    protocol_costs.main()
    conversation, person = capsys.readouterr().out.split("\n\n")[1:]
    assert conversation.splitlines()[0] == "| operation | 2 members | 3 members |"
    lines = [line.strip("| ") for line in (conversation + "\n" + person).splitlines()]
    rows = dict(line.split(" | ", 1) for line in lines if " ms" in line)
    assert rows["remove a member (author)"].startswith("– | ")
    for operation in ("create (author)", "send a text of 300 letters", "open it", "verify its proof", "verify a link"):
        assert operation in rows
    assert rows["vault of 1,000 epochs: seal"].startswith("72 kB, ")
