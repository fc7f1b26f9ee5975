"""Words as the directory compares them: without case, accents, hyphens or apostrophes.  Pure."""

import unicodedata
from functools import lru_cache

MAX_WORDS = 8
"""Words of a question that count; the others are ignored."""

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))


def fold_words(*texts: str) -> tuple[str, ...]:
    """The words of `texts`: `Jean-Noël D'HŒUR` gives `jean`, `noel`, `d`, `hoeur`.  Letters and digits only."""
    return tuple(fold(" ".join(texts)).split())


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """The words of `text`, one space between them.  Remembered: a register repeats its names by the thousand."""
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    folded = _casefold(_casefold(unicodedata.normalize("NFD", text))).translate(_LIGATURES)
    base = (character for character in folded if not unicodedata.combining(character))
    return " ".join("".join(character if character.isalnum() else " " for character in base).split())


def _casefold(text: str) -> str:
    """Twice this is Unicode's compatibility caseless matching (The Unicode Standard, D146)."""
    return unicodedata.normalize("NFKD", text.casefold())


def question_words(text: str) -> tuple[str, ...]:
    """The words that a practitioner must all have: the first `MAX_WORDS` different ones."""
    return tuple(dict.fromkeys(fold_words(text)))[:MAX_WORDS]
