"""Whole ways through the pages, by httpx on a real server: without script, as on the oldest tablet."""

from tests.teleexpertise.office import text_of
from tests.teleexpertise.web.conftest import Site


async def test_smoke(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter())
    request = await office.request()
    people = {p.id: p for p in (office.anne, office.karim)}
    expert = people[request.holder]  # type: ignore[index]
    browser = await site.sign_in(expert)
    page = await browser.get("/teleexpertise/avis")
    assert page.status_code == 200
    print(page.text)
    page = await browser.get(f"/teleexpertise/demandes/{request.number}")
    print(page.text)
    assert page.status_code == 200
    page = await browser.post(f"/teleexpertise/demandes/{request.number}/accepter", follow_redirects=True)
    print(page.text)
    assert page.status_code == 200
