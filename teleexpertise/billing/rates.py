"""The dated table of codes, amounts and ceilings, read and judged at start.  Pure.

A deployment brings its own (`TELEEXPERTISE_BILLING_FILE`); the one that comes with MiSS says that it is to be verified.
"""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from teleexpertise.billing.errors import RatesFaulty
from teleexpertise.billing.model import Rate, Role


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A rate and the days on which it holds, both included; `until` None: until further notice."""

    rate: Rate
    since: date
    until: date | None

    def holds(self, on: date) -> bool:
        """Whether it is the rate of that day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Rates:
    """Every rate there was and is."""

    dated: tuple[DatedRate, ...]

    def find(self, role: Role, on: date) -> Rate | None:
        """What that role bills on that day; None: nothing."""
        return next((one.rate for one in self.dated if one.rate.role is role and one.holds(on)), None)

    def find_code(self, code: str, on: date) -> Rate | None:
        """The rate of a code on that day."""
        return next((one.rate for one in self.dated if one.rate.code == code and one.holds(on)), None)


def load_rates(path: Path | None) -> Rates:
    """The deployment's rates; None: those that come with MiSS.  Raises RatesFaulty."""
    if path is None:
        return _packaged()
    try:
        return parse_rates(path.read_bytes())
    except OSError as error:
        raise RatesFaulty(place=str(path), fault=error.strerror or "unreadable") from None


@cache
def _packaged() -> Rates:
    return parse_rates((files("teleexpertise.billing") / "rates.json").read_bytes())


def parse_rates(data: bytes) -> Rates:
    """Raises RatesFaulty, which names the entry and what is wrong with it."""
    try:
        entries = json.loads(data)["rates"]
        if not isinstance(entries, list):
            raise TypeError
    except (ValueError, TypeError, KeyError):
        raise RatesFaulty(place="rates", fault="not a JSON object with a list “rates”") from None
    dated = tuple(_entry(entry, f"rates[{n}]") for n, entry in enumerate(entries))
    for n, one in enumerate(dated):
        for other in dated[:n]:
            if one.rate.role is other.rate.role and (other.holds(one.since) or one.holds(other.since)):
                raise RatesFaulty(place=f"rates[{n}]", fault="two rates of one role on the same day")
    return Rates(dated)


def _entry(entry: Any, place: str) -> DatedRate:
    try:
        amount, ceiling = Decimal(entry["amount_eur"]), int(entry["ceiling"])
        since = date.fromisoformat(entry["from"])
        until = date.fromisoformat(entry["until"]) if entry.get("until") else None
        rate = Rate(
            code=str(entry["code"]), role=Role(entry["role"]), amount_eur=amount, ceiling=ceiling,
            label=str(entry["label"]), source=str(entry["source"]), verified=entry["verified"] is True,
        )  # fmt: skip
    except KeyError as error:
        raise RatesFaulty(place=place, fault=f"{error.args[0]} is missing") from None
    except (ValueError, TypeError, AttributeError, InvalidOperation):
        raise RatesFaulty(place=place, fault="a value has the wrong form") from None
    if amount < 0 or ceiling < 1 or (until is not None and until < since):
        raise RatesFaulty(place=place, fault="an amount, a ceiling or the dates are out of range")
    return DatedRate(rate, since, until)
