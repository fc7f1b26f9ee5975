"""Words that people read aloud or type: the BIP-39 lists in French and English, 2048 words, 11 bits each.  protocol §2

The lists come from the package `mnemonic`; nothing else of BIP-39 is used, neither its checksum nor its derivation.
Words are compared without accents and case, and joined by one space: what counts is `fold`ed, plain ASCII.

Refuses: a phrase that mixes the languages; words that somebody chose.
"""

import re
import unicodedata
from functools import cache
from itertools import takewhile
from typing import Final

from mnemonic import Mnemonic

from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.protocol.errors import BadRecoveryPassphrase

WORD_BITS: Final = 11
PASSPHRASE_WORDS: Final = 8
"""88 bits, and Argon2id before each guess."""
_MAX_TEXT: Final = 1024

_LISTS: Final = {Language.FR: "french", Language.EN: "english"}


@cache
def wordlist(language: Language = Language.FR) -> tuple[str, ...]:
    """The 2048 words, as they are shown."""
    return tuple(unicodedata.normalize("NFC", word) for word in Mnemonic(_LISTS[language]).wordlist)


def fold(text: str) -> str:
    """`text` without accents, in lower case, its words joined by one space: NFKD, then ASCII letters only."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return " ".join(re.findall(r"[a-z]+", plain))


def words_of(bits: bytes, count: int, words: tuple[str, ...]) -> tuple[str, ...]:
    """The first `count` groups of 11 bits, each as its word."""
    number = int.from_bytes(bits, "big") >> 8 * len(bits) - WORD_BITS * count
    return tuple(words[number >> WORD_BITS * place & 2047] for place in reversed(range(count)))


def compose_passphrase(random_bytes: RandomBytes, language: Language = Language.FR) -> str:
    """Eight words drawn by the program, joined by one space.  Draws 11 random bytes."""
    return " ".join(words_of(random_bytes(WORD_BITS), PASSPHRASE_WORDS, wordlist(language)))


def parse_passphrase(text: str) -> str:
    """The eight words in `text`, folded and joined by one space.

    Raises BadRecoveryPassphrase with `reason` and the `position` (from 1) of the first word that is in neither list,
    missing or too many.
    """
    words = fold(text[:_MAX_TEXT]).split()
    known = max(sum(1 for _ in takewhile(_folded(language).__contains__, words)) for language in _LISTS)
    if known < min(len(words), PASSPHRASE_WORDS):
        raise BadRecoveryPassphrase(reason="unknown_word", position=known + 1)
    if len(words) != PASSPHRASE_WORDS:
        reason = "too_short" if len(words) < PASSPHRASE_WORDS else "too_long"
        raise BadRecoveryPassphrase(reason=reason, position=min(len(words), PASSPHRASE_WORDS) + 1)
    return " ".join(words)


@cache
def _folded(language: Language) -> frozenset[str]:
    return frozenset(fold(word) for word in wordlist(language))
