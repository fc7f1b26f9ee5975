"""Every page of the tele-expertise in both languages, on a telephone and on a desk: axe, the console, the width.

`STOPS` names each page by its route, at the moment of a request's life at which it has something to show; a page that
is on no list fails `test_no_page_is_left_out`, which needs no browser.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from miss.directory.roles import Role
from miss.directory.sample import people
from teleexpertise.answers.service import Written
from teleexpertise.answers.templates.model import Owner
from teleexpertise.house import Teleexpertise, build
from teleexpertise.settings import TeleexpertiseSettings
from teleexpertise.web.desk import HOME, Desk
from teleexpertise.web.routes import routes
from tests.browser.test_tour import DESK, PHONE, Office, Seen, _holder, office
from tests.teleexpertise.follow_up.answering import ADVICE

__all__ = ["office"]

SHOTS = os.environ.get("MISS_SHOTS", "")
"""A folder for pictures of the pages, for people to look at."""
REQUEST = "/demandes/{number}"
STOPS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "offered": {
        "requester": ["/", "/demandes", "/demandes/nouvelle", "/formulaires", "/formulaires/{form}", REQUEST],
        "holder": [
            "/avis", REQUEST, "/disponibilites", "/disponibilites/jours", "/disponibilites/agendas", "/conflits",
            "/modeles", "/modeles/nouveau", "/modeles/{template}",
        ],
        "coordinator": ["/coordination", "/coordination/{pool}", "/groupes", "/groupes/nouveau", "/groupes/{pool}"],
    },
    "asked": {
        "requester": [REQUEST, f"{REQUEST}/preciser"],
        "holder": [f"{REQUEST}/repondre"],
        "second": ["/secondes-lectures", "/secondes-lectures/{reading}"],
        "coordinator": [REQUEST],
    },
    "written": {"holder": [f"{REQUEST}/apercu"]},
    "answered": {
        "requester": [REQUEST, f"{REQUEST}/cloture", f"{REQUEST}/suivi"],
        "holder": ["/avis/{number}/termine", "/avis", REQUEST, f"{REQUEST}/corriger", "/cotations"],
    },
    "corrected": {"holder": [f"{REQUEST}/corriger/apercu"]},
    "followed": {
        "requester": ["/demandes/brouillons", "/demandes/{follow_up}/completer", "/demandes/{follow_up}/serie"],
    },
}  # fmt: skip
NO_PAGES = frozenset({"/cim10"})
"""Answered as JSON; files are known by the dot or the reference at their end."""
QUERIES = {"/avis/{number}/termine": "?fin=avis"}


def pages() -> set[str]:
    """The route of every page."""
    [mount] = routes(Desk(None, None))  # type: ignore[arg-type]
    found = {route.path for route in mount.routes if "GET" in route.methods}  # type: ignore[attr-defined]
    return {path for path in found if not path.endswith(("{ref}", "{rank}")) and "." not in path} - NO_PAGES


def test_no_page_is_left_out() -> None:
    seen = {path for stage in STOPS.values() for paths in stage.values() for path in paths}
    assert {path.replace("{follow_up}", "{number}") for path in seen} == pages()


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
async def test_every_page_is_accessible_in_both_languages(office: Office, locale: str) -> None:
    house = office.server.house
    service = build(house, TeleexpertiseSettings())
    holder = await _holder(office)
    second = people.KARIM_ESSAI if holder == people.ANNE_MODELE else people.ANNE_MODELE
    who = {
        "requester": people.PAUL_EXEMPLE, "holder": holder, "second": second, "coordinator": people.MARC_COORDO,
    }  # fmt: skip
    account = await house.accounts.find_by_rpps(people.MARC_COORDO)
    assert account is not None
    await house.roles.appoint(account, Role.TECHNICIAN, by="cli:essai")
    browsers: dict[tuple[str, str], Seen] = {}
    for role, rpps in who.items():
        for device, viewport in (("phone", PHONE), ("desk", DESK)):
            browsers[role, device] = await office.page(rpps, locale=locale, viewport=viewport)
    life = Life(office, service, holder)
    for stage, stops in STOPS.items():
        await getattr(life, stage)()
        for role, paths in stops.items():
            for device in ("phone", "desk"):
                for path in paths:
                    await look(browsers[role, device], stage, path, life.names, f"{locale[:2]}-{device}")


async def look(seen: Seen, stage: str, path: str, names: Mapping[str, str], suffix: str) -> None:
    """One page, everything that folds open."""
    page = seen.page
    answer = await page.goto(f"{HOME}{path.format(**names)}{QUERIES.get(path, '')}")
    assert answer is not None
    assert answer.status == 200, f"{path}: {answer.status}"
    await page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    await seen.check()
    viewport: Any = page.viewport_size
    assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], f"{path} scrolls sideways"
    if SHOTS:
        name = f"{stage}{path.replace('/', '-').replace('{', '').replace('}', '')}-{suffix}.png"
        await page.screenshot(path=str(Path(SHOTS) / name), full_page=True)


class Life:
    """One request, taken from stage to stage by the service's own rooms."""

    def __init__(self, office: Office, service: Teleexpertise, holder: str) -> None:
        self._office, self._service, self._rpps = office, service, holder
        self.names = {"number": office.number, "form": "dermatologie"}

    async def offered(self) -> None:
        """In somebody's hands; the holder has a template."""
        people_, service = self._office.server.house.practitioners, self._service
        expert, asker = await people_.find_by_rpps(self._rpps), await people_.find_by_rpps(people.PAUL_EXEMPLE)
        assert expert is not None
        assert asker is not None
        self._expert, self._asker = expert.id, asker.id
        async with service.parts.db.snapshot() as tx:
            (pool, *_) = await service.dispatch.list_pools(tx)
        view = await service.reading.view(self._office.number, self._expert)
        self._id = view.request.id
        template = await service.templates.create(
            Owner.expert(self._expert), self._expert, title="Eczéma : dermocorticoïde",
            text="Bétaméthasone crème, [dose] pendant [délai].", new_id=service.parts.new_id(),
        )  # fmt: skip
        self.names |= {"pool": pool.id, "template": template.id}

    async def asked(self) -> None:
        """Accepted; a colleague looks at it, and the requester is asked."""
        service = self._service
        await service.requests.accept(self._id, self._expert)
        reading = await service.second_readings.ask(self._id, self._expert, "D’accord pour surveiller ?")
        self.names["reading"] = reading.id
        await service.requests.ask(self._id, self._expert, "Depuis quand ?", ["d.debut", "d.photo.proche"])

    async def written(self) -> None:
        """The answer is whole."""
        await self._write(self._service.answering)

    async def answered(self) -> None:
        """It has left."""
        await self._service.answering.send(self._id, self._expert)

    async def corrected(self) -> None:
        """Its correction is whole."""
        await self._write(self._service.corrections, conduct="Exérèse sous quinze jours.")

    async def followed(self) -> None:
        """The correction has left, and the requester has begun a follow-up on the page."""
        await self._service.corrections.send(self._id, self._expert)
        seen = await self._office.page(people.PAUL_EXEMPLE)
        await seen.page.goto(f"{HOME}/demandes/{self._office.number}/suivi")
        await seen.page.get_by_role("button", name="Commencer le suivi").press("Enter")
        await seen.page.wait_for_url("**/completer")
        self.names["follow_up"] = seen.page.url.split("/")[-2]

    async def _write(self, room: Any, conduct: str = "Dermocorticoïde.") -> None:
        answers = {**ADVICE, "r.conduite": (conduct,)}
        written = Written(source=self._service.parts.new_id(), answers=answers, answered_at={})
        prepared = await room.save(self._id, self._expert, written)
        assert prepared.problems == ()
