"""Experts declare from whom they take no requests, and take it back.

What is with an expert already stays there: they decline it for that reason, and the turn is given back.
"""

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.storage import Database, Transaction
from teleexpertise.dispatch.conflicts import store
from teleexpertise.dispatch.conflicts.errors import ConflictsFull, ConflictWithSelf
from teleexpertise.dispatch.conflicts.model import MAX_CONFLICTS, Conflict, ConflictReason


class Conflicts:
    """Everybody's list."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def declare(self, expert: PractitionerId, requester: PractitionerId, reason: ConflictReason) -> None:
        """No more requests from that person; declared again, the reason is replaced.

        Raises ConflictWithSelf, ConflictsFull.
        """
        if expert == requester:
            raise ConflictWithSelf
        async with self._db.transaction() as tx:
            if await store.count(tx, expert) >= MAX_CONFLICTS:
                raise ConflictsFull(limit=MAX_CONFLICTS)
            await store.put(tx, Conflict(expert, requester, reason, self._clock.now()))

    async def take_back(self, expert: PractitionerId, requester: PractitionerId) -> None:
        """Requests from that person again; nothing happens if there was no conflict."""
        async with self._db.transaction() as tx:
            await store.remove(tx, expert, requester)

    async def list_(self, expert: PractitionerId) -> list[Conflict]:
        """What an expert declared, the newest first."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, expert)

    async def list_against(self, tx: Transaction, requester: PractitionerId) -> frozenset[PractitionerId]:
        """Who takes no requests from that person."""
        return await store.list_against(tx, requester)
