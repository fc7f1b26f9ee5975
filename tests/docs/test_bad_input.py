"""The table of bad input in docs/mail.md: every test that it names stands."""

import ast
import re

from tests.docs.tree import ROOT, read

_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
WANTED = (
    "FIN", "injection", "two From", "display name", "smuggling", "MacRoman", "UTF-16", "13 lines", "two patients",
    "XML bomb", "external entity", "zip slip", "JavaScript", "winmail", "empty body", "INS key",
)  # fmt: skip
"""What issue « Secure mail channel » names."""


def section() -> str:
    return read(ROOT / "docs/mail.md").partition("## Bad input\n")[2].partition("\n## ")[0]


def test_every_test_that_is_named_stands() -> None:
    named = set(_NAMED.findall(section()))
    assert len(named) > 15
    missing = [
        f"{path}::{name}"
        for path, name in named
        if name not in {node.name for node in ast.walk(ast.parse(read(ROOT / path))) if hasattr(node, "name")}
    ]
    assert missing == []


def test_nothing_is_left_out() -> None:
    rows = [line for line in section().splitlines() if line.startswith("|")]
    for words in WANTED:
        assert any(words in row.split("|")[1] and _NAMED.search(row) for row in rows), words
