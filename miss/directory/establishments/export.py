"""An establishment's list of staff as a CSV file that `files` reads back.  Pure.

Formula-safe: a cell that a spreadsheet would run (CWE-1236) gets an apostrophe, which `files` takes off again.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date

from miss.base.text import Language
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.staff import StaffFacts
from miss.documents.delimited import BOM, shield

_YES_NO = {Language.FR: ("oui", "non"), Language.EN: ("yes", "no")}


def compose_csv(people: Iterable[StaffFacts], language: Language = Language.FR) -> bytes:
    """UTF-8 with its mark and semicolons, as spreadsheets in France open it; a column for each `StaffField`."""
    text = io.StringIO()
    text.write(BOM)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([name.text.in_(language) for name in StaffField])
    for facts in people:
        writer.writerow([shield(_say(getattr(facts, name), language)) for name in StaffField])
    return text.getvalue().encode()


def _say(value: object, language: Language) -> str:
    if isinstance(value, bool):
        return _YES_NO[language][0 if value else 1]
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else ""
