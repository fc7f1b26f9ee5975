"""Deletions and acknowledgements, told to the server until it has them.  protocol §3, §7

They have no place in the log: each is a signed object about one that has.  A tombstone is confirmed by its echo, an
acknowledgement by its answer; what the server refuses for good is dropped, since nobody could change it.
"""

import asyncio
import logging
from typing import Final

from miss.base.errors import MissError
from miss.base.ids import ConversationId
from miss.client.api import ServerApi
from miss.client.connection import Connection
from miss.client.errors import ServerRefused
from miss.client.store import Store
from miss.client.store.statements import PendingStatement, StatementKind
from miss.protocol.wire.frames import Del

RETRY_S: Final = 5.0
PACE_S: Final = 1.0
"""Between two tombstones beyond the first BURST of a connection: the server's own rate."""
BURST: Final = 25
TEMPORARY: Final = frozenset({"rate", "too_many_requests", "internal", "database_unreachable"})

_log = logging.getLogger(__name__)


class Statements:
    """One task; what waits is read from the store, so nothing is forgotten by a crash."""

    def __init__(self, store: Store, api: ServerApi, connection: Connection) -> None:
        self._store = store
        self._api = api
        self._connection = connection
        self._wake = asyncio.Event()
        self._told: set[tuple[ConversationId, int]] = set()
        """Tombstones said on this connection, whose echo is to come."""

    def wake(self) -> None:
        """There is something to tell, or a way to."""
        self._wake.set()

    def restart(self) -> None:
        """A new connection: nothing was said on it yet."""
        self._told.clear()
        self.wake()

    async def run(self) -> None:
        """Tell whatever waits, whenever something changes."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            for statement in self._store.statements.list_():
                if not self._connection.is_open:
                    break
                try:
                    await self._tell(statement)
                except MissError as error:
                    self._take_failure(statement, error)

    async def _tell(self, statement: PendingStatement) -> None:
        if statement.kind is StatementKind.ACKNOWLEDGEMENT:
            await self._api.acknowledge(statement.cid, statement.seq, statement.signed)
            self.settle(statement.cid, statement.seq, statement.kind)
        elif (statement.cid, statement.seq) not in self._told:
            if len(self._told) >= BURST:
                await asyncio.sleep(PACE_S)
            self._connection.report(Del(statement.cid, statement.seq, statement.signed))
            self._told.add((statement.cid, statement.seq))

    def _take_failure(self, statement: PendingStatement, error: MissError) -> None:
        code = error.server_code if isinstance(error, ServerRefused) else error.code
        if error.temporary or code in TEMPORARY:
            asyncio.get_running_loop().call_later(RETRY_S, self.wake)
        else:
            _log.warning("a signed statement was refused: %s", code)
            self.settle(statement.cid, statement.seq, statement.kind)

    def settle(self, cid: ConversationId, seq: int, kind: StatementKind) -> None:
        """The server has it."""
        self._store.statements.settle(cid, seq, kind)

    def take_refusal(self, seq: int, code: str) -> None:
        """The server refuses the tombstone of a place it does not name the conversation of: one said just now."""
        for cid, place in tuple(self._told):
            if place == seq and code not in TEMPORARY:
                _log.warning("a deletion was refused: %s", code)
                self.settle(cid, place, StatementKind.TOMBSTONE)
