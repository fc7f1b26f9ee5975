"""What dispatch may know of a request: its deadline, what it asks of an expert, who is left out, who goes first."""

from datetime import datetime

from miss.base.ids import PractitionerId
from miss.directory.practitioners.model import is_party_id
from miss.storage import Transaction
from teleexpertise.dispatch import Need, Pool
from teleexpertise.questionnaire.fold import fold
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse
from teleexpertise.requests import store as request_store
from teleexpertise.requests.content import response_of
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.routing import store as route_store
from teleexpertise.requests.store import Stored

OBJECTION_ITEM = "c.opposition"


class Needs:
    """Reads requests for dispatch."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def compose(self, tx: Transaction, stored: Stored, pool: Pool, now: datetime) -> Need:
        """The need of a request as experts of `pool` would have to meet it."""
        request = stored.request
        content = await self._parts.vault.open_content(request.id, stored.content)
        response = response_of(content)
        known = await route_store.look_up(tx, request.id, pool.id, request.requester)
        route = known.route
        return Need(
            request.id,
            request.requester,
            request.require_sent().deadline_at,
            competences=known.policy.competences_for(coded_answers(response)),
            named=route.named if route else None,
            continuity=request.continuity or (route.continuity if route else None),
            conflicts=known.conflicts | await self._set_apart(tx, request.requester) | await self._hands(tx, request),
            objections=await self._objections(tx, response, pool, now),
        )

    async def _set_apart(self, tx: Transaction, requester: PractitionerId) -> frozenset[PractitionerId]:
        """Who has blocked the requester, or is blocked by them: that counts as a conflict (ADR 37)."""
        mailboxes = await self._parts.practitioners.list_mailboxes(requester, tx)
        return await self._parts.blocking.list_set_apart(tx, requester, mailboxes)

    async def _hands(self, tx: Transaction, request: ExpertiseRequest) -> frozenset[PractitionerId]:
        """Who asked in the name of an establishment answers themselves no more than another requester does."""
        if not is_party_id(request.requester):
            return frozenset()
        return frozenset((await request_store.list_hands(tx, [request.id])).values())

    async def _objections(
        self, tx: Transaction, response: QuestionnaireResponse | None, pool: Pool, now: datetime
    ) -> frozenset[PractitionerId]:
        """Members whose family name stands in what the patient objects to: rather one too many than the wrong one."""
        objection = fold(str(response.first(OBJECTION_ITEM) or "")) if response else ""
        if not objection:
            return frozenset()
        members = await self._parts.dispatch.list_members(tx, pool, now)
        people = await self._parts.practitioners.get_many([member.practitioner_id for member in members], tx)
        return frozenset(id_ for id_, person in people.items() if fold(person.family) in objection)


def coded_answers(response: QuestionnaireResponse | None) -> frozenset[tuple[str, str]]:
    """LinkId and code of every choice that was made."""
    if response is None:
        return frozenset()
    return frozenset(
        (link_id, value.code)
        for link_id, values in response.answers.items()
        for value in values
        if isinstance(value, Coding)
    )
