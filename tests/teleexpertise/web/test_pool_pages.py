"""Coordinators and technicians run pools, experts declare conflicts, requests are steered by hand: by httpx."""

import re
from dataclasses import replace
from typing import Any

import httpx

from miss.base.ids import PractitionerId
from miss.directory.roles import Role
from teleexpertise.dispatch import Pool, Terms
from teleexpertise.dispatch.policies import Policy, Requirement
from teleexpertise.dispatch.pools import Sheet
from teleexpertise.dispatch.pools.model import sheet_of
from teleexpertise.requests.model import State
from tests.teleexpertise.office import Office
from tests.teleexpertise.web.conftest import Site

SHEET: dict[str, Any] = {
    "name": "Dermatologie du Nord",
    "zone": "Europe/Paris",
    "territory": "FR",
    "answer_hours": "27",
    "accept_hours": "4",
    "answer_minutes": "30",
    **{f"{name}-{day}": at for day in range(5) for name, at in (("start", "09:00"), ("end", "18:00"))},
}
"""The office's pool as its form sends it back unchanged."""


async def policy_of(office: Office, pool: Pool) -> Policy:
    async with office.house.db.snapshot() as tx:
        return await office.service.parts.pools.get_policy(tx, pool.id)


async def pool_of(office: Office) -> Pool:
    async with office.house.db.snapshot() as tx:
        return await office.service.dispatch.get_pool(tx, office.pool.id)


async def terms_of(office: Office, pool: Pool) -> dict[str, Terms]:
    async with office.house.db.snapshot() as tx:
        members = await office.service.dispatch.list_members(tx, pool, office.house.clock.now())
    return {member.practitioner_id: member.terms for member in members}


async def test_a_coordinator_runs_their_pool_and_undoes(site: Site) -> None:
    office, page = site.office, f"/teleexpertise/groupes/{site.office.pool.id}"
    async with site.signed_in(office.marc) as browser:
        listed = await browser.get("/teleexpertise/groupes")
        assert office.pool.name in listed.text
        assert "Nouveau groupe" not in listed.text
        shown = await browser.get(page)
        assert shown.text.count("disponible</span>") == 2
        assert "Rien n’a été modifié" in shown.text

        found = await browser.get(page, params={"q": "TEMOIN"})
        assert "Claire TEMOIN" in found.text
        answer = await browser.post(f"{page}/membres", data={"practitioner": office.claire.id})
        assert answer.headers["location"] == f"{page}?fait=membre"
        assert "Personne ne correspond" in (await browser.get(page, params={"q": "TEMOIN"})).text
        terms = {"weight": "2", "cap": "3", "weekly_quota": "", "competences": "onco,  pédiatrie ", "active": "1"}
        await browser.post(f"{page}/membres/{office.claire.id}", data=terms)
        wanted = Terms(weight=2, cap=3, competences=frozenset({"onco", "pédiatrie"}))
        assert (await terms_of(office, office.pool))[office.claire.id] == wanted

        done = await browser.get(page, params={"fait": "conditions"})
        [change, *_] = re.findall(r'name="change" value="([^"]+)"', done.text)
        await browser.post(f"{page}/annuler", data={"change": change})
        assert (await terms_of(office, office.pool))[office.claire.id] == Terms()
        assert (await browser.post(f"{page}/annuler", data={"change": change})).status_code == 409


async def test_the_sheet_comes_back_as_it_was_and_is_changed(site: Site) -> None:
    office, page = site.office, f"/teleexpertise/groupes/{site.office.pool.id}"
    async with site.signed_in(office.marc) as browser:
        await browser.post(page, data=SHEET)
        assert "Rien n’a été modifié" in (await browser.get(page)).text, "the form says what the pool says"
        changed = SHEET | {
            "name": "Nord", "accept_hours": "1,5", "open_now_only": "1", "end-4": "12:00", "remove-3": "0",
            "establishments": "590780193\n", "departments": "59, 2a", "fallback_percent": "60",
            "competence": ["onco", ""], "answer": ["d.type|pigmentee", ""],
        }  # fmt: skip
        answer = await browser.post(page, data=changed)
        assert answer.headers["location"] == f"{page}?fait=fiche", answer.text
        assert (await browser.get(page)).text.count("Annuler cette modification") == 1
        wrong = await browser.post(page, data=changed | {"answer_hours": "bientôt", "name": "Sud"})
        assert wrong.status_code == 400
        assert 'role="alert"' in wrong.text
        assert 'value="Sud"' in wrong.text, "what was typed is still there"
    pool = await pool_of(office)
    assert (pool.name, pool.accept_within.total_seconds(), pool.open_now_only) == ("Nord", 5400, True)
    assert [slot.weekday for slot in pool.hours.weekly] == [0, 1, 2, 4]
    assert pool.coordinator_id == office.marc.id
    assert await policy_of(office, pool) == Policy(
        frozenset({"590780193"}),
        frozenset({"59", "2A"}),
        fallback_percent=60,
        requirements=(Requirement("onco", "d.type", "pigmentee"),),
    )


