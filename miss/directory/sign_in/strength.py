"""How strong a password is, in bits, and what would make it stronger.  Pure.

CNIL 2022-100 asks for 50 bits where tries are throttled.  The estimate is zxcvbn's: dictionaries, keyboards, dates,
repeats; completed by French words, and by another count of what no dictionary knows: a run of letters is taken for a
word of some language (`BITS_PER_LETTER`), other characters for random ones.  The estimate errs on the low side.
"""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from zxcvbn.matching import RANKED_DICTIONARIES, build_ranked_dict, omnimatch
from zxcvbn.scoring import most_guessable_match_sequence

from miss.base.text import Text
from miss.directory.practitioners import Practitioner

ENOUGH_BITS = 50
"""CNIL 2022-100, with throttled tries."""
JUDGED_CHARACTERS = 72
"""The work grows with the square of the length; what comes after adds nothing to the estimate."""
BITS_PER_LETTER = 3.0
"""Of a word: between Shannon's 2.3 for long texts and the 4.1 of letters drawn by their frequency."""
WORD_LETTERS = 4
"""Letters in a row that may be a word."""
SPACE_BITS = 1.0
MIN_PERSONAL_LETTERS = 4
ANYWHERE_LETTERS = 6
"""Shorter names count as words of their own only: « année » is nobody's name."""

_CLASSES = ((str.isdigit, 10), (str.islower, 26), (str.isupper, 26))
_OTHERS = 33


class Weakness(StrEnum):
    """What makes a password easy to guess."""

    COMMON = "common"
    WORDS = "words"
    NAME = "name"
    KEYBOARD = "keyboard"
    REPEAT = "repeat"
    SEQUENCE = "sequence"
    DATE = "date"


ADVICE: Mapping[Weakness, Text] = {
    Weakness.COMMON: Text(
        fr="Une partie figure parmi les mots de passe les plus employés.",
        en="Part of it is among the most used passwords.",
    ),
    Weakness.WORDS: Text(
        fr="Ajoutez un ou deux mots sans lien avec les autres.",
        en="Add a word or two, unrelated to the others.",
    ),
    Weakness.NAME: Text(
        fr="Les noms et prénoms se devinent vite.",
        en="Names are quickly guessed.",
    ),
    Weakness.KEYBOARD: Text(
        fr="Les suites de touches voisines se devinent vite.",
        en="Rows of neighbouring keys are quickly guessed.",
    ),
    Weakness.REPEAT: Text(
        fr="Une répétition n'ajoute presque rien.",
        en="Repeating adds next to nothing.",
    ),
    Weakness.SEQUENCE: Text(
        fr="Les suites telles que « abc » ou « 6543 » se devinent vite.",
        en="Sequences such as “abc” or “6543” are quickly guessed.",
    ),
    Weakness.DATE: Text(
        fr="Les dates et les années se devinent vite.",
        en="Dates and years are quickly guessed.",
    ),
}


@dataclass(frozen=True, slots=True)
class Strength:
    """An estimate; it holds no part of the password."""

    bits: int
    """Rounded down."""
    weaknesses: tuple[Weakness, ...]

    @property
    def is_enough(self) -> bool:
        """As strong as the pages ask for."""
        return self.bits >= ENOUGH_BITS

    @property
    def advice(self) -> tuple[Text, ...]:
        """What to do; nothing for a password that is strong enough."""
        return () if self.is_enough else tuple(ADVICE[weakness] for weakness in self.weaknesses)


