"""A request as another system receives it: what both its sides may read, in neutral values (`miss.documents.fhir`).

Statuses are those that the states stand for (`model.FHIR_STATUS`, ADR 9).  An answer under way, what the expert noted
for the service alone, and what was said between the platform and its experts stay out.
"""

from dataclasses import replace

from miss.base.ids import PractitionerId
from miss.directory.practitioners import Practitioner
from miss.documents.fhir import Advice, Exchange, Professional, Statuses
from teleexpertise.letters.answer import INTERNAL_ITEMS
from teleexpertise.questionnaire.compose import compose_response
from teleexpertise.questionnaire.model import QuestionnaireResponse
from teleexpertise.questionnaire.render import response_text
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.model import FHIR_STATUS, KEPT_FROM_REQUESTER, TOLD
from teleexpertise.requests.reading import Reader, Seen, View
from teleexpertise.requests.signing import find_asker, name_of

QUESTION_ITEM = "c.question"


def answer_to_share(view: View) -> QuestionnaireResponse | None:
    """The answer that has left, without what is the service's own; None while there is none."""
    if view.seen is None or view.request.state not in TOLD:
        return None
    response = view.seen.answer_response
    if response is None:
        return None
    return replace(response, answers={key: told for key, told in response.answers.items() if key not in INTERNAL_ITEMS})


def exchange_of(view: View, root: str, answer: QuestionnaireResponse | None) -> Exchange:
    """The request behind `view`; `root` names the deployment, `answer` is `answer_to_share`, its diagnosis coded.

    Raises RequestUnknown for anybody but the requester and the expert who holds it.
    """
    seen, request = view.seen, view.request
    if seen is None or view.reader not in (Reader.REQUESTER, Reader.HOLDER):
        raise RequestUnknown
    statuses = FHIR_STATUS[request.state]
    response, form = seen.response, seen.form
    told = [fact.at for fact in view.timeline if fact.kind not in KEPT_FROM_REQUESTER]
    question = response.first(QUESTION_ITEM) if response else None
    return Exchange(
        root=root,
        number=request.number,
        title=view.title.fr,
        statuses=Statuses(service_request=statuses.service_request, task=statuses.task, business=statuses.business),
        requester=_requester(view),
        expert=_professional(view, request.holder) if request.holder else None,
        patient=seen.content.patient,
        created_at=request.created_at,
        changed_at=max(told, default=request.created_at),
        sent_at=request.sent.at if request.sent else None,
        deadline_at=request.sent.deadline_at if request.sent else None,
        question=question if isinstance(question, str) else "",
        response=compose_response(form, response) if form and response else None,
        advice=_advice(view, seen, answer) if answer is not None else None,
    )


def _advice(view: View, seen: Seen, answer: QuestionnaireResponse) -> Advice | None:
    if seen.answer is None or seen.answer_form is None:
        return None
    blocks = response_text(seen.answer_form, answer)
    return Advice(
        author=_professional(view, seen.answer.answered_by),
        answered_at=seen.answer.answered_at,
        version=seen.answer.version,
        conclusion="\n\n".join("\n".join([*([heading] if heading else []), *lines]) for heading, lines in blocks),
        response=compose_response(seen.answer_form, answer),
    )


def _requester(view: View) -> Professional:
    """Who asks; in the name of an establishment, its member at that place.  The number that an employer gave to
    somebody whom the register does not know stays here (ADR 41).
    """
    asker, requester = find_asker(view), view.request.requester
    if asker is None:
        return _professional(view, requester)
    told, place = _professional(view, asker.id), name_of(view, requester)
    return replace(told, national_id="" if asker.is_staff else told.national_id, organization=place)


def _professional(view: View, practitioner_id: PractitionerId) -> Professional:
    """As the register has them; by number alone if it has them no more."""
    person: Practitioner | None = view.people.get(practitioner_id)
    if person is None:
        return Professional(national_id=practitioner_id, family_name=practitioner_id)
    places = [role.organization.name for role in person.roles if role.organization]
    return Professional(
        national_id=person.national_id,
        family_name=person.family,
        given_name=person.given,
        prefix=person.civility,
        specialty=next((coding.display for coding in person.specialties), person.profession.display),
        organization=next(iter(places), ""),
    )
