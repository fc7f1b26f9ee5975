"""An installation with one pool of experts and requests that wait in it; the service as a worker process opens it.

Everything is real: schema by migrations, sealed content, mailboxes of the fictive register, notices in the outbox.
Experts are always available and of equal weight, so that the worst gap between them has to be one turn.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from miss.base.clock import SystemClock
from miss.base.ids import PoolId, PractitionerId, RequestId, new_row_id
from miss.base.random import system_random
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.register.store import register_schema
from miss.directory.sample import open_mailboxes, open_register
from miss.server.settings import Settings
from miss.server.wiring.furniture import furnish
from miss.storage import Database
from miss.storage.migrate import application_schema, keystore_schema, migrate
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.dispatch import Dispatch, Pool, Terms
from teleexpertise.dispatch.policies import Served
from teleexpertise.house import Teleexpertise, build
from teleexpertise.questionnaire.compose import compose_response
from teleexpertise.questionnaire.model import QuestionnaireResponse
from teleexpertise.questionnaire.parse_text import parse_labelled_answers
from teleexpertise.requests import store
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.content import RequestContent
from teleexpertise.requests.model import ExpertiseRequest, Sent, State
from teleexpertise.requests.routing import Route
from teleexpertise.requests.routing import store as route_store
from teleexpertise.service import service
from teleexpertise.settings import TeleexpertiseSettings
from tests.teleexpertise.office import ANSWERS

EVERY_DAY: Final = Availability(
    tuple(WeeklySlot(day, time(0), time(23), "Europe/Paris") for day in range(7)), territory=None
)
FORM: Final = "dermatologie"
EXPERTS: Final = 6


class Unlocked(Dispatch):
    """The same without the pool's lock: what the benchmark shows, and nobody runs."""

    async def lock_pool(self, tx: object, pool_id: PoolId) -> Pool:
        return await self.get_pool(tx, pool_id)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation lies."""

    folder: Path
    """Data, master key; on SQLite the databases too."""
    postgresql: str = ""
    """URL of a server with empty databases `miss` and `keys`; empty: SQLite."""

    def settings(self) -> Settings:
        """Of the house."""
        if not self.postgresql:
            return Settings(data_dir=self.folder)
        urls = (SecretStr(f"{self.postgresql}/{name}") for name in ("miss", "keys"))
        return Settings(data_dir=self.folder, database_url=next(urls), keystore_url=next(urls))


@asynccontextmanager
async def opened(place: Place, *, is_locked: bool = True) -> AsyncIterator[Teleexpertise]:
    """The service of an installation whose schema is there."""
    settings, clock = place.settings(), SystemClock()
    async with AsyncExitStack() as stack:
        db, keys = Database(settings.database), Database(settings.keystore)
        register = Database(settings.register) if settings.register != settings.database else db
        for database in (db, keys, register):
            stack.push_async_callback(database.close)
        house = furnish(settings, clock, system_random, db, keys, register)
        stack.push_async_callback(house.broker.close)
        built = build(house, TeleexpertiseSettings())
        if not is_locked:
            unlocked = Unlocked(db, clock, system_random, built.availabilities)
            parts = replace(built.parts, dispatch=unlocked)
            built = replace(built, parts=parts, dispatch=unlocked, assignment=Assignment(parts))
        yield built


async def make_world(place: Place, requests: int, *, experts: int = EXPERTS) -> None:
    """Bring an empty installation to its schema, and fill it."""
    settings = place.settings()
    schemas = (
        (settings.database, application_schema([service.versions])),
        (settings.keystore, keystore_schema()),
        (settings.register, register_schema()),
    )
    for url, schema in schemas:
        database = Database(url)
        await migrate(database, schema)
        await database.close()
    async with opened(place) as built:
        people = built.parts.practitioners
        with open_register() as lines:
            await people.import_register(lines)
        with open_mailboxes() as lines:
            await people.import_mailboxes(lines)
        coordinator, requester, *others = await _people(people)
        pool = await built.dispatch.create_pool(
            name="Banc d’essai", questionnaire=FORM, coordinator_id=coordinator.id, hours=EVERY_DAY,
            zone="Europe/Paris", answer_within=timedelta(hours=72), accept_within=timedelta(hours=24),
            answer_time=timedelta(minutes=30),
        )  # fmt: skip
        # As many as they can take in all, and hardly more: who gets too many is over the cap.
        for expert in others[:experts]:
            await built.dispatch.put_member(pool.id, expert.id, Terms(cap=requests // experts + 2))
        await _fill(built, pool, requester.id, requests)


async def _people(practitioners: Practitioners) -> list[Practitioner]:
    """Everybody of the fictive register who has a mailbox, by identifier."""
    with open_mailboxes() as lines:
        fields = [line.decode().split("|") for line in lines]
    place = fields[0].index("Identification nationale PP")
    known = await practitioners.get_many({PractitionerId(line[place]) for line in fields[1:] if line[place]})
    return sorted((person for person in known.values() if person.mailboxes), key=lambda person: person.id)


async def list_requests(built: Teleexpertise, limit: int) -> list[RequestId]:
    """What waits, in the order of the deadlines."""
    async with built.parts.db.snapshot() as tx:
        [pool] = await built.dispatch.list_pools(tx)
        return await store.list_waiting(tx, pool.id, limit=limit)


async def _fill(built: Teleexpertise, pool: Pool, requester: PractitionerId, requests: int) -> None:
    parts, form = built.parts, built.registry.published(FORM)
    answers = parse_labelled_answers(form, ANSWERS).answers
    response = compose_response(form, QuestionnaireResponse(form.canonical, answers))
    for first in range(0, requests, 100):
        async with parts.db.transaction() as tx:
            for _ in range(min(100, requests - first)):
                now = parts.clock.now()
                request = ExpertiseRequest(
                    id=RequestId(new_row_id(now, parts.random_bytes)),
                    number=await store.take_number(tx, now.year),
                    requester=requester,
                    state=State.READY,
                    canonical=form.canonical,
                    created_at=now,
                    sent=Sent(pool.id, now, now + timedelta(hours=72)),
                )
                sealed = await parts.vault.seal(request.id, RequestContent(response=response))
                await store.insert(tx, request, sealed)
                await route_store.put(tx, request.id, Route(pool.id, Served.EVERYBODY))
