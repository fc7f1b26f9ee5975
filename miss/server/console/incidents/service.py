"""Announce, say more, close; each act in the access log, and a mail to subscribers queued with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from miss.base.clock import Clock
from miss.base.errors import Unavailable
from miss.base.ids import AccountId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.audit import AuditLog, Subject
from miss.server.console.incidents import model, store
from miss.server.console.incidents.errors import IncidentNotFound
from miss.server.console.incidents.model import Incident, Kind, Phase, Told, Update
from miss.storage import Database, Transaction
from miss.storage.jobs import schedule

TELL_JOB = "incident.tell"
MAX_CURRENT = 100
MAX_PAST = 50
BANNER_TTL = timedelta(seconds=5)
"""For so long a process shows what it read last: pages ask at every visit."""


@dataclass(frozen=True, slots=True)
class Board:
    """What the public page shows."""

    open: tuple[Incident, ...]
    planned: tuple[Incident, ...]
    past: tuple[Incident, ...]


class Incidents:
    """What is wrong, and what is planned."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, audit: AuditLog) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._audit = audit
        self._banner: tuple[Incident, ...] = ()
        self._banner_until: datetime | None = None

    # Acts

    async def announce(
        self,
        by: AccountId,
        kind: Kind,
        title: Told,
        said: Told,
        *,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        tell: bool = True,
    ) -> Incident:
        """A new announcement; `tell`: by mail too.  Raises IncidentIncomplete, IncidentDatesRefused."""
        first = self._update(said)
        incident = model.announce(
            id=new_row_id(first.at, self._random_bytes),
            kind=kind,
            title=title,
            first=first,
            starts_at=starts_at,
            ends_at=ends_at,
        )
        async with self._db.transaction() as tx:
            await store.insert(tx, incident, by)
            self._log(tx, by, "incident.announce", incident)
            await self._tell(tx, first, tell=tell)
        self._banner_until = None
        return incident

    async def add(
        self, by: AccountId, incident_id: str, said: Told, *, closes: bool = False, tell: bool = True
    ) -> Incident:
        """One word more; `closes`: it is over by that.  Raises IncidentNotFound, IncidentClosed, IncidentIncomplete."""
        word = self._update(said)
        async with self._db.transaction() as tx:
            incident = await store.find_locked(tx, incident_id)
            if incident is None:
                raise IncidentNotFound
            changed = model.add(incident, word, closes=closes)
            await store.insert_update(tx, changed.id, changed.updates[-1], by)
            await store.save_end(tx, changed)
            self._log(tx, by, "incident.close" if closes else "incident.add", changed)
            await self._tell(tx, word, tell=tell)
        self._banner_until = None
        return changed

    # Questions

    async def get(self, incident_id: str) -> Incident:
        """Raises IncidentNotFound."""
        found = None
        if incident_id.isprintable():  # a database may refuse to compare anything else
            async with self._db.snapshot() as tx:
                found = await store.find(tx, incident_id)
        if found is None:
            raise IncidentNotFound
        return found

    async def board(self) -> Board:
        """Open, planned, and the last `MAX_PAST` that are over."""
        now = self._clock.now()
        async with self._db.snapshot() as tx:
            current = await store.list_not_over(tx, now, MAX_CURRENT)
            past = await store.list_past(tx, now, MAX_PAST)
        return Board(
            tuple(one for one in current if one.phase(now) is Phase.OPEN),
            tuple(one for one in current if one.phase(now) is Phase.PLANNED),
            tuple(past),
        )

    async def banner(self) -> tuple[Incident, ...]:
        """What is open now, at most `BANNER_TTL` old; a database that is away leaves what was last known."""
        now = self._clock.now()
        if self._banner_until is None or now >= self._banner_until:
            self._banner_until = now + BANNER_TTL  # before asking: of all who come meanwhile, one asks
            try:
                async with self._db.snapshot() as tx:
                    current = await store.list_not_over(tx, now, MAX_CURRENT)
            except Unavailable:
                current = list(self._banner)
            self._banner = tuple(one for one in current if one.phase(now) is Phase.OPEN)
        return self._banner

    async def count_open(self) -> int:
        """How many are open now."""
        return len((await self.board()).open)

    # Parts

    def _update(self, said: Told) -> Update:
        now = self._clock.now()
        return Update(new_row_id(now, self._random_bytes), now, said)

    def _log(self, tx: Transaction, by: AccountId, act: str, incident: Incident) -> None:
        subject = Subject("incident", incident.id)
        self._audit.append(tx, actor=by.hex(), act=act, subject=subject, detail=incident.kind.value)

    async def _tell(self, tx: Transaction, word: Update, *, tell: bool) -> None:
        if tell:
            await schedule(tx, TELL_JOB, word.id, word.at, random_bytes=self._random_bytes)
