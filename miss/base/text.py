"""Sentences for people, in French first and English second.

Errors and mails carry their sentence beside their code as a `Text`; pages are translated by gettext catalogues
(`locale/en.po` of each package, French being the source language).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_BEFORE: Final = re.compile(r"(?<=\S) (?=[:;?!»](?![\w=]))")
_AFTER: Final = re.compile(r"(?<=«) ")


class Language(StrEnum):
    """The languages the interface speaks (BCP 47)."""

    FR = "fr"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence, or a part of one, in each language; `{name}` placeholders are filled by `in_`."""

    fr: str
    en: str

    def in_(self, language: Language, **params: object) -> str:
        """The sentence in `language`, with its placeholders filled from `params`; texts among them in that language.

        Raises KeyError if the sentence names a parameter that is not given.
        """
        words = {name: value.in_(language) if isinstance(value, Text) else value for name, value in params.items()}
        return (self.fr if language is Language.FR else self.en).format_map(words)

    def __str__(self) -> str:
        return self.en


def typeset_french(words: str) -> str:
    """`words` as French is set: no line begins with « : ; ? ! » », nor ends with « « » (Imprimerie nationale, Lexique).

    For what is shown on a page; what is written as plain text keeps the space that every program reads.
    """
    return _AFTER.sub("\N{NO-BREAK SPACE}", _BEFORE.sub("\N{NO-BREAK SPACE}", words))


def choose_language(accept_language: str | None) -> Language:
    """The language to answer in, from an Accept-Language header (RFC 9110 §12.5.4); French by default."""
    if not accept_language:
        return Language.FR
    ranked: list[tuple[float, Language]] = []
    for rank, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        primary = tag.split("-")[0].lower()
        if primary in {*Language} and weight > 0:
            ranked.append((-weight + rank * 1e-6, Language(primary)))
    return min(ranked)[1] if ranked else Language.FR
