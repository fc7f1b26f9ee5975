"""Write docs/retention.md from the tables that the code reads (`miss.base.retention`).

python3 run.py retention
"""

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from miss.base.retention import HOUSE, DataClass  # noqa: E402 - the repository's root comes first
from movements.kept import KEPT as MOVEMENTS  # noqa: E402
from teleexpertise.kept import KEPT as TELEEXPERTISE  # noqa: E402

TARGET = ROOT / "docs" / "retention.md"
TABLES = (("The house", HOUSE), ("Tele-expertise", TELEEXPERTISE), ("Patient movements", MOVEMENTS))
HEAD = """# How long what is kept

Written by `python3 run.py retention` from `miss/base/retention.toml`, `teleexpertise/retention.toml` and \
`movements/retention.toml`, which the code takes its periods from: change it there. Every table of the databases \
stands in a class (`tests/docs/test_retention.py`).

*key destroyed*: the data key goes first, then what it sealed is taken out; backups of the database cannot be read \
from then on, those of the key store end within a week (ADR 40, ADR 50). *emptied*: a trace stays, without what it \
said. *kept*: nothing takes it away by itself; whether that suits a deployment is its controller's to decide \
([dpia.md](dpia.md)).
"""


def compose() -> str:
    """The whole page."""
    parts = [HEAD]
    for title, table in TABLES:
        parts.append(f"\n## {title}\n\n")
        parts.append("| what | how long | then | setting | ground | tables |\n|---|---|---|---|---|---|\n")
        parts.extend(_rows(table.classes.values()))
    return "".join(parts)


def _rows(classes: Iterable[DataClass]) -> Iterable[str]:
    for one in classes:
        lasts = f"{one.lasts} after: {one.since}" if one.lasts else one.since
        then = f"{one.how}, by `{one.by}`" if one.by else str(one.how)
        setting = f"`{one.setting}`" if one.setting else "–"
        tables = ", ".join(f"`{name}`" for name in one.tables) or "–"
        yield f"| {one.what} | {lasts} | {then} | {setting} | {one.ground} | {tables} |\n"


if __name__ == "__main__":
    TARGET.write_text(compose(), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {sum(len(table.classes) for _, table in TABLES)} classes")
