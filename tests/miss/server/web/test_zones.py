"""On whose clock pages show times."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from miss.base.text import Language
from miss.server.web.zones import PAGE_ZONE, place_beside, place_of, zone_of

WINTER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def asked(cookie: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", f"zone={cookie}".encode())]})


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [
        ("Indian/Reunion", "Indian/Reunion"),
        ("", "Europe/Paris"),
        ("Mars/Olympus", "Europe/Paris"),
        ("/etc/passwd", "Europe/Paris"),
    ],
)
def test_the_reader_s_zone_or_that_of_the_platform(cookie: str, zone: str) -> None:
    assert zone_of(asked(cookie)).key == zone


def test_the_place_is_named_where_the_clocks_differ() -> None:
    assert place_beside(WINTER, ZoneInfo("Indian/Reunion"), Language.FR) == " (La Réunion)"
    assert place_beside(WINTER, ZoneInfo("Europe/Brussels"), Language.FR) == ""
    assert place_beside(WINTER, PAGE_ZONE, Language.EN) == ""
    assert place_of(ZoneInfo("Pacific/Noumea"), Language.FR) == "Nouméa"
