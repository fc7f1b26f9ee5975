"""Which words a misspelt one may stand for.  Pure.

Symmetric deletion (Garbe's SymSpell): two words within one edit of each other share a key when one letter is left
out of either, so a typing mistake is found by a few look-ups in an ordinary index, the same on every database.
Beside these, one key says how a French name sounds: `Lefèvre` and `Lefebvre` are two edits apart and one name to
the ear.  Whatever shares a key is then measured (`distance`), for keys also bring strangers together.
"""

import re
from collections.abc import Iterable

MIN_LETTERS = 4
"""Shorter words have too many neighbours to guess among."""
KEYED_LETTERS = 7
"""Keys are made of a word's beginning; a mistake further on does not change them."""

_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"sch|sh", "ch"),
        (r"aul[td](?=s?$)", "o"),
        (r"e?aux?", "o"),
        (r"qu?|ck?h|ck|c(?![eiyh])", "k"),
        (r"ch", "5"),
        (r"c(?=[eiy])|ss|z", "s"),
        (r"g(?=[eiy])", "j"),
        (r"h", ""),
        (r"bv|w", "v"),
        (r"ain|ein|in|ym|yn|im", "1"),
        (r"[ae][nm](?![aeiouy])", "2"),
        (r"o[nm](?![aeiouy])", "3"),
        (r"ai|ei|est", "e"),
        (r"oeu|eu", "e"),
        (r"y", "i"),
        (r"(.)\1+", r"\1"),
        (r"(?<=.)(?:[estdxp]|er|ez|re)+$", ""),
    )
)


def sound(word: str) -> str:
    """A rough spelling of how a folded word sounds in French."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


def keys(word: str) -> set[str]:
    """What `word` (folded) is remembered under, and looked up by; none for a short word."""
    if len(word) < MIN_LETTERS:
        return set()
    start = word[:KEYED_LETTERS]
    return {start, f"~{sound(word)}", *(start[:place] + start[place + 1 :] for place in range(len(start)))}


def distance(one: str, other: str) -> int:
    """Edits between two words: insertions, deletions, substitutions, swaps of neighbours (optimal alignment)."""
    two_above: list[int] = []
    above = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        row = [i + 1]
        for j, against in enumerate(other):
            cost = min(above[j + 1] + 1, row[j] + 1, above[j] + (letter != against))
            if i and j and letter == other[j - 1] and one[i - 1] == against:
                cost = min(cost, two_above[j - 1] + 1)
            row.append(cost)
        two_above, above = above, row
    return above[-1]


def nearest(word: str, candidates: Iterable[str], limit: int) -> list[str]:
    """The candidates that `word` may stand for, likeliest first: one edit (two in a long word), or the same sound."""
    allowed = 1 if len(word) < KEYED_LETTERS else 2
    said = sound(word)
    ranked = [
        (edits - (sound(candidate) == said), edits, candidate)
        for candidate in candidates
        if candidate != word and (((edits := distance(word, candidate)) <= allowed) or sound(candidate) == said)
    ]
    return [candidate for _, _, candidate in sorted(ranked)[:limit]]
