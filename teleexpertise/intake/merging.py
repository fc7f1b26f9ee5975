"""One draft written from several places: a page left open, another tab, a mail.  Pure.

A page with script says when each answer was last touched, and sends what it touched only; each answer is the one that
was touched last, wherever that was.  So two tabs lose nothing of each other, and what a browser kept while it was
offline never undoes what was written since (teleexpertise.md §3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from teleexpertise.attachments.service import KeptFile
from teleexpertise.questionnaire.model import Answers, AnswerValue, AttachmentRef, QuestionnaireResponse

_NEVER = datetime.min.replace(tzinfo=UTC)
Typed = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, repr=False)
class Touched:
    """What one page changed: `answered_at` names every answer it touched, emptied ones too; `removed` names files."""

    answers: Answers
    unread: Typed
    answered_at: Mapping[str, datetime]
    removed: frozenset[str] = frozenset()


def lay(
    known: QuestionnaireResponse, known_unread: Typed, touched: Touched
) -> tuple[QuestionnaireResponse, dict[str, tuple[str, ...]]]:
    """What the draft holds with `touched` laid over it, and what of it stays not understood."""
    newer = {
        link_id for link_id, instant in touched.answered_at.items() if instant >= known.answered_at.get(link_id, _NEVER)
    }
    answers: dict[str, tuple[AnswerValue, ...]] = {}
    for link_id, values in known.answers.items():
        files = tuple(value for value in values if isinstance(value, AttachmentRef))
        kept = tuple(file for file in files if file.ref not in touched.removed)
        if kept or (not files and link_id not in newer):
            answers[link_id] = kept or values
    answers |= {link_id: values for link_id, values in touched.answers.items() if link_id in newer}
    unread = {link_id: words for link_id, words in known_unread.items() if link_id not in newer}
    unread |= {link_id: words for link_id, words in touched.unread.items() if link_id in newer}
    instants = {link_id: instant for link_id, instant in touched.answered_at.items() if link_id in newer}
    return replace(known, answers=answers, answered_at={**known.answered_at, **instants}), unread


def not_there_yet(files: list[KeptFile], answers: Answers, loose: tuple[AttachmentRef, ...]) -> list[KeptFile]:
    """The files among `files` that the draft does not hold: a browser that got no answer sends a photograph again."""
    held = {value.ref for values in answers.values() for value in values if isinstance(value, AttachmentRef)}
    held |= {ref.ref for ref in loose}
    return [file for file in files if file.ref.ref not in held]
