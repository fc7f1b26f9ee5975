"""One answer ↔ the words a person reads and writes.

`show` writes a value; `read` understands it, and what people write instead: « oui », 06/11/2025, 3,5 cm, « Aucun ».
What is not understood raises NotUnderstood, which carries what was expected; it is never guessed.
"""

import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from miss.base.text import Language, Text
from teleexpertise.questionnaire.fhir import MAX_DIGITS, YEARS
from teleexpertise.questionnaire.fold import fold, keys
from teleexpertise.questionnaire.model import (
    CHOICES,
    AnswerValue,
    AttachmentRef,
    Coding,
    Item,
    ItemType,
    Quantity,
)

PARIS = ZoneInfo("Europe/Paris")
"""The zone of a date and time written without one, unless the caller knows better (overseas)."""
SEPARATOR = " · "
CHOICES_MAX = 4_000
"""Characters of the options chosen, however many: longer is no list of options."""

_YES = frozenset({"oui", "o", "yes", "y", "true", "vrai", "on", "x"})
_NO = frozenset({"non", "n", "no", "false", "faux"})
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+))(?:[.,](\d+))?(?!\d)", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_CLOCK = re.compile(
    r"[T\s,]*(?:(?:à|a|at)\s+)?(\d{1,2})\s?[:hH]\s?(\d\d)?(?:\s?[:mM]\s?(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_SPLIT = re.compile(r"[·;]")
_FILE_SIZE = re.compile(r"\s{0,3}\([\d,.\s\u00a0\u202f]{1,12}\s?(?:[kM]?o|[kM]?B)\)$")

_EXPECTED = {
    ItemType.BOOLEAN: Text(fr="« oui » ou « non »", en="“yes” or “no”"),
    ItemType.INTEGER: Text(fr="un nombre entier", en="a whole number"),
    ItemType.DECIMAL: Text(fr="un nombre, par exemple 3,5", en="a number, such as 3.5"),
    ItemType.DATE: Text(fr="une date JJ/MM/AAAA", en="a date DD/MM/YYYY"),
    ItemType.DATE_TIME: Text(fr="une date et une heure JJ/MM/AAAA HH:MM", en="a date and a time DD/MM/YYYY HH:MM"),
    ItemType.QUANTITY: Text(
        fr="un nombre et son unité, par exemple 3,5 cm", en="a number and its unit, such as 3.5 cm"
    ),
    ItemType.ATTACHMENT: Text(fr="un fichier joint", en="a file attached"),
}


class NotUnderstood(ValueError):
    """The words are not an answer to this item; `code` is that of the problem to report."""

    def __init__(self, code: str, expected: Text) -> None:
        super().__init__(code)
        self.code = code
        self.expected = expected


def expected(item: Item) -> Text:
    """What kind of answer `item` takes, for a sentence."""
    if item.type in CHOICES:
        labels = [(option.label.fr, option.label.en or option.label.fr) for option in item.options]
        return _literal(SEPARATOR.join(fr for fr, _ in labels), SEPARATOR.join(en for _, en in labels))
    return _EXPECTED.get(item.type, Text(fr="un texte", en="a text"))


def show(item: Item, value: AnswerValue, language: Language = Language.FR, zone: tzinfo = PARIS) -> str:
    """The answer as people read it; a date and time is shown in `zone`."""
    match value:
        case bool():
            return {Language.FR: ("non", "oui"), Language.EN: ("no", "yes")}[language][value]
        case int() | Decimal():
            return _number(value, language) + (f" {item.unit.display}" if item.unit and item.unit.display else "")
        case datetime():
            return _show_instant(value, language, zone)
        case date():
            return _show_date(value, language)
        case Coding():
            option = item.option(value.code)
            return option.label.in_(language) or option.label.fr if option else value.display or value.code
        case Quantity():
            return f"{_number(value.value, language)} {value.unit}".rstrip()
        case AttachmentRef():
            return f"{value.name} ({_size(value.size_bytes, language)})"
        case str():
            return value


def read(item: Item, words: str, zone: tzinfo = PARIS) -> tuple[AnswerValue, ...]:
    """The answers that `words` give to `item`, at least one; a time without offset is taken in `zone`.

    Raises NotUnderstood.  `words` are not blank, and `item` is a question other than an attachment.
    """
    words = words.strip()
    match item.type:
        case ItemType.BOOLEAN:
            found: AnswerValue | None = _read_boolean(words)
        case ItemType.CHOICE | ItemType.OPEN_CHOICE:
            return _read_choices(item, words)
        case ItemType.INTEGER:
            number = _read_plain_number(item, words)
            found = int(number) if number is not None and number == number.to_integral_value() else None
        case ItemType.DECIMAL:
            found = _read_plain_number(item, words)
        case ItemType.DATE:
            found = _read_date(words)
        case ItemType.DATE_TIME:
            found = _read_instant(words, zone)
        case ItemType.QUANTITY:
            found = _read_quantity(item, words)
        case ItemType.STRING | ItemType.TEXT:
            found = words
        case ItemType.ATTACHMENT | ItemType.GROUP | ItemType.DISPLAY:
            found = None
    if found is None:
        raise NotUnderstood("wrong_type", expected(item))
    return (found,)


