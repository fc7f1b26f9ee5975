"""Leaving: an administrator asks and says to which key, a technician makes the archive; both are in the access log.

Two people on purpose: the archive holds what was asked about patients in the establishment's name.  Who makes it
cannot read it, who asked for it cannot make it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import structlog

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.service import Establishments
from miss.server.reversibility import store
from miss.server.reversibility.age import SealedFile, decode_key
from miss.server.reversibility.archive import ArchiveWriter, Manifest, Sign
from miss.server.reversibility.sources import Leaving, Leavings
from miss.server.reversibility.store import Demand
from miss.storage import Database

MOST_WAITING = 100

log = structlog.get_logger("miss.reversibility")


@dataclass(frozen=True, slots=True)
class Made:
    """A sealed archive."""

    manifest: Manifest
    sha256: str
    size_bytes: int


class Demands:
    """What establishments have asked for."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, audit: AuditLog) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._audit = audit

    async def ask(self, establishment_id: OrganizationId, recipient: str, by: str) -> Demand:
        """Raises ArchiveKeyMalformed."""
        decode_key("age", recipient)
        now = self._clock.now()
        demand = Demand(
            id=new_row_id(now, self._random_bytes),
            establishment_id=establishment_id,
            recipient=recipient.strip().lower(),
            asked_by=by,
            asked_at=now,
        )
        async with self._db.transaction() as tx:
            await store.insert(tx, demand)
            subject = Subject("organization", establishment_id)
            self._audit.append(tx, actor=by, act="establishment.export_asked", subject=subject)
        return demand

    async def find_last(self, establishment_id: OrganizationId) -> Demand | None:
        """The latest demand of an establishment."""
        async with self._db.snapshot() as tx:
            return await store.find_last(tx, establishment_id)

    async def list_waiting(self) -> list[Demand]:
        """What is waited for, the oldest first."""
        async with self._db.snapshot() as tx:
            return await store.list_waiting(tx, MOST_WAITING)

    async def count_waiting(self) -> int:
        """How many are waited for."""
        async with self._db.snapshot() as tx:
            return await store.count_waiting(tx)


class Exporter:
    """Makes archives."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        audit: AuditLog,
        establishments: Establishments,
        house: Leaving,
        services: Leavings,
        operator: str,
        sign: Sign,
    ) -> None:
        """`sign`: the operator's word on the manifest."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._audit = audit
        self._establishments = establishments
        self._house = house
        self._services = services
        self._operator = operator
        self._sign = sign

    async def export(
        self,
        establishment_id: OrganizationId,
        target: BinaryIO,
        recipient: str,
        by: str,
        tell: Callable[[str], None] = lambda path: None,
    ) -> Made:
        """Everything of an establishment, sealed, into `target`; nothing in clear touches the disk.

        `tell` hears the path of each file.  Raises EstablishmentNotFound, ArchiveKeyMalformed; OSError of `target`.
        """
        establishment = await self._establishments.get(establishment_id)
        counted = _Counted(target)
        sealed = SealedFile(counted, recipient, self._random_bytes)
        # Before anything is read: whoever breaks off has read all the same.
        subject = Subject("organization", establishment_id)
        await self._audit.record(actor=by, act="establishment.exported", subject=subject, detail=recipient)
        writer = ArchiveWriter(sealed)
        for source in (self._house, *self._services.all):
            async for file in source.files(establishment):
                tell(file.path)
                writer.add(file)
        now = self._clock.now()
        manifest = writer.finish(establishment.id, establishment.name, self._operator, now, self._sign)
        sealed.finish()
        made = Made(manifest, counted.digest.hexdigest(), counted.size_bytes)
        async with self._db.transaction() as tx:
            await store.mark_made(tx, establishment_id, now, by, made.sha256, made.size_bytes)
        log.info("establishment.exported", establishment=establishment_id, files=len(manifest.files))
        return made


class _Counted:
    """A file that knows the digest and the length of what went into it."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.digest = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size_bytes += len(data)
        return self._target.write(data)
