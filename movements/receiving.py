"""Movements taken in: each in a transaction of its own, once, whatever the delivery is cut into.

A delivery that is repeated after a cut says nothing twice: what the hospital calls by the same reference is known.  A
cancellation that comes first is remembered, so that the announcement behind it tells nobody.
"""

from hashlib import blake2b

import structlog
from sqlalchemy.exc import IntegrityError

from miss.base.ids import OrganizationId, PractitionerId, new_row_id
from movements import store
from movements.matching import match
from movements.model import Kept, Movement, State
from movements.parts import Parts, Writer, key_of
from movements.revising import Revising

log = structlog.get_logger("movements")


class Receiving:
    """Takes movements in."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._revising = Revising(parts)

    async def require_writer(self, organization_id: OrganizationId, by: PractitionerId | None = None) -> Writer:
        """Before anything is read.  `by`: who sends by hand.  Raises EstablishmentNotFound, ReplyContactMissing."""
        return await self._parts.writer(organization_id, by)

    async def take(self, writer: Writer, movement: Movement) -> str:
        """What became of it: a field of `Tally`.  Durable on return."""
        organization_id = writer.establishment.id
        digest = blake2b(f"{organization_id}\0{movement.reference}".encode(), digest_size=32).digest()
        async with self._parts.db.snapshot() as tx:
            kept = await store.find_said(tx, organization_id, digest)
        if kept is None:
            return await self._take_first(writer, digest, movement)
        if movement.is_cancelled:
            return await self._revising.cancel(writer, digest, kept)
        if kept.state is State.CANCELLED and movement.happened_at > kept.happened_at:
            return await self._revising.announce_again(writer, digest, kept, movement)
        return await self._revising.correct(writer, digest, kept, movement) if movement.is_update else "known"

    async def _take_first(self, writer: Writer, digest: bytes, movement: Movement) -> str:
        """A reference that was never heard of: a cancellation or a correction of it tells nobody."""
        if movement.is_cancelled:
            await self._remember_cancelled(writer, digest, movement)
            return "unfounded"
        return "unfounded" if movement.is_update else await self._keep(writer, digest, movement)

    async def _keep(self, writer: Writer, digest: bytes, movement: Movement) -> str:
        parts, now = self._parts, self._parts.clock.now()
        found = await match(parts.practitioners, movement.referring)
        movement_id = new_row_id(now, parts.random_bytes)
        kept = Kept(
            id=movement_id,
            organization_id=writer.establishment.id,
            kind=movement.kind,
            state=State.TOLD if found.doctor else State.UNMATCHED,
            why=found.why,
            practitioner_id=found.doctor.id if found.doctor else None,
            happened_at=movement.happened_at,
            received_at=now,
            sealed=await parts.seal(movement_id, movement),
        )
        successor = await parts.find_successor(found.doctor) if found.doctor else None
        mail = parts.notice(movement_id, movement, writer, found.doctor, successor) if found.doctor else None
        try:
            async with parts.db.transaction() as tx:
                await store.insert(tx, kept, digest)
                if mail is not None and found.doctor is not None:
                    await parts.outbox.enqueue(tx, mail, about=f"movement:{movement_id}")
                    await parts.tell_in_miss(tx, (successor or found.doctor).id, movement_id)
        except IntegrityError:
            # Said at the same time through another door.
            await parts.keystore.destroy(key_of(movement_id))
            return "known"
        parts.jobs.wake()
        log.info("movement.taken", movement=movement_id, state=kept.state)
        return "told" if found.doctor else "unmatched"

    async def _remember_cancelled(self, writer: Writer, digest: bytes, movement: Movement) -> None:
        """By its reference alone: nothing of what it says is kept."""
        parts, now = self._parts, self._parts.clock.now()
        kept = Kept(
            id=new_row_id(now, parts.random_bytes),
            organization_id=writer.establishment.id,
            kind=movement.kind,
            state=State.CANCELLED,
            why=None,
            practitioner_id=None,
            happened_at=movement.happened_at,
            received_at=now,
            sealed=b"",
        )
        try:
            async with parts.db.transaction() as tx:
                await store.insert(tx, kept, digest)
        except IntegrityError:
            log.info(
                "movement.crossed"
            )  # its announcement came at that instant: the hospital's next cancellation finds it
