"""National identifiers and the identity of a patient.

INS (matricule with its OID), RPPS, ADELI, FINESS: form and key only.  Nothing here asks a teleservice whether the
identifier was ever attributed.  `check_*` returns a verdict and never raises, so that a caller may warn instead of
refusing (published test RPPS often fail their key); `parse_*` returns the identifier without spaces, or raises.

Source: INSEE (key of the NIR), RNIV (status of an identity), Annuaire Santé (PS_IdNat, Struct_IdNat).
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

from miss.documents.errors import IdentifierRefused, IdentityIncomplete, InsOidRefused

Matricule = NewType("Matricule", str)
"""The 15 characters of an INS: a NIR or NIA with its two-digit key."""
Rpps = NewType("Rpps", str)
Adeli = NewType("Adeli", str)
Finess = NewType("Finess", str)

PS_ID_NAT_OID = "1.2.250.1.71.4.2.1"
STRUCT_ID_NAT_OID = "1.2.250.1.71.4.2.2"
RPPS_PREFIX, ADELI_PREFIX, FINESS_PREFIX = "8", "0", "1"

_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
"""Each digit's double, its own digits added."""
_MATRICULE = re.compile(r"[1-478][0-9]{2}([0-9]{2})(?:[0-9]{2}|2[AB])[0-9]{8}")
_CORSICA = {"2A": "19", "2B": "18"}
_RPPS = re.compile(r"[0-9]{11}")
_NINE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{7}")
_BIRTH_PLACE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")


class NumberVerdict(StrEnum):
    """What a check found.  Only OK and KEY_UNCHECKED are accepted by the `parse_*` functions."""

    OK = "ok"
    MALFORMED = "malformed"
    WRONG_MONTH = "wrong_month"
    WRONG_KEY = "wrong_key"
    KEY_UNCHECKED = "key_unchecked"
    """Form right, but how the key counts the Corsican letter is not published: accepted, worth a warning."""


class InsOid(StrEnum):
    """The OIDs that announce an INS.  The social-security number's own (….4.13) is none of them."""

    NIR = "1.2.250.1.213.1.4.8"
    NIA = "1.2.250.1.213.1.4.9"
    TEST = "1.2.250.1.213.1.4.10"
    DEMO = "1.2.250.1.213.1.4.11"


class InsStatus(StrEnum):
    """How far an identity is established (RNIV)."""

    PROVISOIRE = "provisoire"
    """Neither papers seen nor teleservice called."""
    RECUPEREE = "récupérée"
    """Returned by the INSi teleservice; papers not seen."""
    VALIDEE = "validée"
    """Papers seen; teleservice not called."""
    QUALIFIEE = "qualifiée"
    """Both: the only status whose matricule may travel."""


class Sex(StrEnum):
    """Administrative sex of the INS traits."""

    M = "M"
    F = "F"
    I = "I"  # noqa: E741 - the letter of the national nomenclature (indeterminate)


def is_luhn(digits: str) -> bool:
    """True if `digits` (ASCII digits, its last one the key) satisfies the Luhn sum."""
    codes = digits.encode()
    # Sums of character codes: a register has a million and a half of these numbers.
    return (sum(codes[::-2]) + sum(codes[-2::-2].translate(_DOUBLED)) - ord("0") * len(codes)) % 10 == 0


def check_matricule(text: str) -> NumberVerdict:
    """Form, month and key of an INS matricule (15 characters, no space)."""
    form = _MATRICULE.fullmatch(text)
    if form is None:
        return NumberVerdict.MALFORMED
    if not _is_birth_month(int(form[1])):
        return NumberVerdict.WRONG_MONTH
    number = int(text[:5] + _CORSICA.get(text[5:7], text[5:7]) + text[7:13])
    return NumberVerdict.OK if 97 - number % 97 == int(text[13:]) else NumberVerdict.WRONG_KEY


def _is_birth_month(month: int) -> bool:
    """Calendar months, and the pseudo-months given when the civil-status document tells none."""
    return 1 <= month <= 12 or month == 20 or 30 <= month <= 42 or 50 <= month <= 99


def is_temporary(matricule: Matricule) -> bool:
    """True for a number attributed while waiting for a NIR (first digit 7 or 8): it cannot bear the NIR's OID."""
    return matricule[0] in "78"


def check_rpps(text: str) -> NumberVerdict:
    """Form and Luhn key of an RPPS number: 11 digits, without the `8` of PS_IdNat."""
    if _RPPS.fullmatch(text) is None:
        return NumberVerdict.MALFORMED
    return NumberVerdict.OK if is_luhn(text) else NumberVerdict.WRONG_KEY


def check_adeli(text: str) -> NumberVerdict:
    """Form and Luhn key of an ADELI number: 9 characters, without the `0` of PS_IdNat."""
    return _check_nine(text)


def check_finess(text: str) -> NumberVerdict:
    """Form and Luhn key of a FINESS number: 9 characters, without the `1` of Struct_IdNat."""
    return _check_nine(text)


def _check_nine(text: str) -> NumberVerdict:
    if _NINE.fullmatch(text) is None:
        return NumberVerdict.MALFORMED
    if not text.isdigit():
        return NumberVerdict.KEY_UNCHECKED
    return NumberVerdict.OK if is_luhn(text) else NumberVerdict.WRONG_KEY


