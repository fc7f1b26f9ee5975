"""« Réponse attendue sous 1 jour ouvré, avant mardi 24 novembre, 18 h », as requesters read it."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from starlette.requests import Request

from miss.base.text import Language, Text
from miss.server.web.zones import place_beside, zone_of
from teleexpertise.planning.model import Expectation
from teleexpertise.requests.model import State
from teleexpertise.requests.reading import Reader, View
from teleexpertise.web.desk import Desk

NOBODY = Text(
    fr="Aucun expert n’a de créneau déclaré pour l’instant : le coordinateur sera prévenu.",
    en="No expert has declared a slot for now: the coordinator will be told.",
)
PROMISED = Text(fr="Réponse promise avant {before}.", en="Answer promised before {before}.")
SAME_DAY = Text(
    fr="Réponse attendue le jour même, avant {before}.", en="Answer expected the same day, before {before}."
)
ONE_DAY = Text(
    fr="Réponse attendue sous 1 jour ouvré, avant {before}.",
    en="Answer expected within 1 working day, before {before}.",
)
DAYS = Text(
    fr="Réponse attendue sous {days} jours ouvrés, avant {before}.",
    en="Answer expected within {days} working days, before {before}.",
)

_WAITING = frozenset({State.READY, State.ASSIGNED, State.IN_PROGRESS})


def expected_words(expectation: Expectation | None, language: Language, zone: ZoneInfo) -> str:
    """One sentence, on the reader's clock; where that is not the platform's, the place is named."""
    if expectation is None:
        return NOBODY.in_(language)
    local = expectation.before.astimezone(zone)
    french_hour = "H 'h' mm" if local.minute else "H 'h'"
    pattern = f"EEEE d MMMM, {french_hour if language is Language.FR else 'HH:mm'}"
    before = format_datetime(local, pattern, locale=language.value) + place_beside(local, zone, language)
    if not expectation.is_measured:
        return PROMISED.in_(language, before=before)
    said = {0: SAME_DAY, 1: ONE_DAY}.get(expectation.working_days, DAYS)
    return said.in_(language, before=before, days=expectation.working_days)


async def expected_by_form(desk: Desk, request: Request) -> Mapping[str, str]:
    """A sentence for each form that a pool receives, by the form's identifier."""
    service, language = desk.service, desk.language(request)
    forms = [form.id for form in service.registry.specialties()]
    requester = desk.asker(request).requester
    found = await service.planning.expected_by_form(forms, requester, service.parts.clock.now())
    return {form: expected_words(one, language, zone_of(request)) for form, one in found.items()}


async def expected_of(desk: Desk, request: Request, view: View) -> str:
    """A sentence for the requester who waits; empty for others, and once the expected hour has passed: the deadline
    is on the page."""
    sent, service = view.request.sent, desk.service
    if view.reader is not Reader.REQUESTER or sent is None or view.request.state not in _WAITING:
        return ""
    found = await service.planning.expected_of_pool(sent.pool_id, sent.at)
    if found is not None and found.before <= service.parts.clock.now():
        return ""
    return expected_words(found, desk.language(request), zone_of(request))
