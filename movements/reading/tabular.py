"""CSV into movements: a line each, columns found by their labels.

Errors are told by line; one wrong line keeps the others from nothing, as each movement stands alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

from miss.base.text import Text
from miss.directory.register.extraction import normalise_label
from miss.documents.delimited import FORMULA, Cell, Malformed, read_rows
from movements.errors import MovementColumnsMissing, MovementRefused, MovementsUnreadable
from movements.model import Movement, MovementKind, Referring
from movements.reading.traits import identity, parse_birth_date, parse_moment, parse_sex, require, words


class Column(StrEnum):
    """What a column may say; the value is the label that the documents give."""

    KIND = "mouvement"
    HAPPENED_AT = "date"
    FAMILY = "nom de naissance"
    USED_FAMILY = "nom utilisé"
    GIVEN = "prénoms"
    BIRTH_DATE = "date de naissance"
    SEX = "sexe"
    REFERENCE = "identifiant du mouvement"
    WARD = "service"
    FROM_WARD = "service d'origine"
    DESTINATION = "destination"
    DOCTOR_RPPS = "rpps du médecin"
    DOCTOR_FAMILY = "nom du médecin"
    DOCTOR_GIVEN = "prénom du médecin"
    DOCTOR_MAILBOX = "messagerie du médecin"


_OTHERS: Final[Mapping[Column, tuple[str, ...]]] = {
    Column.KIND: ("type", "evenement", "movement", "event"),
    Column.HAPPENED_AT: ("date mouvement", "date heure", "horodatage", "date and time"),
    Column.FAMILY: ("nom", "family name", "last name"),
    Column.USED_FAMILY: ("nom usage", "nom d usage"),
    Column.GIVEN: ("prenom", "given name", "first name"),
    Column.BIRTH_DATE: ("ne le", "ddn", "birth date"),
    Column.SEX: ("sex",),
    Column.REFERENCE: ("identifiant", "id", "numero mouvement", "reference"),
    Column.WARD: ("unite", "uf", "ward", "department"),
    Column.FROM_WARD: ("ancien service", "provenance", "from"),
    Column.DESTINATION: ("to",),
    Column.DOCTOR_RPPS: ("rpps", "rpps medecin traitant", "doctor rpps"),
    Column.DOCTOR_FAMILY: ("medecin traitant", "medecin", "doctor"),
    Column.DOCTOR_GIVEN: ("prenom medecin traitant",),
    Column.DOCTOR_MAILBOX: ("mssante medecin", "messagerie medecin traitant", "doctor mailbox"),
}
_COLUMN_OF: Final = {
    normalise_label(label): column for column in Column for label in (column.value, *_OTHERS.get(column, ()))
}
_REQUIRED: Final = (Column.KIND, Column.HAPPENED_AT, Column.FAMILY, Column.GIVEN, Column.BIRTH_DATE)
_KINDS: Final = {
    "admission": MovementKind.ADMISSION, "entree": MovementKind.ADMISSION, "admis": MovementKind.ADMISSION,
    "transfert": MovementKind.TRANSFER, "transfer": MovementKind.TRANSFER, "mutation": MovementKind.TRANSFER,
    "sortie": MovementKind.DISCHARGE, "discharge": MovementKind.DISCHARGE,
    "deces": MovementKind.DEATH, "death": MovementKind.DEATH, "decede": MovementKind.DEATH,
}  # fmt: skip
_CANCELS: Final = ("annulation", "annule", "cancel")
_CORRECTS: Final = ("rectification", "correction", "update")
_NO_KIND: Final = Text(
    fr="attendu : admission, transfert, sortie ou décès, précédé de « annulation » ou « rectification » s’il est "
    "annulé ou rectifié",
    en="expected: admission, transfer, discharge or death, after “cancel” or “update” if it is cancelled or corrected",
)
_FORMULA: Final = Text(fr="une formule n’est pas lue", en="a formula is not read")
_EMPTY: Final = Text(fr="il est vide", en="it is empty")


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One line, read or refused."""

    number: int
    """As a spreadsheet counts."""
    movement: Movement | None = None
    refused: MovementRefused | None = None


def parse_csv(content: bytes, zone: ZoneInfo, now: datetime) -> Iterator[Line]:
    """Each line.  `zone`: the hospital's clocks.  Raises MovementsUnreadable, MovementColumnsMissing at the start,
    MovementsUnreadable on the way."""
    try:
        rows = read_rows(content, lambda label: normalise_label(label) in _COLUMN_OF)
        filled = ((number, cells) for number, cells in rows if any(not isinstance(c, str) or c.strip() for c in cells))
        _, header = next(filled, (0, ()))
        if not header:
            raise MovementsUnreadable(why=_EMPTY)
        columns = [_COLUMN_OF.get(normalise_label(cell)) if isinstance(cell, str) else None for cell in header]
        if missing := [column.value for column in _REQUIRED if column not in columns]:
            raise MovementColumnsMissing(columns=Text(fr=", ".join(missing), en=", ".join(missing)))
        today = now.astimezone(zone).date()
        for number, cells in filled:
            said = {column: cell for column, cell in zip(columns, cells, strict=False) if column is not None}
            try:
                yield Line(number, movement=_movement(said, zone, today))
            except MovementRefused as refused:
                yield Line(number, refused=refused)
    except Malformed as malformed:
        raise MovementsUnreadable(why=malformed.why) from None


def _movement(said: Mapping[Column, Cell], zone: ZoneInfo, today: date) -> Movement:
    def cell(column: Column) -> str:
        value = said.get(column, "")
        if value is FORMULA:
            raise MovementRefused(field=column.value, why=_FORMULA)
        return words(str(value))

    kind, is_cancelled, is_update = _kind(cell(Column.KIND))
    happened_at = parse_moment(cell(Column.HAPPENED_AT), Column.HAPPENED_AT, zone)
    patient = identity(
        family=require(cell(Column.FAMILY), Column.FAMILY),
        given=tuple(require(cell(Column.GIVEN), Column.GIVEN).replace(",", " ").split()),
        used_family=cell(Column.USED_FAMILY),
        birth_date=parse_birth_date(cell(Column.BIRTH_DATE), Column.BIRTH_DATE, today),
        sex=parse_sex(cell(Column.SEX), Column.SEX),
    )
    traits = (patient.birth_family_name, *patient.birth_given_names, patient.birth_date, kind, happened_at)
    digest = blake2b("\x1f".join(map(str, traits)).encode(), digest_size=16).hexdigest()
    return Movement(
        reference=f"csv:{cell(Column.REFERENCE)}" if cell(Column.REFERENCE) else f"line:{digest}",
        kind=kind,
        happened_at=happened_at,
        is_cancelled=is_cancelled,
        is_update=is_update,
        patient=patient,
        ward=cell(Column.WARD),
        from_ward=cell(Column.FROM_WARD),
        destination=cell(Column.DESTINATION),
        referring=Referring(
            rpps="".join(cell(Column.DOCTOR_RPPS).split()),
            mailbox=cell(Column.DOCTOR_MAILBOX).lower(),
            family=cell(Column.DOCTOR_FAMILY),
            given=cell(Column.DOCTOR_GIVEN),
        ),
    )


def _kind(said: str) -> tuple[MovementKind, bool, bool]:
    """What happened, whether it is cancelled, whether it is said anew."""
    words_said = normalise_label(said).split()
    first = next(iter(words_said), "")
    name = next((word for word in words_said if word in _KINDS), "")
    if not name:
        raise MovementRefused(field=Column.KIND.value, why=_NO_KIND)
    return _KINDS[name], first in _CANCELS, first in _CORRECTS
