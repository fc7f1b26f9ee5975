"""Exports: counted, recorded, streamed; each format whole."""

import csv
import io
from collections.abc import AsyncIterator

import pytest
import vobject
from python_calamine import CalamineWorkbook

from miss.base.clock import MovableClock
from miss.broker import MemoryBroker, Rates
from miss.directory.accounts import Accounts
from miss.directory.audit import AuditLog
from miss.directory.exports import ExportFormat, Exports, OwnEntries, TooManyExports
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, INES_BROUILLON
from miss.storage import Database
from tests.miss.directory.exports.members import a_member
from tests.miss.directory.exports.test_ldif import parse


@pytest.fixture
def audit(db: Database, clock: MovableClock) -> AuditLog:
    return AuditLog(db, clock)


@pytest.fixture
async def exports(entries: OwnEntries, accounts: Accounts, audit: AuditLog) -> Exports:
    for rpps in (ANNE_MODELE, CLAIRE_TEMOIN, INES_BROUILLON):
        await a_member(accounts, rpps)
    return Exports(entries, audit, Rates(MemoryBroker().counts))


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_every_format_has_everybody(exports: Exports) -> None:
    numbers = [ANNE_MODELE, CLAIRE_TEMOIN, INES_BROUILLON]
    table = await whole(await exports.open(ExportFormat.CSV, by="cli:test"))
    rows = list(csv.DictReader(io.StringIO(table.decode(), newline="")))
    assert [row["rpps"] for row in rows] == numbers
    assert rows[0]["nom"] == "MODELE"
    assert rows[0]["messagerie_securisee"] == "anne.modele@ch-fictif.mssante.example"

    book = CalamineWorkbook.from_filelike(io.BytesIO(await whole(await exports.open(ExportFormat.XLSX, by="cli:test"))))
    assert [row[1] for row in book.get_sheet_by_index(0).to_python()[1:]] == numbers

    _, *people = parse(await whole(await exports.open(ExportFormat.LDIF, by="cli:test")))
    assert [pairs[0][1] for pairs in people] == [f"uid={number},o=MiSS" for number in numbers]

    cards = list(vobject.readComponents((await whole(await exports.open(ExportFormat.VCARD, by="cli:test"))).decode()))
    assert [card.note.value for card in cards] == [f"RPPS {number}" for number in numbers]


async def test_an_export_is_recorded_before_its_first_byte(exports: Exports, audit: AuditLog) -> None:
    chunks = await exports.open(ExportFormat.LDIF, by="ab" * 16)
    entry = (await audit.list_()).entries[0]
    assert entry.fact is not None
    assert (entry.fact.actor, entry.fact.act, entry.fact.detail) == ("ab" * 16, "directory.export", "ldif")
    assert await whole(chunks)


async def test_nobody_exports_again_and_again(exports: Exports) -> None:
    for _ in range(10):
        await exports.open(ExportFormat.CSV, by="cli:test", subject=b"one")
    with pytest.raises(TooManyExports) as refused:
        await exports.open(ExportFormat.CSV, by="cli:test", subject=b"one")
    assert refused.value.retry_after_s
    await exports.open(ExportFormat.CSV, by="cli:test", subject=b"other")
