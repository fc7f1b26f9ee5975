"""What became of the mails of a request, on its page: values for `_mails.html`.

Shown are those to the requester, and the answers whoever they went to: what left for the experts who were asked is the
pool's own business.
"""

from dataclasses import dataclass
from typing import Any, Final

from miss.base.text import Language, Text
from miss.mail.trace.model import Stage, TimelineEntry
from miss.mail.trace.service import Traced
from teleexpertise.requests.reading import View
from teleexpertise.web.desk import Desk

_ANSWER: Final = Text(fr="Avis", en="Answer")
_NOTICE: Final = Text(fr="Courriel de suivi", en="Notice")
_HAPPY: Final = frozenset({Stage.DELIVERED, Stage.DISPLAYED, Stage.PROCESSED, Stage.INTEGRATED})
_UNHAPPY: Final = frozenset(
    {Stage.REFUSED, Stage.EXPIRED, Stage.WITHDRAWN, Stage.FAILED, Stage.REJECTED, Stage.DELETED}
)


@dataclass(frozen=True, slots=True)
class ShownMail:
    """One mail."""

    label: str
    recipient: str
    stage: str
    badge: str
    """The end of a CSS class: `ok`, `late`, or empty."""
    entries: tuple[TimelineEntry, ...]


async def mails_of(desk: Desk, view: View, language: Language) -> dict[str, Any]:
    """`mails`, the answers first."""
    parts = desk.service.parts
    requester = await parts.practitioners.get(view.request.requester)
    traced = await parts.trace.list_about(f"request:{view.request.id}")
    told = [one for one in traced if one.mailed.author or one.mailed.recipient in requester.letterboxes]
    told.sort(key=lambda one: not one.mailed.author)
    return {"mails": tuple(_shown(one, language) for one in told)}


def _shown(traced: Traced, language: Language) -> ShownMail:
    stage, entries = traced.mailed.stage, traced.timeline
    named = next((entry.name for entry in reversed(entries) if entry.stage is stage), entries[-1].name)
    return ShownMail(
        (_ANSWER if traced.mailed.author else _NOTICE).in_(language),
        traced.mailed.recipient,
        named.in_(language),
        "ok" if stage in _HAPPY else "late" if stage in _UNHAPPY else "",
        tuple(entries),
    )
