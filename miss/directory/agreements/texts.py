"""The texts themselves: package data, a file for each document, version and language.

`texts/charter.2026-11.fr.txt`: the title on the first line, then the blocks (`miss.directory.agreements.model`).
Earlier versions stay where they are: somebody accepted them.
"""

from pathlib import Path

from miss.base.text import Text
from miss.directory.agreements.model import Agreement, Document

FOLDER = Path(__file__).parent / "texts"


def load_agreements(folder: Path = FOLDER) -> tuple[Agreement, ...]:
    """Every version of every document.  Raises FileNotFoundError if one lacks its English, ValueError for another name.

    A platform that has texts of its own puts them into a folder of its own.
    """
    return tuple(_load(folder, path) for path in sorted(folder.glob("*.fr.txt")))


def _load(folder: Path, path: Path) -> Agreement:
    document, version, _, _ = path.name.split(".")
    french, english = (_read(folder / f"{document}.{version}.{language}.txt") for language in ("fr", "en"))
    return Agreement(Document(document), version, Text(fr=french[0], en=english[0]), Text(fr=french[1], en=english[1]))


def _read(path: Path) -> tuple[str, str]:
    title, _, body = path.read_text(encoding="utf-8").partition("\n")
    return title.strip(), body.strip()
