"""What a hospital says anew under a reference: a correction, a cancellation, an announcement after one.

Who was told reads that it is otherwise, under the first letter; who was not never hears of it.  Each look at what is
kept is checked again in the transaction that changes it: of two messages at once, one is « known ».
"""

from dataclasses import replace

import structlog

from miss.directory.practitioners import Practitioner
from miss.mail.outbound import OutboundMail
from miss.storage.errors import DataKeyDestroyed
from movements import store
from movements.matching import Match, match
from movements.model import Kept, Movement, Purport, State, Why, is_same_news
from movements.parts import Parts, Writer

log = structlog.get_logger("movements")


class Revising:
    """Changes what stands."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def cancel(self, writer: Writer, digest: bytes, kept: Kept) -> str:
        """Who was told is told that it is not so, in the words of the announcement: a cancellation often says less."""
        if kept.state is State.CANCELLED:
            return "known"
        mails: list[OutboundMail] = []
        if kept.state is State.TOLD and kept.practitioner_id and kept.sealed:
            doctor = await self._parts.practitioners.get(kept.practitioner_id)
            before = await self._parts.open(kept.id, kept.sealed)
            mails = await self._letters(writer, kept, before, doctor, Purport.CANCELS)
        if not await self._settle(digest, kept, replace(kept, state=State.CANCELLED, why=None), mails):
            return "known"
        log.info("movement.cancelled", movement=kept.id)
        return "cancelled"

    async def correct(self, writer: Writer, digest: bytes, kept: Kept, said: Movement) -> str:
        """The same doctor reads the new words; another one is told, and the former that it was not for them."""
        parts = self._parts
        if kept.state not in (State.TOLD, State.UNMATCHED) or not kept.sealed:
            return "known"
        before = await parts.open(kept.id, kept.sealed)
        # Whom a person took the letter back from is not told again by the same message.
        is_recalled = kept.why is Why.RECALLED
        found = Match(why=kept.why) if is_recalled else await match(parts.practitioners, said.referring)
        told = await parts.practitioners.get(kept.practitioner_id) if kept.practitioner_id else None
        doctor = found.doctor or told
        is_same = is_same_news(before, said)
        if is_same and doctor == told and (told is not None or found.why is kept.why):
            return "known"
        mails: list[OutboundMail] = []
        after = replace(said, is_update=False, revision=before.revision + (told is not None))
        if told is not None and doctor is not None and doctor.id == told.id:
            mails = await self._letters(writer, kept, after, told, Purport.CORRECTS)
        else:
            if told is not None:
                mails += await self._letters(writer, kept, before, told, Purport.RECALLS)
            if doctor is not None:
                mails += await self._letters(writer, kept, after, doctor, Purport.ANNOUNCES)
        standing = await self._standing(kept, after, doctor, found.why)
        if not await self._settle(digest, kept, standing, mails, told=doctor):
            return "known"
        log.info("movement.corrected", movement=kept.id)
        return "corrected"

    async def announce_again(self, writer: Writer, digest: bytes, kept: Kept, said: Movement) -> str:
        """It was cancelled, and happened after all, later: a new letter."""
        parts = self._parts
        before = await parts.open(kept.id, kept.sealed) if kept.sealed else None
        found = await match(parts.practitioners, said.referring)
        after = replace(said, is_update=False, revision=before.revision + 1 if before else 0)
        try:
            standing = await self._standing(kept, after, found.doctor, found.why)
        except DataKeyDestroyed:
            return "known"  # its month is over
        mails = await self._letters(writer, kept, after, found.doctor, Purport.ANNOUNCES) if found.doctor else []
        if not await self._settle(digest, kept, standing, mails, told=found.doctor):
            return "known"
        log.info("movement.taken", movement=kept.id, state=standing.state)
        return "told" if found.doctor else "unmatched"

    async def _standing(self, kept: Kept, after: Movement, doctor: Practitioner | None, why: Why | None) -> Kept:
        return replace(
            kept,
            kind=after.kind,
            state=State.TOLD if doctor else State.UNMATCHED,
            why=None if doctor else why,
            practitioner_id=doctor.id if doctor else None,
            happened_at=after.happened_at,
            received_at=self._parts.clock.now(),
            sealed=await self._parts.seal(kept.id, after),
        )

    async def _letters(
        self, writer: Writer, kept: Kept, movement: Movement, doctor: Practitioner, purport: Purport
    ) -> list[OutboundMail]:
        """One, or none for somebody who has no mailbox any more."""
        successor = await self._parts.find_successor(doctor)
        if not (successor or doctor).letterboxes:
            log.warning("movement.nobody_reachable", movement=kept.id, purport=purport)
            return []
        return [self._parts.notice(kept.id, movement, writer, doctor, successor, purport)]

    async def _settle(
        self, digest: bytes, before: Kept, after: Kept, mails: list[OutboundMail], told: Practitioner | None = None
    ) -> bool:
        """False: it changed meanwhile, and nothing was done.  `told`: who hears in MiSS that a letter has come."""
        parts = self._parts
        reader = (await parts.find_successor(told) or told) if told else None
        async with parts.db.transaction() as tx:
            held = await store.find_said(tx, before.organization_id, digest, held=True)
            if held is None or (held.state, held.sealed) != (before.state, before.sealed):
                return False
            await store.rewrite(tx, after)
            for mail in mails:
                await parts.outbox.enqueue(tx, mail, about=f"movement:{before.id}")
            if reader is not None and mails:
                await parts.tell_in_miss(tx, reader.id, before.id)
        parts.jobs.wake()
        return True
