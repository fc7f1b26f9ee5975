"""What a hospital says anew: no wrong letter is left standing, and nobody hears twice of the same."""

from miss.directory.sample import people
from miss.mail.trace.model import Stage
from miss.server.demo.mailbox import text_of
from movements import store
from movements.installation import lend
from movements.model import Kept, State
from movements.settings import MovementsSettings
from tests.miss.server.establishments.hospitals import Hospitals, alert
from tests.movements.samples import SEGMENTS, message
from tests.movements.ward import CSV, DOOR, HL7, LILLE, PAGES, Ward, open_ward

UPDATE = SEGMENTS["ZBE"].replace("INSERT", "UPDATE")
ANNE = SEGMENTS["ROL"].replace("99900000029^EXEMPLE^Paul", "99900000011^MODELE^Anne")
ELSEWHERE = SEGMENTS["PV1"].replace("CARDIO", "PNEUMO")


def words(mail: object) -> str:
    return " ".join(text_of(mail).split())  # type: ignore[arg-type]


async def kept(ward: Ward, state: State) -> list[Kept]:
    async with ward.hospitals.server.house.db.snapshot() as tx:
        return await store.list_in(tx, LILLE, state, offset=0, limit=9)


async def test_a_correction_replaces_the_letter_for_the_same_doctor(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        for content in (message(), message(PV1=ELSEWHERE, ZBE=UPDATE), message(PV1=ELSEWHERE, ZBE=UPDATE)):
            await http.post(DOOR, content=content, headers=HL7)
        first, second = await ward.mails()
        assert "RECTIFICATION" in second["Subject"]
        assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
        assert "« PNEUMO »" in words(second)
        assert "remplace l'annonce" in words(second)
        await http.post(DOOR, content=message("A11"), headers=HL7)
    *_, cancelled = await ward.mails()
    assert cancelled["In-Reply-To"] == second["Message-ID"], "under the letter that stood"


async def test_a_corrected_doctor_is_told_and_the_former_that_it_was_not_for_them(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        await http.post(DOOR, content=message(), headers=HL7)
        await http.post(DOOR, content=message(ROL=ANNE, ZBE=UPDATE), headers=HL7)
    first, *others = await ward.mails()
    told = {str(mail["To"]).split("<")[1]: mail for mail in others}
    recalled, announced = (told[f"{name}>"] for name in (
        "paul.exemple@medecin.mssante.example", "anne.modele@ch-fictif.mssante.example"
    ))  # fmt: skip
    assert recalled["In-Reply-To"] == first["Message-ID"]
    assert "ne vous était pas destinée" in words(recalled)
    assert "a été admise" in words(announced)
    assert "In-Reply-To" not in announced
    [one] = await kept(ward, State.TOLD)
    assert one.practitioner_id == "899900000011"


async def test_what_was_cancelled_before_it_was_announced_is_never_announced(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        assert "|AA|" in (await http.post(DOOR, content=message("A11"), headers=HL7)).text
        await http.post(DOOR, content=message("A11") + message(), headers=HL7)
        assert await ward.mails() == []
        # The same stay begins after all, an hour later.
        later = message(ZBE=SEGMENTS["ZBE"].replace("20261120101500", "20261120111500"))
        await http.post(DOOR, content=later + later, headers=HL7)
        [told] = await ward.mails()
        assert "à 11:15" in words(told)
        await http.post(DOOR, content=message("A11"), headers=HL7)
    assert len(await ward.mails()) == 2
    assert await kept(ward, State.TOLD) == []


async def test_a_correction_of_what_nobody_heard_of_tells_nobody(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        await http.post(DOOR, content=message(ZBE=UPDATE), headers=HL7)
        said = await http.post(
            DOOR,
            content=b"mouvement;date;nom;prenom;ddn\r\nrectification sortie;20/11/2026 10:00;X;Y;01/01/1980\r\n",
            headers=CSV,
        )
    assert said.json()["unfounded"] == 1
    assert await ward.mails() == []


async def test_one_that_waits_finds_its_doctor_in_a_correction(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        await http.post(DOOR, content=message(ROL=""), headers=HL7)
        await http.post(DOOR, content=message(ZBE=UPDATE), headers=HL7)
    [told] = await ward.mails()
    assert "RECTIFICATION" not in told["Subject"]
    assert await kept(ward, State.UNMATCHED) == []


async def test_a_letter_to_the_wrong_doctor_is_recalled_and_goes_to_another(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    async with ward.program() as http:
        await http.post(DOOR, content=message(), headers=HL7)
        await ward.mails()
        async with hospitals.browser(people.ANNE_MODELE) as browser:
            page = (await browser.get(f"{PAGES}?liste=annonces")).text
            assert "Remis au relais de messagerie" in page
            [path] = {part.split('"')[0] for part in page.split('action="') if "/rappel" in part.split('"')[0]}
            done = await browser.post(path, follow_redirects=True)
            assert "prévenu de l’erreur" in done.text
            assert "adressée à quelqu’un d’autre" in done.text
            assert (await browser.post(path)).status_code == 404
            # The hospital's program repeats itself: whom a person took the letter back from is not told again.
            await http.post(DOOR, content=message(ZBE=UPDATE, PV1=ELSEWHERE), headers=HL7)
            [waits] = await kept(ward, State.UNMATCHED)
            assert "joignable" in alert(await browser.post(f"{PAGES}/{waits.id}/medecin", data={"medecin": "x"}))
            await browser.post(f"{PAGES}/{waits.id}/medecin", data={"medecin": "99900000011"})
    mails = await ward.mails()
    assert [str(mail["Subject"]).split(" - ")[0].split(" :")[0] for mail in sorted(mails, key=_order)] == [
        "Mouvement de patient", "REÇU PAR ERREUR", "Mouvement de patient",
    ]  # fmt: skip


def _order(mail: object) -> str:
    return str(mail["Message-ID"]).partition(".")[2].replace(".movement@", ".movement-0@")  # type: ignore[index]


async def test_who_sent_it_has_the_proof(hospitals: Hospitals) -> None:
    ward = await open_ward(hospitals)
    house = hospitals.server.house
    async with hospitals.browser(people.ANNE_MODELE) as browser:
        sent = await browser.post(f"{PAGES}/fichier", files={"fichier": ("a.hl7", message())})
        assert "1 annonce envoyée" in sent.text
        await ward.mails()
        assert (await browser.get("/compte/preuves")).status_code == 200
    account = await house.accounts.find_by_rpps(people.ANNE_MODELE)
    assert account is not None
    parts = lend(house, MovementsSettings())
    [one] = await kept(ward, State.TOLD)
    [traced] = await house.trace.list_about(f"movement:{one.id}")
    assert traced.mailed.author == account.practitioner_id
    assert await parts.trace.stages_of([f"movement:{one.id}", "movement:none"]) == {
        f"movement:{one.id}": Stage.ACCEPTED
    }
