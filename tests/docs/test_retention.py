"""Every table of the databases has a class of retention, whoever destroys it exists, and docs/retention.md says it."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from sqlmodel import SQLModel

import miss
import movements
import teleexpertise
from miss.server.settings import Settings
from movements.settings import MovementsSettings
from scripts import retention
from teleexpertise.settings import TeleexpertiseSettings

ROOT = Path(__file__).resolve().parents[2]


def rows() -> Iterator[tuple[str, str]]:
    """Every table, and the package that it belongs to."""
    for package in (miss, movements, teleexpertise):
        root = Path(str(package.__file__)).parent
        for path in root.rglob("tables.py"):
            module = import_module(".".join(path.relative_to(root.parent).with_suffix("").parts))
            for made in vars(module).values():
                is_row = isinstance(made, type) and issubclass(made, SQLModel) and hasattr(made, "__table__")
                if is_row and made.__module__ == module.__name__:
                    yield made.__table__.name, package.__name__


def test_every_table_has_a_class_and_no_class_names_one_that_is_not() -> None:
    named = {table for _, classes in retention.TABLES for one in classes.classes.values() for table in one.tables}
    there = {name for name, _ in rows()}
    assert there - named == set(), "add them to the package's retention.toml, then: python3 run.py retention"
    assert named - there == set()


def test_who_destroys_exists() -> None:
    for _, table in retention.TABLES:
        for one in table.classes.values():
            assert not one.by or find_spec(one.by), one.id


def test_a_setting_that_is_named_exists_and_its_default_is_the_period() -> None:
    places = (("MISS_", Settings), ("TELEEXPERTISE_", TeleexpertiseSettings), ("MOVEMENTS_", MovementsSettings))
    for _, table in retention.TABLES:
        for one in table.classes.values():
            if not one.setting or (one.period is None and not one.months):
                continue
            [(prefix, settings)] = [(prefix, cls) for prefix, cls in places if one.setting.startswith(prefix)]
            default = settings.model_fields[one.setting.removeprefix(prefix).lower()].default
            assert default in (one.period, one.months, one.period and table.days(one.id)), one.id


def test_the_page_says_what_the_tables_say() -> None:
    assert (ROOT / "docs" / "retention.md").read_text(encoding="utf-8") == retention.compose()
