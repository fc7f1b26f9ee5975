"""What follows an answer: timers and acts of the requester, one transaction each.

Told of every answer that leaves (`requests.listeners`): it has the requester reminded of the photographs that the
expert asked for, and asked once after a week whether the patient knows.
"""

from dataclasses import replace
from datetime import datetime

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.directory.practitioners.model import is_party_id
from miss.mail.outbound import OutboundMail
from miss.storage import Transaction
from miss.storage.jobs import Job, JobHandler, cancel, schedule
from teleexpertise.follow_up import model, store
from teleexpertise.follow_up.errors import SurveyTooEarly
from teleexpertise.follow_up.model import Due, Survey, SurveyQuestion, Verdict
from teleexpertise.letters.envelope import Correspondent, Thread
from teleexpertise.letters.follow_up import ask_informed, photographs_due
from teleexpertise.requests import store as requests_store
from teleexpertise.requests.errors import NotRequester
from teleexpertise.requests.listeners import Answered
from teleexpertise.requests.model import TOLD, ExpertiseRequest, Fact, FactKind, State
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.store import Stored
from teleexpertise.requests.telling import tell_members

log = structlog.get_logger("teleexpertise.follow_up")

INFORM = "teleexpertise.inform"
PHOTOGRAPHS = "teleexpertise.photographs"


