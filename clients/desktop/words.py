"""What people read: French in the source, English from `locale/en.po`, as the server's pages do.

`_` is looked up when a sentence is shown, so that a change of language needs no restart of what shows it next.
"""

import gettext
import io
import re
from datetime import date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Final

from miss.base.text import Language

LOCALE: Final = Path(__file__).with_name("locale")
_MONTHS: Final = {
    Language.FR: (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    Language.EN: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_DAYS: Final = {
    Language.FR: ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_BEFORE_MARK: Final = re.compile(r"(?<=\S) (?=[:;?!%»])|(?<=«) ")


class _Spoken:
    """The language in force, for the one person in front of the screen."""

    language = Language.FR
    catalogue: gettext.NullTranslations = gettext.NullTranslations()


def speak(language: Language) -> None:
    """Say everything in `language` from now on."""
    _Spoken.language = language
    _Spoken.catalogue = gettext.NullTranslations() if language is Language.FR else _read(language)


def spoken() -> Language:
    """The language in force."""
    return _Spoken.language


def _(text: str) -> str:
    """`text` in the language in force."""
    return typeset(text) if _Spoken.language is Language.FR else _Spoken.catalogue.gettext(text)


@lru_cache(maxsize=1024)
def typeset(french: str) -> str:
    """`french` with the spaces that no line may end at: before « : ; ? ! % », inside « »."""
    return _BEFORE_MARK.sub("\u00a0", french)


def ngettext(one: str, many: str, count: int) -> str:
    """One or the other by number, in the language in force, with `{count}` filled in."""
    if _Spoken.language is Language.FR:  # zero is singular in French
        return typeset(one if abs(count) < 2 else many).format(count=count)
    return _Spoken.catalogue.ngettext(one, many, count).format(count=count)


def day(instant: datetime, zone: tzinfo | None, *, today: datetime) -> str:
    """« aujourd’hui », « hier », « lundi 16 novembre », with the year if it is another one.  `zone` None: the
    machine's."""
    local, now = instant.astimezone(zone), today.astimezone(zone)
    distance = (now.date() - local.date()).days
    if distance == 0:
        return _("aujourd’hui")
    if distance == 1:
        return _("hier")
    return date_text(local.date(), today=now.date())


def date_text(one: date, *, today: date) -> str:
    """« lundi 16 novembre », with the year if it is another one."""
    language = _Spoken.language
    text = f"{_DAYS[language][one.weekday()]} {one.day} {_MONTHS[language][one.month - 1]}"
    return text if one.year == today.year else f"{text} {one.year}"


def hour(instant: datetime, zone: tzinfo | None) -> str:
    """« 14:05 »."""
    return f"{instant.astimezone(zone):%H:%M}"


def short_date(instant: datetime, zone: tzinfo | None, *, today: datetime) -> str:
    """What a list has room for: the hour today, else the date."""
    local, now = instant.astimezone(zone), today.astimezone(zone)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{local:%d/%m}" if local.year == now.year else f"{local:%d/%m/%Y}"


def _read(language: Language) -> gettext.NullTranslations:
    from babel.messages.mofile import write_mo  # only where another language than the source is spoken
    from babel.messages.pofile import read_po

    with (LOCALE / f"{language.value}.po").open("rb") as file:
        catalogue = read_po(file, locale=language.value)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
