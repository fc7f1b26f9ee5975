"""One tree of errors, one table of codes."""

import re
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from miss.base.errors import RETRY_AFTER_S, BadInput, MissError, NotFound, TooMany, Unavailable, error_table
from miss.base.text import Language, Text

ROOT = Path(__file__).parents[3]


def _all_errors() -> list[type[MissError]]:
    for path in sorted([*(ROOT / "miss").rglob("errors.py"), *(ROOT / "teleexpertise").rglob("errors.py")]):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return [error for error in error_table().values() if not error.__module__.startswith("tests.")]


def test_every_error_says_what_it_is_in_both_languages() -> None:
    for error in _all_errors():
        assert re.fullmatch(r"[a-z][a-z0-9_]+", error.code), error
        assert error.__doc__, error
        names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (error.text.fr, error.text.en)]
        assert names[0] == names[1], f"{error.code}: the two sentences name different parameters"


def test_a_code_belongs_to_one_error() -> None:
    with pytest.raises(TypeError, match="not_found"):
        type("Another", (BadInput,), {"code": "not_found"})


def test_an_error_shows_its_code_and_parameters() -> None:
    class TooEarly(BadInput):
        code = "test_too_early"
        text = Text(fr="Revenez dans {wait_s} s.", en="Come back in {wait_s} s.")

    error = TooEarly(wait_s=3)
    assert str(error) == "test_too_early wait_s=3"
    assert error.sentence(Language.FR) == "Revenez dans 3 s."
    assert NotFound().http_status == 404


def test_what_passes_by_itself_says_when() -> None:
    """What HTTP writes into Retry-After: whole seconds, never too early."""
    assert TooMany(retry_after_s=7).retry_after_s == 7
    assert TooMany(retry_after_s=0.2).retry_after_s == 1
    assert (TooMany().retry_after_s, Unavailable().retry_after_s) == (RETRY_AFTER_S, RETRY_AFTER_S)
    assert BadInput(retry_after_s=7).retry_after_s is None
