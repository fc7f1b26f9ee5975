"""The declaration of accessibility says no more than an audit does."""

from pathlib import Path

import httpx
import pytest

from miss.base.clock import MovableClock, SystemClock
from miss.base.random import system_random
from miss.server.service import Services
from miss.server.web.accessibility import Conformance, conformance_of
from tests.databases import open_prepared_server
from tests.miss.server.running import settings_in


@pytest.mark.parametrize(
    ("rate", "level"),
    [
        (None, Conformance.NONE),
        (0, Conformance.NONE),
        (49.9, Conformance.NONE),
        (50, Conformance.PARTIAL),
        (99.9, Conformance.PARTIAL),
        (100, Conformance.FULL),
    ],
)
def test_what_a_site_may_call_itself(rate: float | None, level: Conformance) -> None:
    assert conformance_of(rate) is level


async def test_the_page_tells_the_audit_there_was_or_that_there_was_none(tmp_path: Path) -> None:
    for rate, said in ((None, "Aucun audit de conformité"), (72.5, "72.5 % des critères")):
        audit = {"accessibility_rate": rate, "accessibility_audit": "Cabinet fictif, mars 2026"}
        settings = settings_in(tmp_path / str(rate)).model_copy(update=audit)
        server = await open_prepared_server(settings, MovableClock(SystemClock().now()), system_random, Services())
        transport = httpx.ASGITransport(server.app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.public_origin) as browser:
            page = await browser.get("/accessibilite", headers={"Accept-Language": "fr"})
            english = await browser.get("/accessibilite", headers={"Accept-Language": "en"})
        await server.close()
        assert said in page.text
        assert ("Cabinet fictif, mars 2026" in page.text) is (rate is not None)
        assert "Accessibility statement" in english.text
        assert 'href="/accessibilite"' in page.text
