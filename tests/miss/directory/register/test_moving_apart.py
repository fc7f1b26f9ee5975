"""An installation from before the register lay apart: people keep their accounts under their national number."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from miss.storage import Database
from miss.storage.migrate import application_schema, migrate
from tests.databases import postgresql_database

OLD_ID = "0192f0c4-0000-7000-8000-000000000001"
NEW_ID = "899900000029"
UID = b"u" * 16


@pytest.fixture(params=["sqlite", "postgresql"])
async def old(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of the revision before, with one account and its story."""
    async with AsyncExitStack() as stack:
        url = f"sqlite:///{tmp_path}/miss.db"
        if request.param == "postgresql":
            server_url = request.getfixturevalue("postgresql_url")
            url = await stack.enter_async_context(postgresql_database(server_url, empty=True))
        db = Database(url)
        stack.push_async_callback(db.close)
        await migrate(db, application_schema(), "miss_0002")
        async with db.engine.begin() as connection:
            for sql in (
                "INSERT INTO practitioner (id, national_id, rpps, family, given, civility, profession_code, profession,"
                " family_key, search_key, digest, updated_at) VALUES (:old, :new, '99900000029', 'EXEMPLE', 'Paul',"
                " 'Dr', '10', 'Médecin', 'exemple', '', '', '2026-11-20 09:00:00')",
                "INSERT INTO mailbox (address, practitioner_id, updated_at)"
                " VALUES ('paul@b.example', :old, '2026-11-20 09:00:00')",
                "INSERT INTO account (uid, practitioner_id, verification, verification_since, language)"
                " VALUES (:uid, :old, 'verified', '2026-11-20 09:00:00', 'fr')",
                "INSERT INTO account_role (uid, role) VALUES (:uid, 'practitioner')",
                "INSERT INTO sign_in_failures (subject, count, last_at) VALUES (:old, 1, '2026-11-20 09:00:00')",
            ):
                await connection.execute(text(sql), {"old": OLD_ID, "new": NEW_ID, "uid": UID})
        yield db


async def test_everybody_keeps_what_is_theirs(old: Database) -> None:
    await migrate(old, application_schema(), "miss_0003")
    async with old.engine.connect() as connection:
        assert (await connection.execute(text("SELECT uid, practitioner_id FROM account"))).all() == [(UID, NEW_ID)]
        assert (await connection.execute(text("SELECT subject FROM sign_in_failures"))).scalars().all() == [NEW_ID]
        if old.is_sqlite:
            assert (await connection.execute(text("PRAGMA integrity_check"))).scalars().all() == ["ok"]
            assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
    # Whoever the old tables never had may now have an account; what refers to an account still must.
    async with old.engine.begin() as connection:
        added = text(
            "INSERT INTO account (uid, practitioner_id, verification, verification_since, language)"
            " VALUES (:uid, '899900000011', 'pending', '2026-11-20 09:00:00', 'fr')"
        )
        await connection.execute(added, {"uid": b"v" * 16})
    with pytest.raises(IntegrityError):
        async with old.engine.begin() as connection:
            await connection.execute(
                text("INSERT INTO account_role (uid, role) VALUES (:uid, 'expert')"), {"uid": b"w" * 16}
            )
