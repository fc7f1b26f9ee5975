"""How much of the directory one person or program may see, by hour and by day.

People spend one for a page of answers and one for an entry opened; the page, the HTTP API and the chat's picker take
from the same buckets.  Programs ask more often and mean few people each time: their day is counted in entries shown.
Either way one account, or all programs of one establishment, see less than 1 % of the register in a day
(security.md, directory scraping), unless the operator gives the establishment more.
Buckets are those of `miss.broker`, shared by all processes.
"""

from dataclasses import dataclass
from math import ceil

from miss.broker import Rates
from miss.directory.search.errors import SearchQuotaReached
from miss.protocol.session.limits import Rate

HOURLY, DAILY = "SEARCHES", "SEARCHES_DAILY"
"""Kinds of buckets."""
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class SearchRates:
    """What one of them may spend."""

    hourly: Rate
    daily: Rate


def search_rates(per_hour: int, per_day: int) -> SearchRates:
    """`per_hour` at once, and as many an hour; never more than `per_day` in any 24 hours."""
    return SearchRates(Rate(burst=per_hour, per_s=per_hour / 3600), daily_rate(per_day))


def daily_rate(per_day: int) -> Rate:
    """Half of them at once, and the other half through the day: together the most that any 24 hours can have."""
    half = max(per_day // 2, 1)
    return Rate(burst=half, per_s=half / _DAY_S)


class SearchQuota:
    """Counts what people and programs ask of the directory."""

    def __init__(self, rates: Rates, people: SearchRates, programs: SearchRates) -> None:
        self._rates = rates
        self._people = people
        self._programs = programs

    async def take(self, subject: bytes, *, is_program: bool = False, per_day: int | None = None) -> None:
        """Count one, before anything is shown.

        `subject`: an account's uid, or what names an establishment, with its `per_day` (None: the settings').

        Raises SearchQuotaReached.
        """
        hourly = (self._programs if is_program else self._people).hourly
        for kind, rate in ((HOURLY, hourly), (DAILY, self._daily(per_day, is_program=is_program))):
            if wait_s := await self._rates.ask(kind, subject, rate):
                raise SearchQuotaReached(retry_after_s=ceil(wait_s), minutes=ceil(wait_s / 60))

    async def count_shown(
        self, subject: bytes, entries: int, *, is_program: bool = False, per_day: int | None = None
    ) -> None:
        """That many entries are shown for what `take` counted as one; of people nothing more is counted."""
        if is_program and entries > 1:
            await self._rates.owe(DAILY, subject, self._daily(per_day, is_program=True), entries - 1)

    def _daily(self, per_day: int | None, *, is_program: bool) -> Rate:
        if per_day is not None:
            return daily_rate(per_day)
        return (self._programs if is_program else self._people).daily
