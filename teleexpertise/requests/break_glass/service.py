"""Open what a request says to its pool's coordinator, for an hour: recorded, on the timeline, told by mail."""

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.directory.audit import Subject, practitioner_actor
from teleexpertise.letters import break_glass as letters
from teleexpertise.requests import store as requests
from teleexpertise.requests.break_glass import store
from teleexpertise.requests.break_glass.model import GLASS_LABELS, WORDS_CHARS, BreakGlass, GlassReason
from teleexpertise.requests.content import Note
from teleexpertise.requests.errors import GlassReasonMissing, RequestUnknown
from teleexpertise.requests.model import Fact, FactKind, State
from teleexpertise.requests.parts import Parts, correspondent

log = structlog.get_logger("teleexpertise.break_glass")


class Glass:
    """Exceptional access."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def break_(self, request_id: RequestId, by: PractitionerId, reason: GlassReason, words: str) -> BreakGlass:
        """Let `by` read the request for an hour; again within it is the same access.

        Raises RequestUnknown for who does not coordinate its pool, for a draft, and for one's own request or one in
        one's hands, which needs none; GlassReasonMissing without a sentence that says why.
        """
        parts, now = self._parts, self._parts.clock.now()
        if not words.strip() or len(words) > WORDS_CHARS:
            raise GlassReasonMissing(limit=WORDS_CHARS)
        sealed = await parts.vault.seal(request_id, Note(author=by, at=now, text=words.strip()))
        async with parts.db.transaction() as tx:
            request = (await requests.lock(tx, request_id)).request
            if request.state is State.DRAFT or by in {request.requester, request.holder}:
                raise RequestUnknown
            pool = await parts.dispatch.get_pool(tx, request.require_sent().pool_id)
            if pool.coordinator_id != by:
                raise RequestUnknown
            if (known := await store.find_live(tx, request_id, by, now)) is not None:
                return known
            glass, row_id = BreakGlass(request_id, by, reason, now), parts.new_id()
            await store.insert(tx, row_id, glass, sealed)
            fact = Fact(FactKind.GLASS_BROKEN, now, by, reason)
            await requests.add_fact(tx, request_id, fact, parts.random_bytes)
            parts.audit.append(
                tx,
                actor=practitioner_actor(by),
                act="request.break_glass",
                subject=Subject("request", request_id),
                detail=reason,
            )
            people = await parts.practitioners.get_many(
                [one for one in (request.requester, request.holder, by) if one is not None], tx
            )
            for person in (request.requester, request.holder):
                to = correspondent(people[person]) if person is not None else None
                if person is not None and to is not None:
                    mail = letters.opened(
                        parts.platform, to, number=request.number, reference=f"{row_id}-{person}",
                        by=people[by].display_name, reason=GLASS_LABELS[reason].fr, at=now,
                    )  # fmt: skip
                    await parts.post(tx, await parts.follow(mail, people[person], tx), request_id)
        parts.jobs.wake()
        log.warning("request.glass_broken", request=request_id, reason=reason)
        return glass
