"""The one way in: what a mail or a page brings is judged, kept, acknowledged and sent on, here and nowhere else.

Nothing that arrives is lost: what cannot be sent to an expert yet is a draft, and whoever wrote it learns everything
that is missing at once.  The same submission twice is one; the same key with other content is kept beside and flagged.
Draft, number, mails and the job that assigns are written in one transaction (teleexpertise.md §2).
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Text
from miss.directory.practitioners import Practitioner, is_probe_id
from miss.storage import Transaction
from miss.storage.jobs import schedule
from teleexpertise.attachments.service import IncomingFile, RefusedFile
from teleexpertise.intake.assessment import Arrived, Assessment, assess
from teleexpertise.intake.quota import is_beyond_quota, plan_tomorrow, within_quota
from teleexpertise.intake.told import told_files, why_it_stays
from teleexpertise.letters import to_requester
from teleexpertise.letters.envelope import Thread
from teleexpertise.questionnaire.model import Problem, Questionnaire, QuestionnaireResponse
from teleexpertise.requests import model, store
from teleexpertise.requests.content import RequestContent, files_of
from teleexpertise.requests.deadlines import due_at, reminders_at
from teleexpertise.requests.errors import DraftMoved, RequestUnknown, StateForbids, SubmissionDiffers
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind, Sent, State
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.record import ASSIGN, record
from teleexpertise.requests.routing import Plan, Routing
from teleexpertise.requests.routing import store as route_store
from teleexpertise.requests.store import Stored

log = structlog.get_logger("teleexpertise.intake")

_WITHDRAWN = Text(
    fr="Ce formulaire n’est plus proposé : votre demande est conservée. Faites-en une autre, sur un autre formulaire.",
    en="This form is no longer offered: your request is kept. Make a new one on another form.",
)
PAGE_KEY_BYTES = 32
TRIES = 4
"""How often what a page with script changed is laid over a draft that moved meanwhile."""
_NO_POOL = Text(
    fr="Aucun groupe d’experts ne reçoit encore ces demandes ; la vôtre est conservée et l’exploitant est prévenu.",
    en="No pool of experts takes these requests yet; yours is kept and the operator has been told.",
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Submission:
    """One arrival."""

    source: str
    """The mail's row, or the page's submission key: also the new request's identifier, so that a second run after a
    crash writes the same rows and files (8 to 77 characters of `0-9 a-z -`)."""
    key: str
    """What makes two arrivals the same: the Message-ID, the page's submission key and revision."""
    digest: bytes
    """Of everything that arrived, 32 bytes."""
    requester: Practitioner
    arrived: Arrived
    through: PractitionerId | None = None
    """Who writes for the requester, seen by the page; None: they themselves, or whom the content names (`asker`)."""
    files: Sequence[IncomingFile] = ()
    draft: RequestId | None = None
    """The draft that it completes; None: a new request."""
    tells_by_mail: bool = True
    """False: the page shows what is missing; the acknowledgement still leaves by mail."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Taken:
    """What became of an arrival."""

    request: ExpertiseRequest
    problems: tuple[Problem, ...] = ()
    blocked: tuple[Text, ...] = ()
    refused_files: tuple[RefusedFile, ...] = ()
    is_duplicate: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class _Ready:
    """What is sent, and to whom."""

    form: Questionnaire
    response: QuestionnaireResponse
    plan: Plan


class Intake:
    """Takes what arrives."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._routing = Routing(parts)

    async def take(self, submission: Submission) -> Taken:
        """Judge, keep, acknowledge and send on.

        Raises SubmissionDiffers once the second content is kept, RequestUnknown for a draft that is not the
        requester's, StateForbids for one that was sent, DraftMoved if it changed meanwhile (try again: what a page
        with script changed is merged, and tried again here).
        """
        for _ in range(TRIES if submission.arrived.merges else 0):
            with contextlib.suppress(DraftMoved):
                return await self._take(submission)
        return await self._take(submission)

    async def _take(self, submission: Submission) -> Taken:
        parts = self._parts
        async with parts.db.snapshot() as tx:
            known = await store.find_submission(tx, submission.requester.id, submission.key, submission.digest)
            seen = await self._seen(tx, submission)
        if known is not None:
            return await self._again(submission, known)
        content = await parts.vault.open_content(seen.request.id, seen.content) if seen else self._empty()
        request_id = seen.request.id if seen else RequestId(submission.source)
        kept, refused = await parts.attachments.keep(
            request_id,
            submission.source,
            submission.files,
            by=submission.requester.id,
            already=len(files_of(content)),
        )
        now = parts.clock.now()
        arrived = replace(submission.arrived, files=kept)
        forms = [form.id for form in parts.registry.specialties()]
        assessment = assess(content, arrived, forms, now)
        async with parts.db.snapshot() as tx:
            assessment, ready = await self._with_pool(tx, submission.requester, assessment)
        if refused:
            log.info("request.files_refused", request=request_id, codes=[file.error.code for file in refused])
        sealed = await parts.vault.seal(request_id, assessment.content)
        async with parts.db.transaction() as tx:
            request = await self._draft(tx, submission, seen, request_id, assessment, sealed, now)
            await store.add_submission(
                tx, parts.new_id(), submission.requester.id, key=submission.key, content=submission.digest,
                request_id=request_id, now=now,
            )  # fmt: skip
            if submission.arrived.thread:
                await store.add_thread_mail(tx, submission.arrived.thread.message_id, request_id)
            # Somebody in front of a page can give a refused file again at once; a mail leaves with what it has.
            if ready is not None and (submission.tells_by_mail or not refused):
                assessment = await within_quota(parts, tx, submission.requester.id, assessment)
            else:
                ready = None
            if ready is not None and assessment.ready is not None:
                request = await self._send(tx, request, submission, assessment, ready, refused, now)
            else:
                await self._tell_what_is_missing(tx, request, submission, assessment, refused)
                if is_beyond_quota(assessment) and submission.tells_by_mail:
                    await plan_tomorrow(parts, tx, request.id, sealed)
        parts.jobs.wake()
        log.info("request.taken", request=request.id, number=request.number, state=request.state)
        return Taken(
            request=request,
            problems=assessment.problems,
            blocked=assessment.blocked,
            refused_files=tuple(refused),
        )

    def _empty(self) -> RequestContent:
        return RequestContent(page_key=self._parts.random_bytes(PAGE_KEY_BYTES).hex())

    async def _seen(self, tx: Transaction, submission: Submission) -> Stored | None:
        """The draft as it stands before the files are looked at."""
        if submission.draft is None:
            return None
        seen = await store.get(tx, submission.draft)
        if seen.request.requester != submission.requester.id:
            raise RequestUnknown
        return seen

    async def _again(self, submission: Submission, known: store.KnownSubmission) -> Taken:
        """A key that is known: the same content is a repetition, another one is kept beside and flagged."""
        parts = self._parts
        async with parts.db.snapshot() as tx:
            request = (await store.get(tx, known.request_id)).request
        if known.is_same:
            log.info("request.repeated", request=request.id, number=request.number)
            return Taken(request=request, is_duplicate=True)
        now = parts.clock.now()
        kept, _ = await parts.attachments.keep(
            request.id, submission.source, submission.files, by=submission.requester.id
        )
        forms = [form.id for form in parts.registry.specialties()]
        beside = assess(RequestContent(), replace(submission.arrived, files=kept), forms, now).content
        sealed = await parts.vault.seal(request.id, beside)
        thread = submission.arrived.thread
        to = correspondent(submission.requester, thread)
        async with parts.db.transaction() as tx:
            await store.add_submission(
                tx, parts.new_id(), submission.requester.id, key=submission.key, content=submission.digest,
                request_id=request.id, now=now, rejected=sealed,
            )  # fmt: skip
            fact = Fact(FactKind.DUPLICATE_DIFFERS, now, submission.requester.id, through=submission.through)
            await store.add_fact(tx, request.id, fact, parts.random_bytes)
            if to and thread and submission.tells_by_mail:
                mail = to_requester.conflict(
                    parts.platform, to, thread, number=request.number, reference=submission.source
                )
                await parts.post(tx, mail, request.id)
        parts.jobs.wake()
        log.warning("request.differs", request=request.id, number=request.number)
        raise SubmissionDiffers(number=request.number)

    async def _with_pool(
        self, tx: Transaction, requester: Practitioner, assessment: Assessment
    ) -> tuple[Assessment, _Ready | None]:
        """The pool that takes the form's requests; without one the request waits as a draft, and says so."""
        if assessment.ready is None:
            return assessment, None
        form, response = assessment.ready
        is_probe = form == self._parts.registry.probe_form and is_probe_id(requester.id)
        if not is_probe and form.id not in {offered.id for offered in self._parts.registry.specialties()}:
            return replace(assessment, problems=(Problem("", "form_withdrawn", _WITHDRAWN),)), None
        plan = await self._routing.plan(tx, form.id, requester, assessment.content)
        if plan is not None:
            return assessment, _Ready(form, response, plan)
        log.error("request.no_pool", form=form.id)
        return replace(assessment, problems=(Problem("", "no_pool", _NO_POOL),)), None

    async def _draft(
        self,
        tx: Transaction,
        submission: Submission,
        seen: Stored | None,
        request_id: RequestId,
        assessment: Assessment,
        sealed: bytes,
        now: datetime,
    ) -> ExpertiseRequest:
        """The draft, written anew or made; nobody else changed it since it was `seen`."""
        canonical = assessment.form.canonical if assessment.form else ""
        if seen is not None:
            stored = await store.lock(tx, request_id)
            if stored.request.state is not State.DRAFT:
                raise StateForbids(number=stored.request.number, state=stored.request.state)
            if stored.content != seen.content:
                raise DraftMoved(number=stored.request.number)
            request = replace(stored.request, canonical=canonical)
            await store.save(tx, request, content=sealed)
            return request
        request = ExpertiseRequest(
            id=request_id,
            number=await store.take_number(tx, now.year),
            requester=submission.requester.id,
            state=State.DRAFT,
            canonical=canonical,
            created_at=now,
        )
        await store.insert(tx, request, sealed)
        return request

    async def _send(
        self,
        tx: Transaction,
        draft: ExpertiseRequest,
        submission: Submission,
        assessment: Assessment,
        ready: _Ready,
        refused: Sequence[RefusedFile],
        now: datetime,
    ) -> ExpertiseRequest:
        parts = self._parts
        red_flag_hours = assessment.red_flag_hours
        pool = ready.plan.pool
        deadline_at = due_at(pool, ready.response, red_flag_hours=red_flag_hours, sent_at=now)
        sent = Sent(pool.id, now, deadline_at, reminders_at(now, deadline_at, pool.hours))
        request, fact = model.submit(draft, ready.form.canonical, sent)
        await record(parts, tx, request, replace(fact, through=submission.through or assessment.content.asker))
        await route_store.put(tx, request.id, ready.plan.route)
        await schedule(tx, ASSIGN, request.id, now, random_bytes=parts.random_bytes)
        thread = self._thread(submission, assessment)
        if to := correspondent(submission.requester, thread):
            mail = to_requester.acknowledgement(
                parts.platform, to, thread, number=request.number, form_title=ready.form.title.fr,
                deadline_at=deadline_at, is_alert=red_flag_hours is not None,
                refused_files=told_files(refused), lost_wish=ready.plan.lost_wish,
            )  # fmt: skip
            await parts.post(tx, mail, request.id)
        return request

    async def _tell_what_is_missing(
        self,
        tx: Transaction,
        request: ExpertiseRequest,
        submission: Submission,
        assessment: Assessment,
        refused: Sequence[RefusedFile],
    ) -> None:
        parts = self._parts
        if submission.draft is None:
            kind, through = FactKind.RECEIVED_INCOMPLETE, submission.through or assessment.content.asker
            fact = Fact(kind, request.created_at, request.requester, through=through)
            await store.add_fact(tx, request.id, fact, parts.random_bytes)
        thread = self._thread(submission, assessment)
        to = correspondent(submission.requester, thread)
        if to is None or not submission.tells_by_mail:
            return
        rank = await store.count_submissions(tx, request.id)
        mail = why_it_stays(parts.platform, to, thread, request.number, rank, assessment, refused)
        await parts.post(tx, mail, request.id)

    @staticmethod
    def _thread(submission: Submission, assessment: Assessment) -> Thread | None:
        """Under the mail just received; a page has none, and answers under the mail that began the draft."""
        return submission.arrived.thread or assessment.content.thread
