"""The mailboxes of an establishment: the register's word; which one is written to, and what it takes: its own."""

from miss.directory.establishments.correspondence import Correspondence
from miss.directory.practitioners import AcceptedFormat
from miss.directory.sample import people
from tests.miss.directory.extractions import MAILBOX_COLUMNS, an_address, extraction
from tests.miss.server.establishments.hospitals import DESK, LILLE, Hospitals, alert

PAGE = f"{DESK}/messagerie"
RECEPTION, SKIN = "accueil@ch-lille.mssante.example", "dermatologie@ch-lille.mssante.example"


async def publish(hospitals: Hospitals, *addresses: str) -> None:
    """The register gives Lille these mailboxes, and no others."""
    shared = [an_address(one, kind="ORG") | {"Identification Structure": "1599990009"} for one in addresses]
    lines = extraction(MAILBOX_COLUMNS, [an_address("paul@b.example", "99900000029"), *shared])
    await hospitals.server.house.practitioners.import_mailboxes(lines, accept_shrink=True)


async def test_one_is_chosen_with_what_it_takes_and_given_up_again(hospitals: Hospitals) -> None:
    house = hospitals.server.house
    correspondence = Correspondence(house.db, house.clock, house.practitioners)
    await publish(hospitals, SKIN, RECEPTION)
    async with hospitals.browser(people.ANNE_MODELE) as browser:
        page = (await browser.get(PAGE)).text
        assert page.index(RECEPTION) < page.index(SKIN)
        assert "un service ne doit pas lire" in page
        saved = await browser.post(PAGE, data={"adresse": SKIN, "formats": ["hprim_text", "nothing of ours"]})
        assert saved.status_code == 303, saved.text
        page = (await browser.get(saved.headers["location"])).text
        assert f"<option selected>{SKIN}</option>" in page
        entry = (await correspondence.get(LILLE)).entry
        assert (entry.mailbox, entry.formats) == (SKIN, frozenset({AcceptedFormat.HPRIM_TEXT}))
        await browser.post(PAGE, data={"adresse": ""})
        entry = (await correspondence.get(LILLE)).entry
        assert (entry.mailbox, entry.formats) == ("", frozenset())


async def test_an_address_that_is_not_theirs_is_refused_and_nothing_changes(hospitals: Hospitals) -> None:
    await publish(hospitals, RECEPTION)
    async with hospitals.browser(people.ANNE_MODELE) as browser:
        await browser.post(PAGE, data={"adresse": RECEPTION, "formats": "xdm"})
        refused = await browser.post(PAGE, data={"adresse": "ailleurs@b.example", "formats": ["xdm", "hprim_text"]})
        assert refused.status_code == 400
        assert "dans la liste" in alert(refused)
        assert refused.text.count(" checked") == 2, "what was ticked still is"
        page = (await browser.get(PAGE)).text
        assert f"<option selected>{RECEPTION}</option>" in page
        assert page.count(" checked") == 1


async def test_without_a_mailbox_the_page_says_where_they_come_from(hospitals: Hospitals) -> None:
    await publish(hospitals)
    async with hospitals.browser(people.ANNE_MODELE) as browser:
        page = (await browser.get(PAGE)).text
        assert "Votre opérateur MSSanté" in page
        assert "<select" not in page


async def test_another_establishments_is_not_there(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.KARIM_ESSAI) as browser:
        assert (await browser.get(PAGE)).status_code == 404
        assert (await browser.post(PAGE, data={"adresse": ""})).status_code == 404
