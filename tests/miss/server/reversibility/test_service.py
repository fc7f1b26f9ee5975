"""An establishment leaves one deployment and arrives in another: what arrives says the same."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.base.random import system_random
from miss.directory.audit import Subject
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Contact, ContactFunction
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.staff import UnitKind
from miss.directory.establishments.uploads import Uploads
from miss.mail.proofs import verify_statement
from miss.mail.proofs.errors import ProofNotGenuine
from miss.server.doors import Server
from miss.server.reversibility.age import new_key, unseal
from miss.server.reversibility.archive import Archive, ArchiveWriter, File
from miss.server.reversibility.errors import ArchiveFaulty, ArchiveOfOther
from miss.server.reversibility.rooms import build_exporter, demands_of
from miss.server.reversibility.taking import Taking, check
from miss.server.service import find_services
from movements.deliveries import Deliveries
from movements.installation import lend
from movements.receiving import Receiving
from movements.settings import MovementsSettings
from tests.databases import open_prepared_server
from tests.miss.server.establishments.hospitals import ARRAS, LILLE, ODILE, Hospitals
from tests.miss.server.running import settings_in
from tests.movements.samples import message

SECRET, PUBLIC = new_key(system_random)
TAKEN_IN = ("etablissement.json", "personnel.csv")


async def furnish(hospitals: Hospitals) -> None:
    """Something of everything that the house keeps."""
    house = hospitals.server.house
    contacts = [
        Contact(ContactFunction.MEDICAL, "Odile Buvard", "admissions@lille.mssante.example", "03 20 00 00 00"),
        Contact(ContactFunction.TECHNICAL, "Luc Essai", "dsi@lille.example", ""),
    ]
    await hospitals.establishments.set_contacts(LILLE, contacts, "test")
    north = await hospitals.establishments.add_unit(LILLE, UnitKind.SITE, "Site nord", "test", external_id="N1")
    await hospitals.establishments.add_unit(LILLE, UnitKind.DEPARTMENT, "Urgences", "test", parent_id=north.id)
    said = {StaffField(key): value for key, value in ODILE.items()}
    await hospitals.roster.add(LILLE, said, "test")
    doctor = {"family": "=Médecin", "given": "Zoé", "site": "Site nord", "department": "Urgences", "external_id": "42"}
    dated = {"starts_on": "2026-01-05", "phone": "03 20 00 00 01", "mailbox": "zoe@lille.mssante.example"}
    await hospitals.roster.add(LILLE, {StaffField(key): value for key, value in (doctor | dated).items()}, "test")
    await hospitals.roster.add(ARRAS, {StaffField.FAMILY: "Autre", StaffField.GIVEN: "Léo"}, "test")
    parts = lend(house, MovementsSettings())
    await Deliveries(parts, Receiving(parts)).take_hl7(LILLE, message())


async def exported(server: Server) -> bytes:
    target = io.BytesIO()
    made = await build_exporter(server.house, server.chat.signer).export(LILLE, target, PUBLIC, "cli:test")
    assert made.size_bytes == len(target.getvalue())
    return b"".join(unseal(io.BytesIO(target.getvalue()), SECRET))


def files_of(content: bytes) -> Mapping[str, bytes]:
    archive = Archive(io.BytesIO(content))
    return {path: archive.read(path) for path in archive.paths}


async def take(server: Server, content: bytes) -> None:
    house = server.house
    lent = (house.db, house.clock, house.random_bytes)
    uploads = Uploads(*lent, house.practitioners, Roster(*lent, house.practitioners))
    await Taking(Establishments(*lent), uploads).take(io.BytesIO(content), "cli:test")


async def test_what_left_arrives_and_says_the_same(hospitals: Hospitals, tmp_path: Path) -> None:
    await furnish(hospitals)
    house = hospitals.server.house
    await demands_of(house).ask(LILLE, PUBLIC, "test")
    content = await exported(hospitals.server)
    there = files_of(content)

    assert {path.partition("/")[0] for path in there} >= {"LISEZMOI.txt", "membres.json", "journal.jsonl", "mouvements"}
    assert b"Autre" not in b"".join(there.values()), "another establishment's"
    [member] = json.loads(there["membres.json"])
    assert (member["role"], member["name"]) == ("establishment_administrator", "Dr Anne MODELE")
    [movement] = [json.loads(there[path]) for path in there if path.startswith("mouvements/")]
    assert movement["movement"]["patient"]["birth_family_name"] == "EXEMPLE"
    acts = [line for line in there["journal.jsonl"].splitlines() if b"establishment.export" in line]
    assert len(acts) == 2, "asked, and made"
    waiting = await demands_of(house).find_last(LILLE)
    assert waiting
    assert waiting.made_at
    assert await demands_of(house).count_waiting() == 0
    archive = Archive(io.BytesIO(content))
    fingerprint = hospitals.server.chat.signer.root_fingerprint
    verify_statement(archive.manifest_bytes, archive.signature, fingerprint)
    with pytest.raises(ProofNotGenuine):
        check(io.BytesIO(content), fingerprint[::-1])

    with pytest.raises(ArchiveOfOther):
        await take(hospitals.server, content)
    settings = settings_in(tmp_path / "ailleurs")
    elsewhere = await open_prepared_server(settings, MovableClock(SystemClock().now()), system_random, find_services())
    try:
        await take(elsewhere, content)
        here = files_of(await exported(elsewhere))
    finally:
        await elsewhere.close()
    for path in TAKEN_IN:
        assert here[path] == there[path], path
    without = [
        [{key: value for key, value in one.items() if key != "history"} for one in json.loads(files["personnel.json"])]
        for files in (here, there)
    ]
    assert without[0] == without[1]
    assert json.loads(here["membres.json"]) == [], "identities are verified anew"


async def test_an_archive_with_another_log_is_refused(hospitals: Hospitals) -> None:
    content = await exported(hospitals.server)
    files = dict(files_of(content))
    lines = files["journal.jsonl"].splitlines(keepends=True)
    assert len(lines) > 3
    target = io.BytesIO()
    writer = ArchiveWriter(target)
    for path, data in (files | {"journal.jsonl": b"".join((*lines[:1], *lines[2:]))}).items():
        writer.add(File(path, data, "text/plain"))
    manifest = Archive(io.BytesIO(content)).manifest
    writer.finish(manifest.establishment_id, manifest.name, "MiSS", manifest.made_at, lambda _, at: b"{}")
    with pytest.raises(ArchiveFaulty) as refused:
        check(target)
    assert refused.value.params["path"] == "journal.jsonl"


async def test_who_reads_is_written_down_before_anything_is_read(hospitals: Hospitals) -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            if self.tell():
                raise OSError("no space left on device")
            return super().write(data)  # type: ignore[arg-type]

    house = hospitals.server.house
    with pytest.raises(OSError, match="no space"):
        await build_exporter(house, hospitals.server.chat.signer).export(LILLE, Full(), PUBLIC, "cli:test")
    log = await house.audit.list_(subject=Subject("organization", LILLE), limit=5)
    assert next(entry.fact.act for entry in log.entries if entry.fact) == "establishment.exported"
