"""How long each class of data is kept, on what ground, and what becomes of it then: the one table that the code reads.

The table is `retention.toml`: the house's here, a service's at the root of its package.  Rooms take their periods from
it, docs/retention.md is written from it (`compose`), and a table of the database that no class names fails a test
(`tests/miss/base/test_retention.py`).  A period here is the default: where a class names a setting, the operator may
choose another.  GDPR art. 5(1)(e), 30(1)(f).  Pure.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final


class How(StrEnum):
    """What becomes of it."""

    DELETED = "deleted"
    KEY_DESTROYED = "key destroyed"
    """Then what it sealed is taken out; unreadable in backups once those of the keys have ended (ADR 40)."""
    EMPTIED = "emptied"
    """The row stays as a trace, without what it said."""
    KEPT = "kept"
    """Nothing takes it away by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataClass:
    """Data of one kind, that live and end together."""

    id: str
    what: str
    tables: tuple[str, ...]
    period: timedelta | None
    """None: counted in months, or as long as `since` says."""
    months: int
    """Calendar months; 0: counted otherwise."""
    since: str
    """What the period counts from, or how long it is kept where there is none."""
    how: How
    by: str
    """The module that does it; empty where nothing does."""
    setting: str
    """What the operator may choose another period by; empty: nothing."""
    ground: str
    """The text or the purpose that the period rests on."""

    @property
    def lasts(self) -> str:
        """The period in words; empty if there is none."""
        if self.months:
            return f"{self.months} months"
        if self.period is None:
            return ""
        days, hours = self.period // timedelta(days=1), self.period / timedelta(hours=1)
        if days:
            return "1 day" if days == 1 else f"{days} days"
        return f"{round(hours * 60)} minutes" if hours < 1 else f"{hours:g} h"


class RetentionTable:
    """The classes of one package."""

    def __init__(self, classes: Iterable[DataClass]) -> None:
        self.classes: Mapping[str, DataClass] = {one.id: one for one in classes}

    def period(self, class_id: str) -> timedelta:
        """How long a class is kept.  Raises KeyError if there is no such class, ValueError if it has no period."""
        if (period := self.classes[class_id].period) is None:
            raise ValueError(f"{class_id} has no period in days, hours or minutes")
        return period

    def days(self, class_id: str) -> int:
        """The same in whole days, as settings say it.  Raises KeyError, ValueError."""
        return self.period(class_id) // timedelta(days=1)

    def months(self, class_id: str) -> int:
        """Calendar months.  Raises KeyError, ValueError."""
        if not (months := self.classes[class_id].months):
            raise ValueError(f"{class_id} has no period in months")
        return months


def parse_table(text: str) -> RetentionTable:
    """The table that a TOML text holds.  Raises ValueError naming the class that is not whole."""
    return RetentionTable(_parse_class(class_id, said) for class_id, said in _walk(tomllib.loads(text)))


def read_table(package: str) -> RetentionTable:
    """The table at the root of a package.  Raises ValueError."""
    return parse_table(files(package).joinpath("retention.toml").read_text(encoding="utf-8"))


def _walk(said: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Mapping[str, Any]]]:
    for name, value in said.items():
        if "what" in value:
            yield above + name, value
        else:
            yield from _walk(value, f"{above}{name}.")


_UNITS: Final = ("days", "hours", "minutes")


def _parse_class(class_id: str, said: Mapping[str, Any]) -> DataClass:
    unknown = set(said) - {"what", "tables", "since", "how", "by", "setting", "ground", "months", *_UNITS}
    periods = [unit for unit in (*_UNITS, "months") if unit in said]
    how = How(said["how"])
    is_whole = bool(said.get("since")) and bool(said.get("ground")) and (how is How.KEPT) == (not said.get("by"))
    if unknown or not is_whole or len(periods) > 1 or any(said[unit] <= 0 for unit in periods):
        raise ValueError(f"retention.toml: {class_id} is not whole {sorted(unknown)}")
    units = {unit: said[unit] for unit in periods if unit in _UNITS}
    return DataClass(
        id=class_id,
        what=said["what"],
        tables=tuple(said.get("tables", ())),
        period=timedelta(**units) if units else None,
        months=said.get("months", 0),
        since=said["since"],
        how=how,
        by=said.get("by", ""),
        setting=said.get("setting", ""),
        ground=said["ground"],
    )


HOUSE: Final = read_table("miss.base")
"""What the house keeps."""
