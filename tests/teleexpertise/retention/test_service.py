"""A year after its end nobody reads a request any more, from no copy: this is shown on a backup."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from miss.base.random import system_random
from miss.directory.audit import Subject
from miss.mail.retention import MailRetention
from miss.storage import Database
from miss.storage.errors import DataKeyDestroyed
from teleexpertise.requests import store
from teleexpertise.requests.content import Vault
from teleexpertise.requests.model import FactKind, State
from tests.teleexpertise.answers.test_service import ADVICE, held, save
from tests.teleexpertise.office import ANSWERS, HEADER, Office

YEAR = timedelta(days=365)
CANARY = "Faut-il retirer cette lésion"


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def back_up(live: Path, copy: Path) -> None:
    """As `sqlite3 .backup` does, under a server at work."""
    with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


async def answered(office: Office) -> str:
    request, holder = await held(office)
    await save(office, request, ADVICE)
    await office.service.answering.send(request.id, office.expert(request).id)
    await office.run_jobs()
    return holder


async def test_a_request_is_destroyed_a_year_after_its_end(office: Office, blobs: Path) -> None:
    await answered(office)
    request = await office.request()
    assert len(files_in(blobs)) == 2
    office.house.clock.advance(YEAR - timedelta(days=1))  # type: ignore[attr-defined]
    assert await office.service.retention.destroy_past() == 0
    assert (await office.service.reading.view(request.number, office.paul.id)).seen is not None
    office.house.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    assert await office.service.retention.destroy_past() == 1
    assert await office.service.retention.destroy_past() == 0
    assert files_in(blobs) == []
    with pytest.raises(DataKeyDestroyed):
        await office.service.reading.view(request.number, office.paul.id)
    [listed] = await office.service.reading.own(office.paul.id)
    assert (listed.request.number, listed.summary) == (request.number, "")
    page = await office.house.audit.list_(subject=Subject("request", request.id))
    assert page.entries[0].fact is not None
    assert page.entries[0].fact.act == "request.destroyed"
    async with office.house.db.snapshot() as tx:
        assert FactKind.SUBMITTED in [fact.kind for fact in await store.list_facts(tx, request.id)]


async def test_a_draft_is_destroyed_a_year_after_it_was_begun(office: Office) -> None:
    await office.deliver(office.letter(text=HEADER + ANSWERS.replace("d.siege : Tronc\n", "")))
    assert (await office.request()).state is State.DRAFT
    office.house.clock.advance(YEAR + timedelta(days=1))  # type: ignore[attr-defined]
    assert await office.service.retention.destroy_past() == 1


async def test_what_is_under_way_is_kept(office: Office) -> None:
    await office.deliver(office.letter())
    office.house.clock.advance(2 * YEAR)  # type: ignore[attr-defined]
    assert await office.service.retention.destroy_past() == 0


async def test_a_sweep_that_died_is_finished_by_the_next(office: Office, blobs: Path) -> None:
    await answered(office)
    request = await office.request()
    office.house.clock.advance(YEAR + timedelta(days=1))  # type: ignore[attr-defined]
    await office.service.parts.vault.destroy(request.id)
    assert await office.service.retention.destroy_past() == 1
    assert await office.service.retention.destroy_past() == 0


async def test_a_backup_from_before_says_nothing(office: Office, tmp_path: Path) -> None:
    await answered(office)
    request = await office.request()
    async with office.house.db.snapshot() as tx:
        before = await store.get(tx, request.id)
    back_up(tmp_path / "miss.db", tmp_path / "backup.db")
    shutil.copytree(tmp_path / "blobs", tmp_path / "backup-blobs")
    opened = await Vault(office.house.keystore).open_content(request.id, before.content)
    assert CANARY in str(opened.response)

    office.house.clock.advance(YEAR + timedelta(days=1))  # type: ignore[attr-defined]
    await office.service.retention.destroy_past()
    house = office.house
    await MailRetention(house.db, house.keystore, house.clock, system_random, YEAR).destroy_past()

    backup = Database(f"sqlite:///{tmp_path}/backup.db")
    async with backup.snapshot() as tx:
        restored = await store.get(tx, request.id)
        notes = await store.list_notes(tx, request.id)
    await backup.close()
    assert restored.content == before.content
    with pytest.raises(DataKeyDestroyed):
        await Vault(house.keystore).open_content(request.id, restored.content)
    with pytest.raises(DataKeyDestroyed):
        await Vault(house.keystore).open_answer(request.id, restored.answer)
    assert notes == []
    for sealed in files_in(tmp_path / "backup-blobs"):
        with pytest.raises(DataKeyDestroyed):
            await house.keystore.open(f"request:{request.id}", sealed.read_bytes(), what=f"file:{sealed.name}")
    copies = [path.read_bytes() for path in (tmp_path / "backup.db", tmp_path / "miss.db")]
    assert not any(
        word.encode() in copy for copy in copies for word in (CANARY, "FICTIF", "BASTIEN", "185075918304224")
    )
