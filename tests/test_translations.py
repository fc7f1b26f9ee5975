"""Every French string of the pages has its English, and no catalogue holds a string that no page shows."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "house": (ROOT / "miss/server/web", ROOT / "miss/server/web/locale/en.po"),
    "teleexpertise": (ROOT / "teleexpertise", ROOT / "teleexpertise/web/locale/en.po"),
}
SOURCES = [("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2"), ("**.py", "python")]


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_english_is_complete(package: str) -> None:
    folder, catalogue_path = PACKAGES[package]
    options = {glob: {"trimmed": "true", "silent": "false"} for glob, method in SOURCES if method == "jinja2"}
    shown = {_first(message) for _, _, message, _, _ in extract_from_dir(folder, SOURCES, options)}
    with catalogue_path.open("rb") as file:
        catalogue = {_first(message.id): message for message in read_po(file, locale="en") if message.id}
    assert shown - catalogue.keys() == set(), f"add these to {catalogue_path}"
    assert catalogue.keys() - shown == set(), "no page shows these any more"
    for french, message in catalogue.items():
        assert message.string, f"no English for {french!r}"
        assert list(message.check()) == [], f"placeholders differ in {french!r}"