def parse_matricule(text: str, field: str = "matricule") -> Matricule:
    """The matricule without its spaces.  Raises IdentifierRefused naming `field`."""
    number = _without_spaces(text)
    return Matricule(_require(number, check_matricule(number), field))


def parse_rpps(text: str, field: str = "rpps") -> Rpps:
    """The RPPS number without its spaces.  Raises IdentifierRefused naming `field`."""
    number = _without_spaces(text)
    return Rpps(_require(number, check_rpps(number), field))


def parse_adeli(text: str, field: str = "adeli") -> Adeli:
    """The ADELI number without its spaces.  Raises IdentifierRefused naming `field`."""
    number = _without_spaces(text)
    return Adeli(_require(number, check_adeli(number), field))


def parse_finess(text: str, field: str = "finess") -> Finess:
    """The FINESS number without its spaces.  Raises IdentifierRefused naming `field`."""
    number = _without_spaces(text)
    return Finess(_require(number, check_finess(number), field))


def parse_ins_oid(text: str) -> InsOid:
    """Raises InsOidRefused for any other OID, the social-security number's among them."""
    try:
        return InsOid(text)
    except ValueError:
        raise InsOidRefused(oid=text) from None


def ps_id_nat(number: Rpps | Adeli, prefix: str = RPPS_PREFIX) -> str:
    """A professional's identifier in the national form: `8` before an RPPS number, `0` before an ADELI one."""
    return prefix + number


def parse_ps_id_nat(text: str, field: str = "PS_IdNat") -> Rpps | Adeli:
    """The RPPS (prefix `8`, 12 characters) or ADELI number (prefix `0`, 10).  Raises IdentifierRefused."""
    if text[:1] == RPPS_PREFIX:
        return parse_rpps(text[1:], field)
    if text[:1] == ADELI_PREFIX:
        return parse_adeli(text[1:], field)
    raise IdentifierRefused(field=field, verdict=NumberVerdict.MALFORMED)


def struct_id_nat(finess: Finess) -> str:
    """An establishment's identifier in the national form: `1` before its FINESS number."""
    return FINESS_PREFIX + finess


def parse_struct_id_nat(text: str, field: str = "Struct_IdNat") -> Finess:
    """The FINESS number of an establishment (prefix `1`, 10 characters).

    Raises IdentifierRefused, also for the other kinds that the prefix tells (`3` SIRET, `0` and `4` practices).
    """
    if text[:1] != FINESS_PREFIX:
        raise IdentifierRefused(field=field, verdict=NumberVerdict.MALFORMED)
    return parse_finess(text[1:], field)


def _without_spaces(text: str) -> str:
    return "".join(text.split()).upper()


def _require(number: str, verdict: NumberVerdict, field: str) -> str:
    if verdict not in (NumberVerdict.OK, NumberVerdict.KEY_UNCHECKED):
        raise IdentifierRefused(field=field, verdict=verdict)
    return number


@dataclass(frozen=True, slots=True)
class Ins:
    """What may travel as an INS: both parts, or neither."""

    matricule: Matricule
    oid: InsOid


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PatientIdentity:
    """A patient's traits, as the requester wrote them.  Never shown by `repr`: it would reach the logs."""

    birth_family_name: str
    birth_given_names: tuple[str, ...]
    """All of them, in civil-status order; the first is the one most readers match on."""
    birth_date: date
    sex: Sex | None = None
    """None: not told.  Required of a qualified identity."""
    birth_place_code: str | None = None
    """INSEE code of the commune or country (99xxx), 5 characters."""
    used_family_name: str | None = None
    used_given_name: str | None = None
    matricule: Matricule | None = None
    oid: InsOid | None = None
    status: InsStatus = InsStatus.PROVISOIRE
    address_lines: tuple[str, ...] = ()
    postcode: str = ""
    town: str = ""

    def __post_init__(self) -> None:
        """Raises IdentityIncomplete, or IdentifierRefused for the matricule."""
        if not self.birth_family_name.strip():
            raise IdentityIncomplete(field="birth_family_name")
        if not self.birth_given_names or not all(name.strip() for name in self.birth_given_names):
            raise IdentityIncomplete(field="birth_given_names")
        if self.birth_place_code is not None and _BIRTH_PLACE.fullmatch(self.birth_place_code) is None:
            raise IdentityIncomplete(field="birth_place_code")
        if self.matricule is not None:
            _require(self.matricule, check_matricule(self.matricule), "matricule")
            if self.oid is InsOid.NIR and is_temporary(self.matricule):
                raise IdentityIncomplete(field="oid")
        if self.status is InsStatus.QUALIFIEE:
            for field in ("matricule", "oid", "sex", "birth_place_code"):
                if getattr(self, field) is None:
                    raise IdentityIncomplete(field=field)

    @property
    def first_given_name(self) -> str:
        return self.birth_given_names[0]

    @property
    def ins(self) -> Ins | None:
        """The INS to write in what is sent: only a qualified identity has one (RNIV); otherwise traits alone."""
        if self.status is InsStatus.QUALIFIEE and self.matricule is not None and self.oid is not None:
            return Ins(self.matricule, self.oid)
        return None
