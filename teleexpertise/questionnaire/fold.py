"""Words compared as people mean them: without case, accents, spacing or the typography that mail software changes.

A mail may come back in ISO-8859-1 with « oe » for « œ », straight quotes, no-break spaces; labels and options must
still be recognised.
"""

import re
import unicodedata

_SPELT = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "≤": "<=",
        "≥": ">=",
        "→": "->",
        "’": "'",
        "‘": "'",
        "–": "-",
        "—": "-",
        "‑": "-",
        "−": "-",
        "×": "x",
    }
)
_TRAILING = re.compile(r"(\s*\([^()]*\)|\s*\*|\s*[?.])$")


def fold(text: str) -> str:
    """Lower case, no accent, no white space, plain quotes and dashes: `« Œil rouge »` gives `«oeilrouge»`."""
    spelt = unicodedata.normalize("NFC", text).casefold().translate(_SPELT)
    letters = unicodedata.normalize("NFKD", spelt)
    return "".join(letter for letter in letters if not unicodedata.combining(letter) and not letter.isspace())


def keys(text: str) -> tuple[str, ...]:
    """The forms under which `text` is recognised: whole, then without what ends it (`(mm)`, `*`, `?`)."""
    found = [fold(text)]
    while (shorter := _TRAILING.sub("", text.rstrip())) != text:
        text = shorter
        if (key := fold(text)) and key not in found:
            found.append(key)
    return tuple(key for key in found if key)
