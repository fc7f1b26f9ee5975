from datetime import date, timedelta

import pytest

from teleexpertise.availability.holidays import Territory, public_holidays

FIXED = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]


def easter(year: int) -> date:
    """The anonymous Gregorian computus: a source that is not the library's."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    ell = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * ell) // 451
    month, day = divmod(h + ell - 7 * m + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("year", range(2020, 2060))
def test_the_eleven_days_of_metropole(year: int) -> None:
    sunday = easter(year)
    movable = {sunday + timedelta(days=days) for days in (1, 39, 50)}
    assert public_holidays(Territory.METROPOLE, year) == movable | {date(year, *day) for day in FIXED}


def test_alsace_moselle_adds_good_friday_and_saint_stephen() -> None:
    extra = public_holidays(Territory.ALSACE_MOSELLE, 2026) - public_holidays(Territory.METROPOLE, 2026)
    assert extra == {date(2026, 4, 3), date(2026, 12, 26)}


@pytest.mark.parametrize(
    ("territory", "day"),
    [
        (Territory.LA_REUNION, date(2026, 12, 20)),
        (Territory.MAYOTTE, date(2026, 4, 27)),
        (Territory.MARTINIQUE, date(2026, 5, 22)),
        (Territory.GUADELOUPE, date(2026, 5, 27)),
        (Territory.SAINT_MARTIN, date(2026, 5, 28)),
        (Territory.GUYANE, date(2026, 6, 10)),
        (Territory.SAINT_BARTHELEMY, date(2026, 10, 9)),
        (Territory.NOUVELLE_CALEDONIE, date(2026, 9, 24)),
    ],
)
def test_days_of_overseas_territories(territory: Territory, day: date) -> None:
    assert day in public_holidays(territory, 2026)
    assert day not in public_holidays(Territory.METROPOLE, 2026)


@pytest.mark.parametrize("territory", Territory)
def test_every_territory_keeps_the_national_days(territory: Territory) -> None:
    assert public_holidays(territory, 2027) >= {date(2027, 5, 1), date(2027, 7, 14), date(2027, 12, 25)}