async def test_a_pool_is_nobody_elses(site: Site) -> None:
    office = site.office
    await office.service.parts.pools.change(
        office.pool.id,
        await _sheet(office, coordinator=office.anne.id),
        office.anne.id,
    )
    other = await office.service.parts.pools.create("plaies", await _sheet(office, coordinator=office.marc.id))
    async with site.signed_in(office.marc) as browser:
        assert (await browser.get(f"/teleexpertise/groupes/{other}")).status_code == 200
        page = f"/teleexpertise/groupes/{office.pool.id}"
        assert office.pool.name not in (await browser.get("/teleexpertise/groupes")).text.split("<tbody>")[0]
        assert (await browser.get(page)).status_code == 404
        assert (await browser.post(page, data=SHEET)).status_code == 404
        assert (await browser.post(f"{page}/membres", data={"practitioner": office.claire.id})).status_code == 404
        assert (await browser.get("/teleexpertise/groupes/nouveau")).status_code == 403


async def _sheet(office: Office, *, coordinator: PractitionerId) -> Sheet:
    pool = await pool_of(office)
    return replace(sheet_of(pool, await policy_of(office, pool)), coordinator_id=coordinator)


async def test_an_expert_declares_a_conflict_and_takes_it_back(site: Site) -> None:
    office = site.office
    async with site.signed_in(office.anne) as browser:
        assert "aucun conflit" in (await browser.get("/teleexpertise/conflits")).text
        found = await browser.get("/teleexpertise/conflits", params={"q": "EXEMPLE"})
        assert f'value="{office.paul.id}"' in found.text
        chosen = {"practitioner": office.paul.id, "reason": "family"}
        assert (await browser.post("/teleexpertise/conflits", data=chosen | {"reason": ""})).status_code == 400
        answer = await browser.post("/teleexpertise/conflits", data=chosen, follow_redirects=True)
        assert "Lien familial" in answer.text
        await office.deliver(office.letter())
        assert (await office.request()).holder == office.karim.id
        await browser.post(f"/teleexpertise/conflits/{office.paul.id}/retrait")
        assert "aucun conflit" in (await browser.get("/teleexpertise/conflits")).text


async def test_a_coordinator_sees_each_candidate_and_acts_by_hand(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter())
    request = await office.request()
    first = office.expert(request)
    other = office.karim if first == office.anne else office.anne
    page = f"/teleexpertise/demandes/{request.number}"
    async with site.signed_in(office.marc) as browser:
        shown = await browser.get(page)
        assert "à son tour" in shown.text
        assert "pouvait la prendre" in shown.text
        assert (await browser.post(f"{page}/confier", data={"expert": other.id, "reason": "x"})).status_code == 400
        await browser.post(f"{page}/confier", data={"expert": other.id, "reason": "skill"})
        assert (await office.request()).holder == other.id
        after = await browser.get(page)
        assert "choisi par le coordinateur" in after.text
        assert "Compétence particulière nécessaire" in after.text
        await browser.post(f"{page}/reprendre", data={"reason": "absent"})
        assert (await office.request()).state is State.READY
    async with site.signed_in(office.paul) as browser:
        asked = await browser.get(page)
        assert other.display_name not in asked.text
        assert "Compétence particulière" not in asked.text
        assert (await browser.post(f"{page}/reprendre", data={"reason": "absent"})).status_code == 403


async def test_a_technician_opens_a_pool(site: Site) -> None:
    office = site.office
    async with site.signed_in(office.claire) as browser:
        account = await office.house.accounts.find_by_practitioner(office.claire.id)
        assert account is not None
        await office.house.roles.appoint(account, Role.TECHNICIAN, by="test")
        blank: httpx.Response = await browser.get("/teleexpertise/groupes/nouveau")
        assert "Ouvrir le groupe" in blank.text
        sent = SHEET | {"name": "Plaies", "form": "plaies", "coordinator": "99900000096"}
        refused = await browser.post("/teleexpertise/groupes/nouveau", data=sent)
        assert refused.status_code == 404
        sent["coordinator"] = office.marc.rpps
        made = await browser.post("/teleexpertise/groupes/nouveau", data=sent, follow_redirects=True)
        assert "Personne dans ce groupe" in made.text
        assert "Plaies" in (await browser.get("/teleexpertise/groupes")).text
