"""What a page of a draft brought, understood but not judged; and the draft as the page's script wants to hear of it."""

from datetime import datetime
from typing import Any

from miss.base.text import Language
from miss.server.web.zones import FIELD, zone_named
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.drafts import Saved
from teleexpertise.intake.identity_notes import notes_on_identity
from teleexpertise.questionnaire.model import Answers, AttachmentRef, ItemType, Questionnaire
from teleexpertise.questionnaire.parse_form import parse_form_data
from teleexpertise.web.desk import HOME
from teleexpertise.web.form import field_id
from teleexpertise.web.progress import compose_progress
from teleexpertise.web.submitted import REMOVE, Submitted, kept_files

MERGE = "merge"
"""Hidden field of a page whose script tells which answers were touched, and when."""
WISH = "expert"
"""Name of the field that says which expert is asked for; empty: whose turn it is."""
REVISION = "revision"
"""Hidden field: which writing of the draft the page knows."""


def read_page(
    form: Questionnaire, submitted: Submitted, before: Answers, now: datetime, old_form: Questionnaire | None = None
) -> Arrived:
    """The answers on a page.  `before`: those of the draft, whose files stay unless the page takes them away."""
    merges = bool(submitted.first(MERGE))
    kept = {} if merges else kept_files(form, before, submitted)
    parsed = parse_form_data(form, submitted.fields, kept, zone_named(submitted.first(FIELD)))
    misread = {problem.link_id for problem in parsed.problems}
    return Arrived(
        form=form,
        answers=parsed.answers,
        # A browser whose clock runs ahead would go before everybody else for as long.
        answered_at={link_id: min(instant, now) for link_id, instant in parsed.answered_at.items()},
        replaces=not merges,
        merges=merges,
        unread={link_id: tuple(submitted.fields.get(link_id, ())) for link_id in misread},
        removed=frozenset(submitted.fields.get(REMOVE, ())),
        wish=submitted.first(WISH) if WISH in submitted.fields else None,
        old_form=old_form,
    )


def saved_json(form: Questionnaire, saved: Saved, language: Language) -> dict[str, Any]:
    """The answer to an autosave."""
    response = saved.assessment.response
    answers = response.answers if response else {}
    number = saved.request.number
    return {
        "at": saved.at.isoformat(),
        "revision": saved.revision,
        "moved": saved.moved,
        "progress": compose_progress(form, saved.assessment, language).as_json(),
        "files": {
            item.link_id: [_file(number, value) for value in answers.get(item.link_id, ())]
            for item in form.questions()
            if item.type is ItemType.ATTACHMENT
        },
        "loose": [_file(number, file) for file in saved.assessment.content.loose_files],
        "refused": [
            {"target": field_id(file.link_id), "name": file.name, "text": file.error.sentence(language)}
            for file in saved.refused_files
        ],
        "notes": {
            field_id(note.link_id): {"tone": note.tone, "text": note.text.in_(language)}
            for note in notes_on_identity(answers)
        },
    }


def _file(number: str, value: object) -> dict[str, str]:
    if not isinstance(value, AttachmentRef):
        raise TypeError(type(value).__name__)
    return {"ref": value.ref, "name": value.name, "url": f"{HOME}/demandes/{number}/pieces/{value.ref}"}
