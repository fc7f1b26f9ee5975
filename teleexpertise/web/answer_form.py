"""The form of an answer, being written or corrected: whose it is, what was typed, what is missing, the letter it makes.

What is done with it is the pages' business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from miss.documents.hprim import compose_hprim
from teleexpertise.answers.corrections import Corrections
from teleexpertise.answers.service import Answering, Prepared, Preview, Written
from teleexpertise.questionnaire.model import Problem
from teleexpertise.questionnaire.parse_form import parse_form_data
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.reading import Reader, View
from teleexpertise.web.desk import Desk
from teleexpertise.web.form import complaints, compose_fields, refused_complaints
from teleexpertise.web.submitted import KEY, Submitted, kept_files


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The form in one of the rooms that keep answers."""

    desk: Desk
    room: Answering | Corrections

    async def held(self, request: Request) -> View:
        """The request, for the expert who holds it only.  Raises RequestUnknown."""
        view = await self.desk.view(request)
        if view.reader is not Reader.HOLDER:
            raise RequestUnknown
        return view

    async def save(self, request: Request, view: View, submitted: Submitted) -> Prepared:
        """Keep what was typed, and what was kept before and not taken away.  Raises as the room."""
        reader = self.desk.reader(request)
        before = await self.room.open(view.request.id, reader)
        kept = kept_files(before.form, before.response.answers, submitted)
        parsed = parse_form_data(before.form, submitted.fields, kept)
        written = Written(
            source=submitted.first(KEY) or self.desk.service.parts.new_id(),
            answers=parsed.answers,
            answered_at={**before.response.answered_at, **parsed.answered_at},
            files=submitted.files,
            problems=parsed.problems,
        )
        return await self.room.save(view.request.id, reader, written)

    def shown(
        self, request: Request, prepared: Prepared, submitted: Submitted | None, problems: Sequence[Problem]
    ) -> Mapping[str, Any]:
        """What its template needs.  `submitted`: shown as it was typed; `problems`: what is complained of."""
        language = self.desk.language(request)
        refused = refused_complaints(prepared.refused_files, language)
        return {
            "fields": compose_fields(
                prepared.form,
                prepared.response.answers,
                language=language,
                problems=problems,
                raw=submitted.fields if submitted else None,
            ),
            "complaints": [*complaints(problems, language), *refused],
            "submission_key": self.desk.service.parts.new_id(),
        }


def letter_text(preview: Preview) -> str:
    """The letter as the requester's software files it; empty: none leaves."""
    text = compose_hprim(preview.letter).decode("iso-8859-1") if preview.letter else ""
    return text.replace("\r\n", "\n")
