"""Words as the directory compares them: without case, accents, hyphens or apostrophes.

`search_key` is what a practitioner is found by; the query itself is the store's.
"""

import unicodedata
from collections.abc import Iterable

MAX_WORDS = 8
"""Words of a question that count; the others are ignored."""

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})


def fold_words(*texts: str) -> tuple[str, ...]:
    """The words of `texts`: `Jean-Noël D'HŒUR` gives `jean`, `noel`, `d`, `hoeur`.  Letters and digits only."""
    folded = _casefold(_casefold(unicodedata.normalize("NFD", " ".join(texts)))).translate(_LIGATURES)
    base = (character for character in folded if not unicodedata.combining(character))
    return tuple("".join(character if character.isalnum() else " " for character in base).split())


def _casefold(text: str) -> str:
    """Twice this is Unicode's compatibility caseless matching (The Unicode Standard, D146)."""
    return unicodedata.normalize("NFKD", text.casefold())


def search_key(texts: Iterable[str]) -> str:
    """Each word of `texts` once, in order, between spaces: a word is found by the prefix ` wor`."""
    return f" {' '.join(dict.fromkeys(fold_words(*texts)))} "


def question_words(text: str) -> tuple[str, ...]:
    """The words that a practitioner must all have: the first `MAX_WORDS` different ones."""
    return tuple(dict.fromkeys(fold_words(text)))[:MAX_WORDS]