def estimate(password: str, personal: Sequence[str] = ()) -> Strength:
    """Estimate `password` (NFC); `personal` words count as the first that somebody would try.

    Milliseconds of work for long passwords: keep it off the event loop.
    """
    judged = unicodedata.normalize("NFC", password)[:JUDGED_CHARACTERS]
    if not judged:
        return Strength(0, (Weakness.WORDS,))
    # The library's own entry point keeps the personal words in a global.
    dictionaries = {
        **RANKED_DICTIONARIES,
        "french": _french_words(),
        "user_inputs": build_ranked_dict([word.lower() for word in personal]),
    }
    matches = omnimatch(judged, _ranked_dictionaries=dictionaries)
    found: list[Mapping[str, Any]] = [*most_guessable_match_sequence(judged, matches)["sequence"]]
    bits = sum(_match_bits(match) for match in found)
    weaknesses = dict.fromkeys(weakness for match in found if (weakness := _weakness(match)))
    return Strength(math.floor(bits), (*weaknesses, *(() if Weakness.WORDS in weaknesses else (Weakness.WORDS,))))


def personal_words(practitioner: Practitioner) -> tuple[str, ...]:
    """What everybody may know of somebody: names, number, mailboxes."""
    boxes = (part for address in practitioner.mailboxes for part in (address, address.split("@")[0]))
    return tuple(word for word in (practitioner.family, practitioner.given, practitioner.rpps or "", *boxes) if word)


def holds_personal_word(password: str, personal: Sequence[str]) -> bool:
    """True if a name, number or address of the person is in it, whatever the accents, case and separators."""
    squeezed, own_words = _squeeze(password), {_squeeze(word) for word in _split(password)}
    parts = {_squeeze(part) for word in personal for part in (word, *_split(word))}
    return any(
        part in own_words or (len(part) >= ANYWHERE_LETTERS and part in squeezed)
        for part in parts
        if len(part) >= MIN_PERSONAL_LETTERS
    )


@cache
def _french_words() -> dict[str, int]:
    lines = files("miss.directory.sign_in").joinpath("french_words.txt").read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    ranks: dict[str, int] = {}
    for rank, word in enumerate(words, 1):
        ranks.setdefault(word, rank)
        ranks.setdefault(_strip_accents(word), rank)
    return ranks


def _match_bits(match: Mapping[str, Any]) -> float:
    if match["pattern"] != "bruteforce":
        return math.log2(max(match["guesses"], 1))
    return _unknown_bits(match["token"])


def _unknown_bits(token: str) -> float:
    """Of what no dictionary knows."""
    bits, others = 0.0, ""
    for letters, group in groupby(token, key=_is_letter):
        run = "".join(group)
        if letters and len(run) >= WORD_LETTERS and (run[1:].islower() or run.isupper()):
            bits += BITS_PER_LETTER * len(run)
        elif run == " ":
            bits += SPACE_BITS
        else:
            others += run
    return bits + len(others) * math.log2(_alphabet(others))


def _is_letter(character: str) -> bool:
    return character.isalpha()


def _alphabet(characters: str) -> int:
    sizes = [size for is_in, size in _CLASSES if any(map(is_in, characters))]
    has_others = any(not any(is_in(character) for is_in, _ in _CLASSES) for character in characters)
    return max(sum(sizes) + (_OTHERS if has_others else 0), 2)


def _weakness(match: Mapping[str, Any]) -> Weakness | None:
    pattern = match["pattern"]
    if pattern == "dictionary":
        return _DICTIONARIES.get(match["dictionary_name"], Weakness.NAME)
    return _PATTERNS.get(pattern)


_DICTIONARIES = {
    "passwords": Weakness.COMMON,
    "french": Weakness.WORDS,
    "english_wikipedia": Weakness.WORDS,
    "us_tv_and_film": Weakness.WORDS,
}
_PATTERNS = {
    "spatial": Weakness.KEYBOARD,
    "repeat": Weakness.REPEAT,
    "sequence": Weakness.SEQUENCE,
    "date": Weakness.DATE,
    "regex": Weakness.DATE,
}


def _strip_accents(text: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", text) if not unicodedata.combining(part))


def _squeeze(text: str) -> str:
    return "".join(character for character in _strip_accents(text.casefold()) if character.isalnum())


def _split(text: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in text).split()
