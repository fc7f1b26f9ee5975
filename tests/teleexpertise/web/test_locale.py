"""Every French sentence of the templates has its English."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import GETTEXT_FUNCTIONS, babel_extract

import teleexpertise.web

OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
WEB = Path(teleexpertise.web.__file__).parent


def sentences() -> set[str]:
    """The first form of every message in the templates."""
    found = set()
    for path in (WEB / "templates").glob("*.html"):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, GETTEXT_FUNCTIONS, [], OPTIONS):
                found.add(message if isinstance(message, str) else next(part for part in message or () if part))
    return found


@pytest.fixture(scope="module")
def catalogue() -> dict[str, tuple[str, ...]]:
    """English by French."""
    with (WEB / "locale" / "en.po").open("rb") as file:
        messages = list(read_po(file, locale="en"))
    ids = [message.id if isinstance(message.id, str) else message.id[0] for message in messages if message.id]
    strings = [message.string or "" for message in messages if message.id]
    return {id_: (text,) if isinstance(text, str) else tuple(text) for id_, text in zip(ids, strings, strict=True)}


def test_the_catalogue_is_complete_and_holds_nothing_else(catalogue: dict[str, tuple[str, ...]]) -> None:
    assert catalogue.keys() == sentences()
    assert [french for french, english in catalogue.items() if not all(english)] == []


def test_placeholders_are_the_same_in_both_languages(catalogue: dict[str, tuple[str, ...]]) -> None:
    for french, english in catalogue.items():
        for text in english:
            assert text.count("%(") == french.count("%("), french
