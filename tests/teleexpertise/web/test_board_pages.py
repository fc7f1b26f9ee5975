"""Lists and figures as pages, without script: what stands first, what is found, what is taken away as CSV."""

import csv
import io

from tests.teleexpertise.web.conftest import Site


async def assigned(site: Site) -> str:
    """The number of a request that was offered to somebody."""
    await site.office.deliver(site.office.letter())
    return (await site.office.request()).number


async def test_a_worklist_offers_every_act_as_a_button(site: Site) -> None:
    number = await assigned(site)
    path = f"/teleexpertise/demandes/{number}"
    async with site.signed_in(site.office.expert(await site.office.request())) as browser:
        page = (await browser.get("/teleexpertise/avis")).text
        assert f'<a class="button" href="{path}">Ouvrir la première à échéance</a>' in page
        assert f'action="{path}/accepter"' in page
        assert f'action="{path}/decliner"' in page
        assert "À accepter dans" in page
        assert 'data-live="/api/teleexpertise/v1/events"' in page
        declined = await browser.post(f"{path}/decliner", data={"reason": "scope"})
        assert declined.headers["location"].endswith("/termine?fin=declinee")
        assert "Aucune demande ne vous attend." in (await browser.get("/teleexpertise/avis")).text


async def test_a_requester_finds_a_request_by_words_without_accents(site: Site) -> None:
    async with site.signed_in(site.office.paul) as browser:
        assert "Vous n’avez encore rien demandé." in (await browser.get("/teleexpertise/demandes")).text
        number = await assigned(site)
        for words, is_found in ((number[-4:], True), ("LESION pigmentee", True), ("lesion genou", False)):
            page = (await browser.get("/teleexpertise/demandes", params={"q": words})).text
            assert (number in page) is is_found, words
        assert (
            "Aucune de vos demandes ne contient «\N{NO-BREAK SPACE}&lt;b&gt;\N{NO-BREAK SPACE}»."
            in (await browser.get("/teleexpertise/demandes", params={"q": "<b>"})).text
        )


async def test_a_coordinator_reads_figures_and_takes_them_away(site: Site) -> None:
    office = site.office
    await assigned(site)
    board = f"/teleexpertise/coordination/{office.pool.id}"
    async with site.signed_in(office.marc) as browser:
        queues = (await browser.get("/teleexpertise/coordination")).text
        assert board in queues
        assert "moins de 4 h\N{NO-BREAK SPACE}: 1" in queues
        page = (await browser.get(board)).text
        assert "Indice d’équité de Jain" in page
        assert '<svg class="chart"' in page
        answer = await browser.get(f"{board}/experts-28.csv")
        assert answer.headers["content-disposition"].startswith('attachment; filename="experts-28-2026-11-20.csv"')
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        holder = (await office.request()).holder
        assert {row["Expert"]: row["Demandes reçues"] for row in rows} == {
            one.display_name: "1" if one.id == holder else "0" for one in (office.anne, office.karim)
        }
        assert (await browser.get(f"{board}/semaines.csv")).content.count(b"\r\n") == 13
        answer = await browser.get(f"{board}/satisfaction.csv")
        survey = answer.content.decode("utf-8-sig").replace('"', "").splitlines()
        assert survey[0].startswith("Mois;Avis rendus;Patients informés;Utile : réponses")
        assert survey[-2:] == ["nov. 2026;0;0;0;–;0;–;0;–", "Douze mois;0;0;0;–;0;–;0;–"]
        assert "Aucun avis n’a été rendu depuis douze mois." in page
        assert (await browser.get(f"{board}/autre.csv")).status_code == 404
    async with site.signed_in(office.anne) as browser:
        assert (await browser.get(board)).status_code == 403


async def test_people_go_on_talking_in_miss(site: Site) -> None:
    office, number = site.office, await assigned(site)
    path = f"/teleexpertise/demandes/{number}"
    expert = office.expert(await office.request())
    async with site.signed_in(office.paul) as paul, site.signed_in(expert) as holder:
        assert "miss:talk" not in (await paul.get(path)).text, "whom it is offered to is the pool's business"
        assert f"&amp;r={number}" in (await holder.get(path)).text
        await holder.post(f"{path}/accepter")
        account = await office.house.accounts.find_by_practitioner(expert.id)
        assert account is not None
        assert f'href="miss:talk?u={account.uid.hex()}&amp;r={number}"' in (await paul.get(path)).text
