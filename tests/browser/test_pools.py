"""Pools, conflicts and what coordinators do by hand, in a real browser: accessibility on phone and desktop."""

import os
from pathlib import Path

import pytest

from miss.directory.sample import people
from teleexpertise.house import build
from teleexpertise.settings import TeleexpertiseSettings
from tests.browser.test_tour import DESK, PHONE, Office, office

__all__ = ["office"]
pytestmark = pytest.mark.browser
SHOTS = os.environ.get("MISS_TEST_SCREENSHOTS", "")
"""A folder: pages are kept there, to be looked at."""


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_pools_are_accessible(office: Office, viewport: dict[str, int]) -> None:
    service = build(office.server.house, TeleexpertiseSettings())
    paul = await office.server.house.practitioners.find_by_rpps(people.PAUL_EXEMPLE)
    assert paul is not None
    async with office.server.house.db.snapshot() as tx:
        (pool, *_) = await service.dispatch.list_pools(tx)
    asked, *_ = await service.reading.own(paul.id)
    tours = {
        people.MARC_COORDO: [
            "/teleexpertise/groupes",
            f"/teleexpertise/groupes/{pool.id}",
            f"/teleexpertise/groupes/{pool.id}?q=TEMOIN",
            f"/teleexpertise/demandes/{asked.request.number}",
        ],
        people.ANNE_MODELE: ["/teleexpertise/conflits", "/teleexpertise/conflits?q=EXEMPLE"],
    }
    for rpps, paths in tours.items():
        seen = await office.page(rpps, viewport=viewport)
        for rank, path in enumerate(paths):
            await seen.page.goto(path)
            await seen.page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
            await seen.check()
            if SHOTS:
                name = f"pools-{viewport['width']}-{rpps}-{rank}.png"
                await seen.page.screenshot(path=str(Path(SHOTS) / name), full_page=True)
            width = await seen.page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{path} scrolls sideways"
