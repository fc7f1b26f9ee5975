"""What helps an expert write: texts to insert, codes to pick, the place of the act among the year's.

Each works without script: its button posts the answer form, which keeps what was typed and comes back changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.ids import PractitionerId
from miss.server.web.access import signed_in
from teleexpertise.answers.gaps import CONDUCT
from teleexpertise.answers.templates.model import inserted
from teleexpertise.billing.model import BILLING_ITEM, Role
from teleexpertise.diagnoses import SHORT_LIST_SOURCE
from teleexpertise.diagnoses.model import TEXT_ITEM, Diagnosis
from teleexpertise.requests.reading import View
from teleexpertise.web.desk import Desk
from teleexpertise.web.submitted import Submitted

ACT, TEMPLATE, PICK = "act", "template", "pick"
INSERT, SEARCH = "insert", "search"

BEFORE = {CONDUCT: "teleexpertise/_templates_aid.html"}
AFTER = {TEXT_ITEM: "teleexpertise/_diagnosis_aid.html", BILLING_ITEM: "teleexpertise/_billing_aid.html"}
"""What the form shows before and after the control of an item."""


@dataclass(frozen=True, slots=True)
class AnswerAids:
    """The aids of the answer page."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these aids."""
        return [Route("/cim10", self.codes)]

    @signed_in
    async def codes(self, request: Request) -> Response:
        """Diagnoses for what was typed, as JSON, for the picker."""
        self.desk.reader(request)
        found = await self.desk.service.diagnoses.search(request.query_params.get("q", ""))
        body = [{"code": one.code, "label": one.label, "words": one.words} for one in found]
        return JSONResponse(body, headers={"Cache-Control": "private, max-age=300"})

    async def act(self, submitted: Submitted, reader: PractitionerId) -> Submitted | None:
        """The form after the button of an aid; None: another button was pressed.

        Raises TemplateUnknown for a text that is not the reader's to use.
        """
        fields = submitted.fields
        if submitted.first(PICK):
            words = await self.desk.service.diagnoses.get_words(submitted.first(PICK))
            return _with(submitted, TEXT_ITEM, words or submitted.first(TEXT_ITEM))
        match submitted.first(ACT):
            case "insert":
                if not submitted.first(TEMPLATE):
                    return submitted
                template = await self.desk.service.templates.get(submitted.first(TEMPLATE), reader)
                return _with(submitted, CONDUCT, inserted("\n".join(fields.get(CONDUCT, ())), template))
            case "search":
                return submitted
        return None

    async def context(self, view: View, reader: PractitionerId, submitted: Submitted | None) -> Mapping[str, Any]:
        """What the aids' templates show."""
        service = self.desk.service
        found: list[Diagnosis] | None = None
        if submitted is not None and submitted.first(ACT) == SEARCH:
            found = await service.diagnoses.search(submitted.first(TEXT_ITEM))
        patient = view.seen.content.patient if view.seen else None
        return {
            "aids_before": BEFORE,
            "aids_after": AFTER,
            "shelves": await service.templates.shelves(reader),
            "found_codes": found,
            "codes_source": SHORT_LIST_SOURCE,
            "codes_edition": await service.diagnoses.find_edition(),
            "counter": await service.billing.next_act(Role.EXPERT, reader, patient, apart_from=view.request.id),
            "here": f"/teleexpertise/demandes/{view.request.number}/repondre",
        }


def _with(submitted: Submitted, name: str, value: str) -> Submitted:
    return replace(submitted, fields={**submitted.fields, name: (value,)})
