"""Every act that the house records has its sentence."""

import re
from pathlib import Path

from miss.base.text import Language
from miss.directory.accounts import Act
from miss.server.act_names import ACT_NAMES, name_act

ROOT = Path(__file__).parents[3]
ABOUT_PEOPLE = ("account.", "blocking.", "absence.", "preferences.", "proposal.", "export.", "directory.read")
_ACT = re.compile(r'act(?:: str)? ?= ?"([a-z_]+\.[a-z_]+)"|_record\(tx, [a-z.]+, "([a-z_]+\.[a-z_]+)"')


def test_every_act_on_an_account_has_a_sentence() -> None:
    assert {f"account.{act.value}" for act in Act} <= set(ACT_NAMES)


def test_every_act_that_the_source_writes_about_people_has_a_sentence() -> None:
    written = {
        found[1] or found[2]
        for path in (ROOT / "miss").rglob("*.py")
        for found in _ACT.finditer(path.read_text("utf-8"))
    }
    about_people = {act for act in written if act.startswith(ABOUT_PEOPLE)}
    assert {"blocking.added", "absence.removed", "preferences.notification", "export.made"} <= about_people
    assert about_people <= set(ACT_NAMES)


def test_an_act_nobody_has_named_is_shown_as_it_is() -> None:
    assert name_act("service.did_{something}").in_(Language.FR) == "autre acte : service.did_{something}"
    assert name_act("account.read").in_(Language.EN) == "looked at your account"
