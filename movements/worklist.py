"""The hospital's work list: movements that nobody could be told of, until somebody names the doctor or sets them aside.

Only the establishment's own administrators see it, and each look is in the access log.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.audit import Subject
from miss.directory.practitioners import Practitioner
from miss.mail.trace.model import Stage
from miss.storage import Transaction
from miss.storage.errors import DataKeyDestroyed
from movements import store
from movements.errors import DoctorNotReachable, MovementNotFound
from movements.matching import match
from movements.model import Kept, Movement, Purport, Referring, State, Why
from movements.parts import Parts

PAGE: Final = 50


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """A movement as its establishment reads it."""

    kept: Kept
    movement: Movement
    stage: Stage | None = None
    """Where the last letter about it has come to; None: there is none."""


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """A page of the list."""

    entries: tuple[Entry, ...]
    has_more: bool
    counts: Mapping[State, int]


class Worklist:
    """Shows and settles them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def list_(self, organization_id: OrganizationId, state: State, by: str, *, offset: int = 0) -> Listed:
        """A page, the oldest first; the look is recorded.  `by`: actor of the access log."""
        parts = self._parts
        subject = Subject("organization", organization_id)
        await parts.audit.record(actor=by, act="movements.read", subject=subject, detail=state)
        async with parts.db.snapshot() as tx:
            found = await store.list_in(tx, organization_id, state, offset=offset, limit=PAGE + 1)
            counts = await store.count_by_state(tx, organization_id)
        stages = await parts.trace.stages_of([f"movement:{kept.id}" for kept in found[:PAGE]])
        entries: list[Entry] = []
        for kept in found[:PAGE]:
            # A sweep may be destroying the oldest ones as we read.
            with contextlib.suppress(DataKeyDestroyed):
                movement = await parts.open(kept.id, kept.sealed)
                entries.append(Entry(kept, movement, stages.get(f"movement:{kept.id}")))
        return Listed(tuple(entries), len(found) > PAGE, counts)

    async def name_doctor(
        self, organization_id: OrganizationId, movement_id: str, said: str, by: str, hand: PractitionerId | None = None
    ) -> Practitioner:
        """Tell the doctor of that RPPS number or mailbox.  `hand`: who does it, and may have the proof.

        Raises DoctorNotReachable, MovementNotFound, ReplyContactMissing, EstablishmentNotFound.
        """
        parts = self._parts
        text = "".join(said.split())
        found = await match(parts.practitioners, Referring(mailbox=text) if "@" in text else Referring(rpps=text))
        if found.doctor is None:
            raise DoctorNotReachable
        kept = await self._get(organization_id, movement_id)
        movement, writer = await parts.open(kept.id, kept.sealed), await parts.writer(organization_id, hand)
        successor = await parts.find_successor(found.doctor)
        mail = parts.notice(kept.id, movement, writer, found.doctor, successor)
        async with parts.db.transaction() as tx:
            await self._hold(tx, organization_id, movement_id, State.UNMATCHED)
            await store.settle(tx, kept.id, State.TOLD, practitioner_id=found.doctor.id)
            await parts.outbox.enqueue(tx, mail, about=f"movement:{kept.id}")
            await parts.tell_in_miss(tx, (successor or found.doctor).id, kept.id)
            self._record(tx, organization_id, "movement.matched", movement_id, by)
        parts.jobs.wake()
        return found.doctor

    async def recall(
        self, organization_id: OrganizationId, movement_id: str, by: str, hand: PractitionerId | None = None
    ) -> None:
        """It went to the wrong doctor: they are told so, and it waits on the list again.

        Raises MovementNotFound, ReplyContactMissing, EstablishmentNotFound.
        """
        parts = self._parts
        kept = await self._get(organization_id, movement_id, State.TOLD)
        movement, writer = await parts.open(kept.id, kept.sealed), await parts.writer(organization_id, hand)
        doctor = await parts.practitioners.get(kept.practitioner_id) if kept.practitioner_id else None
        successor = await parts.find_successor(doctor) if doctor else None
        sealed = await parts.seal(kept.id, replace(movement, revision=movement.revision + 1))
        async with parts.db.transaction() as tx:
            await self._hold(tx, organization_id, movement_id, State.TOLD)
            await store.rewrite(
                tx, replace(kept, state=State.UNMATCHED, why=Why.RECALLED, practitioner_id=None, sealed=sealed)
            )
            if doctor is not None and (successor or doctor).letterboxes:
                mail = parts.notice(kept.id, movement, writer, doctor, successor, Purport.RECALLS)
                await parts.outbox.enqueue(tx, mail, about=f"movement:{kept.id}")
            self._record(tx, organization_id, "movement.recalled", movement_id, by)
        parts.jobs.wake()

    async def set_aside(self, organization_id: OrganizationId, movement_id: str, by: str) -> None:
        """Nobody is to be told.  Raises MovementNotFound."""
        await self._move(organization_id, movement_id, State.UNMATCHED, State.DISMISSED, "movement.set_aside", by)

    async def take_back(self, organization_id: OrganizationId, movement_id: str, by: str) -> None:
        """Onto the list again.  Raises MovementNotFound."""
        await self._move(organization_id, movement_id, State.DISMISSED, State.UNMATCHED, "movement.taken_back", by)

    async def _move(
        self, organization_id: OrganizationId, movement_id: str, before: State, after: State, act: str, by: str
    ) -> None:
        async with self._parts.db.transaction() as tx:
            kept = await self._hold(tx, organization_id, movement_id, before)
            await store.settle(tx, movement_id, after, why=kept.why)
            self._record(tx, organization_id, act, movement_id, by)

    async def _get(self, organization_id: OrganizationId, movement_id: str, state: State = State.UNMATCHED) -> Kept:
        async with self._parts.db.snapshot() as tx:
            kept = await store.find(tx, organization_id, movement_id) if movement_id.isprintable() else None
        if kept is None or kept.state is not state or not kept.sealed:
            raise MovementNotFound
        return kept

    @staticmethod
    async def _hold(tx: Transaction, organization_id: OrganizationId, movement_id: str, state: State) -> Kept:
        kept = await store.find(tx, organization_id, movement_id, held=True) if movement_id.isprintable() else None
        if kept is None or kept.state is not state or not kept.sealed:
            raise MovementNotFound
        return kept

    def _record(self, tx: Transaction, organization_id: OrganizationId, act: str, movement_id: str, by: str) -> None:
        subject = Subject("organization", organization_id)
        self._parts.audit.append(tx, actor=by, act=act, subject=subject, detail=movement_id)
