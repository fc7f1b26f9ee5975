"""The databases: do they answer, is their schema ours, do they keep what they acknowledge, what time is it there.

An acknowledged message is a committed row (ADR 4): `synchronous_commit`, `fsync` and `full_page_writes` are what that
promise stands on, and a hosting provider may have turned them off for speed.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.server.examination.model import Finding, of_error, problem, warning
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable
from miss.storage.migrate import Schema, require_current

OLDEST_POSTGRESQL: Final = 14
"""The oldest release that is still corrected (https://www.postgresql.org/support/versioning/, November 2026)."""
CLOCKS_DIFFER: Final = timedelta(seconds=5)
_DURABLE: Final = {"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": {"on", "remote_apply"}}
"""PostgreSQL's settings, and the values under which a commit has reached a disk."""


async def examine_database(name: str, url: str, schema: Schema, clock: Clock) -> list[Finding]:
    """`name`: the setting that holds `url`."""
    db = Database(url)
    try:
        await require_current(db, schema)
        return [] if db.is_sqlite else await _examine_postgresql(name, db, clock)
    except DatabaseUnreachable as error:
        return [of_error(error, f"{name} ({db.name})")]
    except MissError as error:
        return [of_error(error)]
    finally:
        await db.close()


async def measure_clock(db: Database) -> datetime | None:
    """What time the database's server says it is; None on SQLite, which has our own clock."""
    if db.is_sqlite:
        return None
    async with db.snapshot() as tx:
        connection = await tx.connection()
        there: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return there


async def _examine_postgresql(name: str, db: Database, clock: Clock) -> list[Finding]:
    async with db.snapshot() as tx:
        connection = await tx.connection()
        version = int((await connection.execute(text("SHOW server_version_num"))).scalar_one()) // 10_000
        values = {
            setting: str((await connection.execute(text(f"SHOW {setting}"))).scalar_one()) for setting in _DURABLE
        }
    there = await measure_clock(db)
    findings = [
        problem(
            "{name} : PostgreSQL a « {setting} = {value} » : un message accusé peut être perdu. Remettez « on ».",
            "{name}: PostgreSQL has “{setting} = {value}”: an acknowledged message may be lost. Put it back to “on”.",
            name=name,
            setting=setting,
            value=value,
        )
        for setting, value in values.items()
        if value not in _DURABLE[setting]
    ]
    if version < OLDEST_POSTGRESQL:
        findings.append(
            warning(
                "{name} : PostgreSQL {version} n’est plus corrigé : passez à la version {oldest} ou suivante.",
                "{name}: PostgreSQL {version} is not corrected any more: go to version {oldest} or later.",
                name=name,
                version=version,
                oldest=OLDEST_POSTGRESQL,
            )
        )
    apart = abs(there - clock.now()) if there else timedelta()
    if apart > CLOCKS_DIFFER:
        findings.append(
            problem(
                "{name} : l’horloge du serveur PostgreSQL et celle de cette machine diffèrent de {seconds:.0f} s : "
                "réglez NTP (chrony) sur les deux.",
                "{name}: the clocks of the PostgreSQL server and of this machine differ by {seconds:.0f} s: set up NTP "
                "(chrony) on both.",
                name=name,
                seconds=apart.total_seconds(),
            )
        )
    return findings