def file_names(words: str) -> tuple[str, ...]:
    """The names of files written as the answer to an attachment, without the sizes that `show` adds."""
    parts = (_FILE_SIZE.sub("", part.strip()) for part in _SPLIT.split(words))
    return tuple(part for part in parts if part)


def _read_boolean(words: str) -> bool | None:
    key = fold(words.rstrip(" .!"))
    return True if key in _YES else False if key in _NO else None


def _read_choices(item: Item, words: str) -> tuple[AnswerValue, ...]:
    """Options by label or code, `·`, `;` or `,` between them; an open choice also takes other words."""
    whole = _read_option(item, words)
    if whole is None and len(words) > CHOICES_MAX and item.type is ItemType.CHOICE:
        raise NotUnderstood("not_an_option", expected(item))
    if whole is not None:
        return (whole,)
    if item.type is ItemType.OPEN_CHOICE and not item.repeats:
        return (words,)
    chosen: list[AnswerValue] = []
    for part in filter(None, map(str.strip, _SPLIT.split(words))):
        option = _read_option(item, part)
        options = [option] if option else [_read_option(item, piece) for piece in part.split(",") if piece.strip()]
        if None not in options and options:
            chosen += (one for one in options if one is not None and one not in chosen)
        elif item.type is ItemType.OPEN_CHOICE:
            chosen.append(part)
        else:
            raise NotUnderstood("not_an_option", expected(item))
    if not chosen:
        raise NotUnderstood("not_an_option", expected(item))
    return tuple(chosen)


def _read_option(item: Item, words: str) -> Coding | None:
    """The one option that goes by these words; whole labels and codes before shortened ones."""
    written = fold(words.strip(" ."))
    for exact in (True, False):
        named = [
            option.value
            for option in item.options
            for name in (option.value.code, option.label.fr, option.label.en)
            if written in (keys(name)[:1] if exact else keys(name))
        ]
        if named and all(value == named[0] for value in named):
            return named[0]
    return None


def _read_number(words: str) -> tuple[Decimal, str] | None:
    """The number that opens `words`, thousands spaced or not, and the unit that follows it."""
    match = _NUMBER.match(words)
    if match is None:
        return None
    whole, fraction = re.sub(r"[^\d+-]", "", match[1]), match[2] or ""
    if len(whole.lstrip("+-")) + len(fraction) > MAX_DIGITS:
        return None
    return Decimal(f"{whole}.{fraction}" if fraction else whole), words[match.end() :].strip()


def _read_plain_number(item: Item, words: str) -> Decimal | None:
    """A number with nothing behind it, or the unit of `item`."""
    found = _read_number(words)
    units = {fold(unit) for unit in (item.unit.display, item.unit.code)} if item.unit else set()
    return found[0] if found and fold(found[1]) in {""} | units else None


def _read_quantity(item: Item, words: str) -> Quantity | None:
    found = _read_number(words)
    if found is None:
        return None
    return Quantity(found[0], found[1] or (item.unit.display if item.unit else ""))


def _read_date(words: str) -> date | None:
    day_first, iso = _DAY_FIRST.fullmatch(words), _ISO_DATE.fullmatch(words)
    try:
        if day_first:
            found = date(int(day_first[3]), int(day_first[2]), int(day_first[1]))
        elif iso:
            found = date(int(iso[1]), int(iso[2]), int(iso[3]))
        else:
            return None
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _read_instant(words: str, zone: tzinfo) -> datetime | None:
    day = _DAY_FIRST.match(words) or _ISO_DATE.match(words)
    clock = _CLOCK.fullmatch(words[day.end() :].strip()) if day else None
    on = _read_date(day[0]) if day else None
    if on is None or clock is None:
        return None
    try:
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{clock[4]}").tzinfo if clock[4] else zone
        return datetime(on.year, on.month, on.day, int(clock[1]), int(clock[2] or 0), int(clock[3] or 0), tzinfo=offset)
    except ValueError:
        return None


def _show_instant(instant: datetime, language: Language, zone: tzinfo) -> str:
    """In `zone`; with its offset where the clock shows the same time twice (the end of summer time)."""
    local = instant.astimezone(zone)
    shown = f"{_show_date(local.date(), language)} {local:%H:%M}" + (f":{local:%S}" if local.second else "")
    offset = local.utcoffset() or timedelta()
    is_plain = local.replace(fold=0).utcoffset() == offset or offset.seconds % 60
    return shown if is_plain else f"{shown} {local.isoformat()[-6:]}"


def _show_date(day: date, language: Language) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}" if language is Language.FR else day.isoformat()


def _number(number: int | Decimal, language: Language) -> str:
    written = f"{number:f}" if isinstance(number, Decimal) else str(number)
    return written.replace(".", ",") if language is Language.FR else written


def _size(size_bytes: int, language: Language) -> str:
    unit = "o" if language is Language.FR else "B"
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1000))} k{unit}"
    return f"{_number(Decimal(round(size_bytes / 100_000)) / 10, language)} M{unit}"


def _literal(french: str, english: str) -> Text:
    """Words that hold no placeholder."""
    return Text(*(words.replace("{", "{{").replace("}", "}}") for words in (french, english)))
