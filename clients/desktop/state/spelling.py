"""Which parts of a text are words that a dictionary may be asked about.  Pure."""

import re
from collections.abc import Iterator
from typing import Final

_CHUNK: Final = re.compile(r"\S+")
_NO_WORDS: Final = re.compile(r"[\d@_/\\]|\w\.\w")
"""Numbers with their units, addresses, paths."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:[’'\-][^\W\d_]+)*")


def words_of(text: str) -> Iterator[tuple[int, str]]:
    """Each word and where it begins; capitals alone are an abbreviation (« HTA »), a single letter is none."""
    for chunk in _CHUNK.finditer(text):
        if _NO_WORDS.search(chunk[0]):
            continue
        for found in _WORD.finditer(text, *chunk.span()):
            if len(found[0]) > 1 and not found[0].isupper():
                yield found.start(), found[0]


def plain(word: str) -> str:
    """As dictionaries write it: with a straight apostrophe."""
    return word.replace("’", "'")
