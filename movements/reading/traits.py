"""The parts that both formats have: a date, a sex, an identity, each refused by the name of its field."""

import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from miss.base.errors import MissError
from miss.base.text import Language, Text
from miss.documents.identities import InsOid, InsStatus, NumberVerdict, PatientIdentity, Sex, check_matricule
from movements.errors import MovementRefused

MAX_CHARS = 120
OLDEST_YEAR = 1890
_SEXES = {"m": Sex.M, "h": Sex.M, "1": Sex.M, "f": Sex.F, "2": Sex.F, "i": Sex.I, "": None, "u": None, "o": Sex.I}

MISSING = Text(fr="valeur manquante", en="missing value")
_NO_DATE = Text(fr="date illisible", en="unreadable date")
_NO_SEX = Text(fr="sexe inconnu (M, F ou I)", en="unknown sex (M, F or I)")
_AHEAD = Text(fr="date à venir", en="date in the future")


def words(text: str) -> str:
    """One line without control characters, at most `MAX_CHARS`."""
    shown = "".join(" " if unicodedata.category(char).startswith("C") else char for char in text)
    return " ".join(shown.split())[:MAX_CHARS]


def require(text: str, field: str) -> str:
    """Raises MovementRefused if there is nothing."""
    said = words(text)
    if not said:
        raise MovementRefused(field=field, why=MISSING)
    return said


def parse_birth_date(text: str, field: str, today: date) -> date:
    """`19500201`, `1950-02-01`, `01/02/1950`.  Raises MovementRefused."""
    said = require(text, field)
    for form in ("%Y%m%d", "%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(said[:10] if form != "%Y%m%d" else said[:8], form).date()  # noqa: DTZ007 - a day
        except ValueError:
            continue
        if found > today:
            raise MovementRefused(field=field, why=_AHEAD)
        if found.year >= OLDEST_YEAR:
            return found
    raise MovementRefused(field=field, why=_NO_DATE)


def parse_moment(text: str, field: str, zone: ZoneInfo) -> datetime:
    """HL7 `20261122101500+0100`, ISO, `22/11/2026 10:15`; without an offset, on the clocks of `zone`.

    Raises MovementRefused.
    """
    said = require(text, field)
    forms = ("%Y%m%d%H%M%S%z", "%Y%m%d%H%M%z", "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")
    whole = said.partition(".")[0] + said[-5:] if "." in said and said[-5] in "+-" else said.partition(".")[0]
    try:
        found = datetime.fromisoformat(said) if "-" in said[:8] else None
    except ValueError:
        found = None
    for form in forms:
        if found is not None:
            break
        try:
            found = datetime.strptime(whole, form)  # noqa: DTZ007 - its zone is given below
        except ValueError:
            continue
    if found is None or found.year < OLDEST_YEAR:
        raise MovementRefused(field=field, why=_NO_DATE)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def parse_sex(text: str, field: str) -> Sex | None:
    """Raises MovementRefused."""
    said = words(text).lower()[:1]
    if said not in _SEXES:
        raise MovementRefused(field=field, why=_NO_SEX)
    return _SEXES[said]


def identity(
    *,
    family: str,
    given: tuple[str, ...],
    birth_date: date,
    sex: Sex | None,
    used_family: str = "",
    matricule: str = "",
    oid: InsOid | None = None,
    birth_place: str = "",
) -> PatientIdentity:
    """The identity; a matricule counts only if its key holds and everything that a qualified identity needs is there.

    A hospital sends an INS in a movement once it is qualified (PAM, French extension): with its OID.  One that is
    malformed is left out rather than sent on.  Raises MovementRefused.
    """
    number = "".join(matricule.split()).upper()
    is_whole = oid is not None and sex is not None and birth_place and check_matricule(number) is NumberVerdict.OK
    try:
        return PatientIdentity(
            birth_family_name=family,
            birth_given_names=given,
            birth_date=birth_date,
            sex=sex,
            used_family_name=used_family or None,
            birth_place_code=birth_place if is_whole else None,
            matricule=number if is_whole else None,  # type: ignore[arg-type]
            oid=oid if is_whole else None,
            status=InsStatus.QUALIFIEE if is_whole else InsStatus.PROVISOIRE,
        )
    except MissError as error:
        why = Text(fr=error.sentence(Language.FR), en=error.sentence(Language.EN))
        raise MovementRefused(field="patient", why=why) from None