class FollowUp:
    """Closes loops, keeps series going, counts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """The handlers of this module's timers."""
        return JobHandler(INFORM, self._ask_informed), JobHandler(PHOTOGRAPHS, self._tell_due)

    async def on_answer(self, tx: Transaction, answered: Answered) -> None:
        """An answer leaves: count it, and set its timers (`requests.listeners.AnswerListener`)."""
        request, random_bytes = answered.request, self._parts.random_bytes
        survey = await store.find_survey(tx, request.id)
        said = survey.answers if survey else {}
        await store.put_survey(tx, Survey(request.id, request.require_sent().pool_id, answered.at, answers=said))
        await schedule(tx, INFORM, request.id, answered.at + model.REMIND_AFTER, random_bytes=random_bytes)
        due_at = model.due_at(answered.at, answered.response.first(model.FOLLOW_UP_ITEM))
        if due_at is None or await store.list_followers(tx, request.id):
            await store.remove_due(tx, request.id)
            await cancel(tx, PHOTOGRAPHS, request.id)
        else:
            await store.put_due(tx, Due(request.id, request.requester, due_at))
            await schedule(tx, PHOTOGRAPHS, request.id, due_at, random_bytes=random_bytes)

    async def inform(
        self, request_id: RequestId, by: PractitionerId, *, through: PractitionerId | None = None
    ) -> ExpertiseRequest:
        """The patient knows; twice is once.  `through`: who says so for the requester.

        Raises RequestUnknown, NotRequester, StateForbids.
        """
        now = self._parts.clock.now()
        async with self._parts.db.transaction() as tx:
            request = (await self._own(tx, request_id, by)).request
            if request.state is State.INFORMED:
                return request
            request, fact = model.inform(request, now)
            await requests_store.save(tx, request)
            signed = replace(fact, through=through)
            await requests_store.add_fact(tx, request.id, signed, self._parts.random_bytes)
            survey = await store.find_survey(tx, request.id)
            if survey is not None:
                await store.put_survey(tx, replace(survey, informed_at=now))
        log.info("request.informed", request=request.id, number=request.number)
        return request

    async def say(
        self, request_id: RequestId, by: PractitionerId, question: SurveyQuestion, verdict: Verdict
    ) -> Survey:
        """One tap of the survey; another answer to the same question takes its place.

        Raises RequestUnknown, NotRequester, SurveyTooEarly.
        """
        async with self._parts.db.transaction() as tx:
            request = (await self._own(tx, request_id, by)).request
            survey = await store.find_survey(tx, request_id)
            if survey is None:
                raise SurveyTooEarly(number=request.number)
            survey = replace(survey, answers={**survey.answers, question: verdict})
            await store.put_survey(tx, survey)
        return survey

    async def find_survey(self, request_id: RequestId) -> Survey | None:
        """What the requester said so far; None: there is no answer."""
        async with self._parts.db.snapshot() as tx:
            return await store.find_survey(tx, request_id)

    async def due_of(self, request_id: RequestId) -> Due | None:
        """The photographs that the answer asks for; None: none, or they were taken."""
        async with self._parts.db.snapshot() as tx:
            return await store.find_due(tx, request_id)

    async def list_due(self, requester: PractitionerId) -> list[tuple[ExpertiseRequest, Due]]:
        """The follow-ups that somebody has to begin, the earliest first."""
        async with self._parts.db.snapshot() as tx:
            due = await store.list_due(tx, requester)
            return [((await requests_store.get(tx, one.request_id)).request, one) for one in due]

    async def link(
        self,
        new_id: RequestId,
        earlier_id: RequestId,
        by: PractitionerId,
        *,
        through: PractitionerId | None = None,
    ) -> None:
        """The draft `new_id` is the follow-up of `earlier_id`; its expert is asked first.  Twice is once.

        `through`: as `inform`.

        Raises RequestUnknown, NotRequester, StateForbids for an earlier one without an answer.
        """
        now = self._parts.clock.now()
        async with self._parts.db.transaction() as tx:
            earlier = (await self._own(tx, earlier_id, by)).request
            model.require_followable(earlier)
            new = (await self._own(tx, new_id, by)).request
            if new.follows == earlier.id:
                return
            await requests_store.save(tx, model.linked(new, earlier))
            fact = Fact(FactKind.FOLLOW_UP_STARTED, now, by, through=through)
            await requests_store.add_fact(tx, earlier.id, fact, self._parts.random_bytes)
            await store.remove_due(tx, earlier.id)
            await cancel(tx, PHOTOGRAPHS, earlier.id)
        log.info("request.followed", request=earlier_id, follow_up=new_id)

    async def _own(self, tx: Transaction, request_id: RequestId, by: PractitionerId) -> Stored:
        """The locked request, for its requester."""
        stored = await requests_store.lock(tx, request_id)
        if stored.request.requester != by:
            raise NotRequester(number=stored.request.number)
        return stored

    async def _ask_informed(self, job: Job) -> None:
        async with self._parts.db.transaction() as tx:
            stored = await requests_store.lock(tx, RequestId(job.key))
            if stored.request.state is State.ANSWERED:
                await self._write(tx, stored, photographs=False)
        self._parts.jobs.wake()

    async def _tell_due(self, job: Job) -> None:
        now = self._parts.clock.now()
        async with self._parts.db.transaction() as tx:
            stored = await requests_store.lock(tx, RequestId(job.key))
            due = await store.find_due(tx, stored.request.id)
            if due is None or due.told_at is not None or stored.request.state not in TOLD:
                return
            await store.put_due(tx, Due(due.request_id, due.requester, due.due_at, now))
            fact = Fact(FactKind.FOLLOW_UP_DUE, now)
            await requests_store.add_fact(tx, stored.request.id, fact, self._parts.random_bytes)
            await self._write(tx, stored, photographs=True)
        self._parts.jobs.wake()

    async def _write(self, tx: Transaction, stored: Stored, *, photographs: bool) -> None:
        """To the requester, or to who follows them; somebody without a mailbox sees it on their page."""
        parts, request = self._parts, stored.request
        survey = await store.find_survey(tx, request.id)
        content = await parts.vault.open_content(request.id, stored.content)
        requester = await parts.practitioners.get(request.requester, tx)
        to = correspondent(requester, content.thread)
        if is_party_id(request.requester):
            await tell_members(parts, tx, request, "photographs" if photographs else "inform")
            if to is None:
                return
        if to is None or survey is None:
            log.warning("requester.no_mailbox", practitioner=request.requester, request=request.id)
            return
        mail = self._mail(to, content.thread, request, survey.answered_at, photographs=photographs)
        await parts.post(tx, await parts.follow(mail, requester, tx), request.id)

    def _mail(
        self, to: Correspondent, thread: Thread | None, request: ExpertiseRequest, at: datetime, *, photographs: bool
    ) -> OutboundMail:
        compose = photographs_due if photographs else ask_informed
        title = self._parts.form_title(request.canonical)
        return compose(self._parts.platform, to, thread, number=request.number, form_title=title, answered_at=at)
