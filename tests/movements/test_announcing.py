"""From what a hospital's program posts to the mail that its doctor's software files."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.directory.establishments.branding import Brandings
from miss.directory.establishments.tokens import TokenScope
from miss.directory.sample import people
from miss.documents.hprim import parse_hprim
from miss.server.demo.mailbox import text_of
from miss.storage.errors import DataKeyDestroyed
from movements import store
from movements.deliveries import Deliveries
from movements.folder import Folders
from movements.installation import lend
from movements.model import State
from movements.receiving import Receiving
from movements.retention import Retention
from movements.settings import MovementsSettings
from tests.miss.server.establishments.hospitals import Hospitals, alert
from tests.movements.samples import HEADER, LINE, SEGMENTS, message
from tests.movements.ward import ARRAS, CSV, DOOR, HL7, LILLE, PAGES, Ward, open_ward


async def counts(ward: Ward, organization_id: OrganizationId = LILLE) -> dict[State, int]:
    async with ward.hospitals.server.house.db.snapshot() as tx:
        return dict(await store.count_by_state(tx, organization_id))


async def test_the_doctor_is_told_once_and_told_again_when_it_is_cancelled(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    house = hospitals.server.house
    await Brandings(house.db, house.clock).put(LILLE, "#0b5563", "CHU fictif", None, "test")
    async with ward.program() as http:
        for _ in range(2):
            answer = await http.post(DOOR, content=message(), headers=HL7)
            assert answer.status_code == 200
            assert "\rMSA|AA|MSG00001\r" in answer.text
        [told] = await ward.mails()
        assert told["From"].startswith("CHU fictif - Mouvements de patients"), "as the establishment wants to be called"
        assert told["To"] == "Dr Paul EXEMPLE <paul.exemple@medecin.mssante.example>"
        assert told["Reply-To"].endswith("<admissions@ch-lille.mssante.example>")
        assert "EXEMPLE" not in told["Subject"]
        letter = parse_hprim(text_of(told).encode("iso-8859-1"))
        assert "Votre patiente Jeanne RENOM a été admise" in " ".join(text_of(told).split())
        assert letter is not None
        for _ in range(2):
            await http.post(DOOR, content=message("A11"), headers=HL7)
        _, cancelled = await ward.mails()
        assert cancelled["In-Reply-To"] == told["Message-ID"]
        assert "est annulée" in " ".join(text_of(cancelled).split())
    assert await counts(ward) == {State.CANCELLED: 1}


async def test_what_names_no_doctor_waits_for_somebody_to_name_one(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        await http.post(DOOR, content=message(ROL=""), headers=HL7)
    assert await ward.mails() == []
    async with hospitals.browser(people.ANNE_MODELE) as http:
        page = await http.get(PAGES)
        assert "RENOM Jeanne" in page.text
        assert "aucun médecin n’est nommé" in page.text
        [path] = {part.split('"')[0] for part in page.text.split('action="') if "/medecin" in part.split('"')[0]}
        assert "joignable" in alert(await http.post(path, data={"medecin": "99900000028"}))
        aside = await http.post(path.replace("/medecin", "/classement"))
        assert "Annuler" in (await http.get(aside.headers["location"])).text
        await http.post(path.replace("/medecin", "/reprise"))
        await http.post(path, data={"medecin": "paul.exemple@medecin.mssante.example"})
        assert "Dr Paul EXEMPLE" in (await http.get(f"{PAGES}?liste=annonces")).text
        assert (await http.post(path, data={"medecin": "99900000029"})).status_code == 404
    assert len(await ward.mails()) == 1


async def test_nobody_else_sees_or_settles_an_establishment_s_list(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        await http.post(DOOR, content=message(ROL=""), headers=HL7)
    for rpps, status in ((people.KARIM_ESSAI, 404), (people.MARC_COORDO, 403), (people.PAUL_EXEMPLE, 403)):
        async with hospitals.browser(rpps) as http:
            assert (await http.get(PAGES)).status_code == status
            assert (await http.post(f"{PAGES}/fichier", files={"fichier": ("a.csv", b"x")})).status_code == status


async def test_a_csv_file_tells_what_is_right_and_says_what_is_wrong(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    wrong, stranger = LINE.replace("admission", "promenade"), LINE.replace("M1", "M2").replace("99900000029", "")
    unheard = LINE.replace("admission", "annulation sortie").replace("M1", "M9")
    async with ward.program() as http:
        content = (HEADER + LINE + LINE + wrong + stranger + unheard).encode()
        said = (await http.post(DOOR, content=content, headers=CSV)).json()
        refused = said.pop("refused")
        assert said == {"told": 1, "unmatched": 1, "known": 1, "cancelled": 0, "corrected": 0, "unfounded": 1}
        assert [one["where"] for one in refused] == ["4"]
        assert (await http.post(DOOR, content=b"Nom\r\nX\r\n", headers=CSV)).json()[
            "code"
        ] == "movement_columns_missing"
        assert (await http.post(DOOR, content=b"{}", headers={"Content-Type": "text/json"})).status_code == 415
        assert (await http.post(DOOR, content=b"x" * 5_200_000, headers=CSV)).status_code == 413
    assert len(await ward.mails()) == 1


async def test_a_wrong_message_is_answered_by_what_is_wrong_with_it(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        wrong = message(PID=SEGMENTS["PID"].replace("19790303", "demain"))
        answer = await http.post(DOOR, content=wrong + message(), headers=HL7)
    assert answer.text.count("\rMSA|AE|MSG00001\rERR|") == 1
    assert "PID-7 : date illisible" in answer.text
    assert answer.text.count("\rMSA|AA|MSG00001\r") == 1


async def test_the_door_wants_a_token_for_this_use_and_somebody_who_reads(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        assert (await http.post(DOOR, content=message(), headers=HL7 | {"Authorization": ""})).status_code == 401
    async with ward.program(scope=TokenScope.SCIM) as http:
        assert (await http.post(DOOR, content=message(), headers=HL7)).status_code == 403
    async with ward.program(ARRAS) as http:
        answer = await http.post(DOOR, content=message(), headers=HL7)
        assert answer.json()["code"] == "movements_reply_contact_missing"
    assert await counts(ward, ARRAS) == {}


async def test_a_folder_is_emptied_and_what_could_not_be_read_is_set_aside(
    hospitals: Hospitals, tmp_path: Path
) -> None:
    ward = await open_ward(hospitals)
    house = hospitals.server.house
    parts = lend(house, MovementsSettings())
    folder = tmp_path / "depot"
    folder.mkdir()
    for name, content in (
        ("a.hl7", message()),
        ("b.csv", b"Nom\r\nX\r\n"),
        ("c.txt", b"x"),
        ("d.csv", HEADER.encode()),
    ):
        (folder / name).write_bytes(content)
        os.utime(folder / name, (0, 0))
    (folder / "e.hl7").write_bytes(message())  # still being written
    now = house.clock.now().timestamp()
    os.utime(folder / "e.hl7", (now, now))
    folders = Folders(parts, Deliveries(parts, Receiving(parts)), {LILLE: folder, ARRAS: tmp_path / "none"})
    await folders.look()
    assert sorted(one.name for one in folder.iterdir()) == ["c.txt", "e.hl7", "refuses", "traites"]
    assert sorted(one.name for one in (folder / "traites").iterdir()) == ["a.hl7", "d.csv"]
    assert "Il manque des colonnes" in (folder / "refuses" / "b.csv.erreur.txt").read_text(encoding="utf-8")
    (folder / "a.hl7").write_bytes(message())
    os.utime(folder / "a.hl7", (0, 0))
    await folders.look()
    assert (folder / "traites" / "a-2.hl7").exists()
    assert len(await ward.mails()) == 1


async def test_after_a_month_nothing_of_it_can_be_read(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    house = hospitals.server.house
    async with ward.program() as http:
        await http.post(DOOR, content=message(), headers=HL7)
    parts = lend(house, MovementsSettings())
    retention = Retention(parts, timedelta(days=31))
    async with house.db.snapshot() as tx:
        [kept] = await store.list_in(tx, LILLE, State.TOLD, offset=0, limit=9)
    assert await retention.destroy_past() == 0
    assert isinstance(house.clock, MovableClock)
    house.clock.advance(timedelta(days=32))
    assert await retention.destroy_past() == 1
    assert await counts(ward) == {}
    async with house.db.snapshot() as tx:
        assert sum((await store.tally(tx, house.clock.now() - timedelta(days=40), house.clock.now())).values()) == 1
    with pytest.raises(DataKeyDestroyed):
        await parts.open(kept.id, kept.sealed)
