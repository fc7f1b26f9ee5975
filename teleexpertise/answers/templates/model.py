"""A text for « Conduite à tenir », the gaps it leaves, and putting it where an answer stands.  Pure.

A gap is a word or two between square brackets: « Revoir dans [délai] ».  Templates hold no patient: they are kept in
clear, private to their owner, and the page says so.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from miss.base.ids import PoolId, PractitionerId
from teleexpertise.answers.templates.errors import TemplateIncomplete, TemplateTooLong

TITLE_CHARS = 80
TEXT_CHARS = 4_000
"""As much as `r.conduite` takes."""
MOST = 200
"""Texts of one owner: more are no longer found."""

_GAP = re.compile(r"\[(?=[^\W\d_])[^\[\]\n]{1,40}\]")


class OwnerKind(StrEnum):
    """Whose a text is."""

    EXPERT = "expert"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class Owner:
    """An expert, or a pool: its members use the text, its coordinator writes it."""

    kind: OwnerKind
    id: str

    @classmethod
    def expert(cls, practitioner_id: PractitionerId) -> "Owner":
        """Somebody's own."""
        return cls(OwnerKind.EXPERT, practitioner_id)

    @classmethod
    def pool(cls, pool_id: PoolId) -> "Owner":
        """A pool's."""
        return cls(OwnerKind.POOL, pool_id)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AnswerTemplate:
    """One text."""

    id: str
    owner: Owner
    title: str
    text: str
    updated_at: datetime
    deleted_at: datetime | None = None
    """Taken away, and still to be had back."""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is to be filled in each time."""
        return gaps_in(self.text)


def written(template: AnswerTemplate, title: str, text: str, now: datetime) -> AnswerTemplate:
    """The template with these words.  Raises TemplateIncomplete, TemplateTooLong."""
    title, text = " ".join(title.split()), text.replace("\r\n", "\n").strip()
    for field, words, most in (("title", title, TITLE_CHARS), ("text", text, TEXT_CHARS)):
        if not words:
            raise TemplateIncomplete(field=field)
        if len(words) > most:
            raise TemplateTooLong(field=field, limit=most)
    return replace(template, title=title, text=text, updated_at=now)


def gaps_in(text: str) -> tuple[str, ...]:
    """The gaps that are still open, in order, each once; a number between brackets is none."""
    return tuple(dict.fromkeys(_GAP.findall(text)))


def inserted(text: str, template: AnswerTemplate) -> str:
    """What is written already, then the template on a line of its own."""
    before = text.replace("\r\n", "\n").rstrip()
    return f"{before}\n{template.text}" if before else template.text
