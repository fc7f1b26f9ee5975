"""Exceptional access through the pages."""

import html

from tests.teleexpertise.web.conftest import Site

ACCESS = "acces-exceptionnel"
QUESTION = "Faut-il retirer cette lésion"


async def test_the_coordinator_opens_it_with_a_reason_and_not_without(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter())
    number = (await office.request()).number
    page, act = f"/teleexpertise/demandes/{number}", f"/teleexpertise/demandes/{number}/{ACCESS}"
    async with site.signed_in(office.marc) as browser:
        before = html.unescape((await browser.get(page)).text)
        assert QUESTION not in before
        assert "Sécurité du patient" in before
        for wrong in ({}, {"reason": "curiosity", "words": "x"}, {"reason": "safety", "words": " "}):
            assert (await browser.post(act, data=wrong)).status_code == 400
        opened = await browser.post(act, data={"reason": "safety", "words": "Le patient s’aggrave."})
        assert opened.headers["location"] == page
        after = html.unescape((await browser.get(page)).text)
    assert QUESTION in after
    assert "Accès exceptionnel jusqu’au" in after
    assert "Contenu ouvert par le coordinateur" in after


async def test_nobody_else_is_offered_it(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter())
    number = (await office.request()).number
    async with site.signed_in(office.paul) as browser:
        page = await browser.get(f"/teleexpertise/demandes/{number}")
        tried = await browser.post(
            f"/teleexpertise/demandes/{number}/{ACCESS}", data={"reason": "safety", "words": "x"}
        )
    assert ACCESS not in page.text
    assert tried.status_code == 403
