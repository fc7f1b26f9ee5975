"""Every French string of the windows has its English, and dates are said as people say them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import clients.desktop
from clients.desktop.words import _, date_text, day, hour, ngettext, short_date, speak
from miss.base.text import Language

ROOM = Path(clients.desktop.__file__).parent
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def french_again() -> Iterator[None]:
    yield
    speak(Language.FR)


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def test_english_is_complete() -> None:
    shown = {_first(message) for _file, _line, message, _notes, _about in extract_from_dir(ROOM, [("**.py", "python")])}
    with (ROOM / "locale/en.po").open("rb") as file:
        catalogue = {_first(message.id): message for message in read_po(file, locale="en") if message.id}
    assert shown - catalogue.keys() == set(), "add these to clients/desktop/locale/en.po"
    assert catalogue.keys() - shown == set(), "no window shows these any more"
    for french, message in catalogue.items():
        assert message.string, f"no English for {french!r}"
        assert list(message.check()) == [], f"placeholders differ in {french!r}"


def test_french_breaks_no_line_before_its_marks() -> None:
    assert _("Qui écrit ? « Paul » : 3 %") == "Qui écrit\u00a0? «\u00a0Paul\u00a0»\u00a0: 3\u00a0%"
    assert ngettext("{count} avis : un", "{count} avis : plusieurs", 2) == "2 avis\u00a0: plusieurs"


def test_no_sentence_hides_in_an_f_string() -> None:
    # Babel does not look inside them on Python 3.11: they would never be translated.
    for path in ROOM.rglob("*.py"):
        assert "{_(" not in path.read_text(), path


def test_both_languages() -> None:
    assert _("Envoyer") == "Envoyer"
    assert ngettext("{count} non lu", "{count} non lus", 0) == "0 non lu"
    speak(Language.EN)
    assert _("Envoyer") == "Send"
    assert ngettext("{count} minute", "{count} minutes", 1) == "1 minute"
    assert _("Paul : oui") == "Paul : oui", "English has no space before its marks, hence none to keep together"


def test_days_and_hours() -> None:
    assert day(NOW, UTC, today=NOW) == "aujourd’hui"
    assert day(NOW - timedelta(days=1), UTC, today=NOW) == "hier"
    assert day(datetime(2026, 11, 16, tzinfo=UTC), UTC, today=NOW) == "lundi 16 novembre"
    assert day(datetime(2025, 1, 2, tzinfo=UTC), UTC, today=NOW) == "jeudi 2 janvier 2025"
    assert date_text(NOW.date(), today=NOW.date()) == "vendredi 20 novembre", "after « jusqu’au »"
    assert hour(NOW, UTC) == "09:00"
    assert short_date(NOW, UTC, today=NOW) == "09:00"
    assert short_date(datetime(2026, 3, 5, tzinfo=UTC), UTC, today=NOW) == "05/03"
