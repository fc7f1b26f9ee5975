"""Codes of 26 characters that people read and type: Crockford's base32, 130 bits.  protocol §2

The alphabet is the digits and the capital letters without I, L, O and U.  Printed in groups; typed in any case, with
spaces and dashes anywhere, I or L for 1 and O for 0.  There is no check character: what a code opens is
authenticated, so a typing mistake shows there; a character outside the alphabet shows here, with its place.

Refuses: any other length; guessing what a wrong character may have meant.
"""

import unicodedata
from typing import Final

from miss.base.random import RandomBytes
from miss.protocol.errors import BadCode

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_CHARACTERS: Final = 26
SECRET_BYTES: Final = 17
"""130 bits, after six zero bits."""
_GROUPS: Final = (5, 5, 5, 5, 6)

_CANONICAL: Final = {
    **{character: character for character in ALPHABET},
    **{character.lower(): character for character in ALPHABET},
    **dict.fromkeys("IiLl", "1"),
    **dict.fromkeys("Oo", "0"),
}


def compose_code(random_bytes: RandomBytes) -> str:
    """A new code, in groups as printed: `XXXXX-XXXXX-XXXXX-XXXXX-XXXXXX`.  Draws 17 random bytes."""
    number = int.from_bytes(random_bytes(SECRET_BYTES), "big")
    return format_code("".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(CODE_CHARACTERS))))


def format_code(code: str) -> str:
    """A code as `parse_code` gives it, in groups as printed."""
    starts = [sum(_GROUPS[:group]) for group in range(len(_GROUPS))]
    return "-".join(code[start : start + size] for start, size in zip(starts, _GROUPS, strict=True))


def parse_code(text: str, error: type[BadCode] = BadCode) -> str:
    """The 26 characters of the code in `text`, in their canonical form, without separators.

    Raises `error` with `reason` and the `position` (from 1, separators not counted) of the first character that is
    not in the alphabet, missing or too many.
    """
    code = ""
    for character in text:
        if _separates(character):
            continue
        position = len(code) + 1
        if position > CODE_CHARACTERS:
            raise error(reason="too_long", position=position)
        if character not in _CANONICAL:
            raise error(reason="alphabet", position=position)
        code += _CANONICAL[character]
    if len(code) < CODE_CHARACTERS:
        raise error(reason="too_short", position=len(code) + 1)
    return code


def _separates(character: str) -> bool:
    """Spaces, and dashes of every kind: keyboards and printers replace the plain one."""
    return character.isspace() or unicodedata.category(character) == "Pd"


def code_secret(code: str) -> bytes:
    """What a code says, 17 bytes: its 130 bits, big-endian, left-padded with zeros.  Raises BadCode."""
    number = 0
    for character in parse_code(code):
        number = number << 5 | ALPHABET.index(character)
    return number.to_bytes(SECRET_BYTES, "big")
