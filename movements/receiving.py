"""Movements taken in: each in a transaction of its own, once, whatever the delivery is cut into.

A delivery that is repeated after a cut says nothing twice: what the hospital calls by the same reference is known.
"""

from dataclasses import replace
from hashlib import blake2b

import structlog
from sqlalchemy.exc import IntegrityError

from miss.base.ids import OrganizationId, new_row_id
from miss.directory.establishments.model import Establishment
from miss.directory.practitioners import Practitioner
from miss.mail.addresses import Mailbox
from movements import store
from movements.matching import match
from movements.model import Kept, Movement, State
from movements.parts import Parts, key_of

log = structlog.get_logger("movements")

Writer = tuple[Establishment, Mailbox]


class Receiving:
    """Takes movements in."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def require_writer(self, organization_id: OrganizationId) -> Writer:
        """Before anything is read.  Raises EstablishmentNotFound, ReplyContactMissing."""
        return await self._parts.writer(organization_id)

    async def take(self, writer: Writer, movement: Movement) -> str:
        """What became of it: a field of `Tally`.  Durable on return."""
        organization_id = writer[0].id
        digest = blake2b(f"{organization_id}\0{movement.reference}".encode(), digest_size=32).digest()
        if movement.is_cancelled:
            return await self._cancel(writer, digest, movement)
        async with self._parts.db.snapshot() as tx:
            if await store.find_said(tx, organization_id, digest):
                return "known"
        return await self._keep(writer, digest, movement)

    async def _keep(self, writer: Writer, digest: bytes, movement: Movement) -> str:
        parts, now = self._parts, self._parts.clock.now()
        found = await match(parts.practitioners, movement.referring)
        movement_id = new_row_id(now, parts.random_bytes)
        kept = Kept(
            id=movement_id,
            organization_id=writer[0].id,
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
                    await parts.tell_in_miss(tx, _reader(found.doctor, successor).id, movement_id)
        except IntegrityError:
            # Said at the same time through another door.
            await parts.keystore.destroy(key_of(movement_id))
            return "known"
        parts.jobs.wake()
        log.info("movement.taken", movement=movement_id, state=kept.state)
        return "told" if found.doctor else "unmatched"

    async def _cancel(self, writer: Writer, digest: bytes, movement: Movement) -> str:
        """Who was told is told that it is not so; who was not never hears of it."""
        parts, organization_id = self._parts, writer[0].id
        async with parts.db.snapshot() as tx:
            kept = await store.find_said(tx, organization_id, digest)
        if kept is None:
            return "unfounded"
        if kept.state is State.CANCELLED:
            return "known"
        mail = None
        if kept.state is State.TOLD and kept.practitioner_id and kept.sealed:
            doctor = await parts.practitioners.get(kept.practitioner_id)
            before = await parts.open(kept.id, kept.sealed)
            successor = await parts.find_successor(doctor)
            if _reader(doctor, successor).letterboxes:
                # In the words of the announcement: a cancellation often says less.
                mail = parts.notice(kept.id, replace(before, is_cancelled=True), writer, doctor, successor)
        async with parts.db.transaction() as tx:
            held = await store.find_said(tx, organization_id, digest, held=True)
            if held is None or held.state is not kept.state:
                return "known"
            await store.settle(tx, kept.id, State.CANCELLED)
            if mail is not None:
                await parts.outbox.enqueue(tx, mail, about=f"movement:{kept.id}")
        parts.jobs.wake()
        log.info("movement.cancelled", movement=kept.id)
        return "cancelled"


def _reader(doctor: Practitioner, successor: Practitioner | None) -> Practitioner:
    return successor or doctor
