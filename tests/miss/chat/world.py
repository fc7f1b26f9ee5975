"""Four people who have linked a device, three of them in a conversation: made once a session, copied for each test.

Made through the real doors; what a test gets is those rows in a database of its own, of either kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.broker import MemoryBroker
from miss.directory.accounts import Accounts
from miss.directory.practitioners import Practitioners
from miss.directory.register.tables import REGISTER_METADATA
from miss.directory.sample import open_register
from miss.directory.sample.people import ANNE_MODELE, EVERYBODY, HUGO_FACTICE, KARIM_ESSAI, PAUL_EXEMPLE
from miss.directory.signer import load_or_create_signer
from miss.storage import Database
from tests.miss.chat.kit import Member, Place, Process, Team, running

Rows = Mapping[str, list[dict[str, Any]]]


@dataclass
class World:
    """Anne (admin), Paul and Karim are in `team`; Hugo is not."""

    place: Place
    anne: Member
    paul: Member
    karim: Member
    hugo: Member
    team: Team

    def at(self, process: Process, place: Place | None = None) -> "World":
        """A copy of its own that talks to `process`."""
        place = place or self.place
        known = self.team
        team = replace(known, process=process, place=place, chains=dict(known.chains), secrets=dict(known.secrets))
        anne, paul, karim, hugo = map(replace, (self.anne, self.paul, self.karim, self.hugo))
        return World(place, anne, paul, karim, hugo, team)


@dataclass(frozen=True)
class Template:
    """The world as rows, as a SQLite file, and as clients know it."""

    rows: Rows
    file: Path
    world: World
    operator: Path


def open_place(db: Database, clock: MovableClock, random_bytes: RandomBytes, operator: Path, blobs: Path) -> Place:
    """The services of one installation."""
    return Place(
        db,
        clock,
        random_bytes,
        Practitioners(db, clock, random_bytes),
        Accounts(db, clock, random_bytes, validity=timedelta(days=30), tries=5),
        load_or_create_signer(operator, clock, random_bytes),
        blobs,
    )


async def make_template(folder: Path) -> Template:
    """Register, accounts, links, first commit."""
    # An hour before the tests' own clock, so that nothing in the template lies in their future.
    clock = MovableClock(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    db = Database(f"sqlite:///{folder}/template.db")
    async with db.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    place = open_place(db, clock, Random(8).randbytes, folder / "operator", folder / "blobs")
    with open_register() as lines:
        header, *rest = lines
        cast = [line for line in rest if line[2:13].decode() in EVERYBODY]
        await place.practitioners.import_register([header, *cast])
    broker = MemoryBroker()
    await broker.start()
    async with running(place, broker) as process:
        anne, paul, karim, hugo = [
            await Member.arrive(process, place, rpps) for rpps in (ANNE_MODELE, PAUL_EXEMPLE, KARIM_ESSAI, HUGO_FACTICE)
        ]
        team = await Team.gather(process, place, anne, paul, karim)
    await broker.close()
    async with db.engine.connect() as connection:
        rows = {table.name: await _read(connection, table) for table in _copied_tables()}
    await db.close()
    return Template(rows, folder / "template.db", World(place, anne, paul, karim, hugo, team), folder / "operator")


async def restore(template: Template, db: Database) -> None:
    """The template's rows, in another database."""
    async with db.engine.begin() as connection:
        for table in _copied_tables():
            if template.rows.get(table.name):  # a service may have brought its tables since
                await connection.execute(insert(table), template.rows[table.name])


def _copied_tables() -> list[Table]:
    """All but those whose rows the database numbers, which would number them twice."""
    tables = (*SQLModel.metadata.sorted_tables, *REGISTER_METADATA.sorted_tables)
    return [table for table in tables if table.autoincrement_column is None]


async def _read(connection: AsyncConnection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in (await connection.execute(select(table))).mappings()]
