"""Characters of texts that declare none: guess what bytes were written in, and fold what Latin-1 cannot carry.

Old medical software writes ISO-8859-1, Windows-1252 or MacRoman according to its machine and says nothing about it;
newer ones write UTF-8.  The guess is made for French text and is always reported with the text.

Source: HPRIM readers observed (docs/standards.md); RFC 2046 §4.1.2 for what an undeclared charset means in mail.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARABLE = ("ascii", "utf-8", "utf-16", "iso8859-", "cp125", "cp437", "cp850", "mac-roman")
_C1 = re.compile("[\x80-\x9f]")
_FRENCH = frozenset("àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ’‘“”«»–—…€°²³µ\u00a0")

_REPLACEMENTS = {
    **dict.fromkeys("’‘‚‛ʼ′", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("–—‐‑‒―−", "-"),
    **dict.fromkeys("•‣◦▪●", "-"),
    **dict.fromkeys("\u2028\u2029\u0085\v\f", "\n"),
    "\t": "    ",
    "\u202f": "\u00a0",
    "…": "...",
    "œ": "oe",
    "Œ": "OE",
    "€": "EUR",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "→": "->",
    "←": "<-",
    "⇒": "=>",
    "μ": "µ",
    "‰": " pour mille",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and the charset its bytes were read in (Python's name for it)."""

    text: str
    charset: str
    is_declared: bool = False
    """True: `charset` is what the bytes declared; False: it was guessed."""


def decode_text(data: bytes, declared: str | None) -> Decoded:
    """Decode bytes in the charset they declare, or guess.  Never fails.

    The declaration holds if it names a charset of Western text, fits the bytes, and gives neither a C1 control
    character nor a zero: those come from MacRoman or Windows-1252 declared as ISO-8859-1, and from UTF-16.
    """
    try:
        charset = codecs.lookup(declared or "").name
        text = data.decode(charset) if charset.startswith(_DECLARABLE) else None
    except (LookupError, ValueError):
        text = None
    if text is None or text.startswith("\ufeff") or "\0" in text or _C1.search(text):
        return decode_guessing(data)
    return Decoded(text, charset, is_declared=True)


def decode_guessing(data: bytes) -> Decoded:
    """Decode bytes that declare no charset.  Never fails: Latin-1 reads anything.

    Order: byte-order mark, UTF-16 without one (every other byte is mostly zero), ASCII, UTF-8 (more sequences well
    formed than broken: a cut text is still UTF-8), then whichever of Windows-1252 and MacRoman looks more French;
    `iso8859-1` is reported when no byte lies in 0x80-0x9F, where it differs from Windows-1252.
    """
    for bom, charset in _BOMS:
        if data.startswith(bom):
            return Decoded(data[len(bom) :].decode(charset, "replace"), charset)
    for charset, zeros in (("utf-16-le", data[1::2]), ("utf-16-be", data[::2])):
        if len(data) > 1 and 2 * zeros.count(0) > len(zeros) and 4 * data.count(0) < 3 * len(data):
            return Decoded(data.decode(charset, "replace"), charset)
    if data.isascii():
        return Decoded(data.decode("ascii"), "ascii")
    utf8 = data.decode("utf-8", "replace")
    if sum(-1 if char == "\ufffd" else 1 for char in utf8 if char > "\x7f") > 0:
        return Decoded(utf8, "utf-8")
    western = _decode_western(data)
    mac = Decoded(data.decode("mac-roman"), "mac-roman")
    return mac if _frenchness(mac.text) > _frenchness(western.text) else western


def _decode_western(data: bytes) -> Decoded:
    if any(0x80 <= byte <= 0x9F for byte in data):
        try:
            return Decoded(data.decode("cp1252"), "cp1252")
        except UnicodeDecodeError:
            pass
    return Decoded(data.decode("iso8859-1"), "iso8859-1")


def _frenchness(text: str) -> int:
    """Characters expected in French minus unexpected ones, ASCII aside."""
    return sum(1 if char in _FRENCH else -1 for char in text if char > "\x7f")


def fold_latin1(text: str) -> str:
    """`text` in the characters 0x20-0x7E and 0xA0-0xFF, with `\\n` as its only line break.

    0x80-0x9F are left out of the result because one such byte makes a reader take the file for MacRoman.  What has no
    near equivalent is spelled by its Unicode name in brackets, so that nothing vanishes: « β » is `beta`, « ☎ »
    is `[black telephone]`.
    """
    unbroken = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(map(_fold, unicodedata.normalize("NFC", unbroken)))


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    if char == "\n" or " " <= char <= "~" or "\u00a0" <= char <= "\u00ff":
        return char
    if char in _REPLACEMENTS:
        return _REPLACEMENTS[char]
    category = unicodedata.category(char)
    if category == "Cc":
        return " "
    if category in ("Cf", "Mn", "Me"):
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    if plain and all(" " <= c <= "~" or "\u00a0" <= c <= "\u00ff" for c in plain):
        return plain
    return _spell(char)


def _spell(char: str) -> str:
    name = unicodedata.name(char, f"U+{ord(char):04X}")
    if name.startswith(("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER ")):
        letter = name.split()[3]
        return letter.lower() if "SMALL" in name else letter.capitalize()
    return f"[{name.lower() if ' ' in name else name}]"
