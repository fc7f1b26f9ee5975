"""What an applicant says of themselves: from the fields of a form to a value, or to the faults of each field.  Pure.

Nothing is looked up here: a well-formed application may still name somebody else, or nobody.
Source: health-formats §4 (keys of RPPS, ADELI and FINESS numbers); the fields are those the sources' form asks for.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from miss.base.text import Language, Text
from miss.directory.practitioners.model import AcceptedFormat
from miss.directory.register.mailboxes import is_address, normalise_address
from miss.directory.registrations.errors import ApplicationRefused, Problem
from miss.documents.identities import NumberVerdict, check_adeli, check_finess, check_rpps

NAME_LENGTH, LINE_LENGTH, COMMENT_LENGTH = 100, 120, 2_000

_IN_NAMES = " '’.-"
_POSTCODE = re.compile(r"[0-9]{5}")
_PHONE = re.compile(r"(?:\+[0-9]{8,15}|0[0-9]{9})")
_PHONE_SPACING = re.compile(r"[\s.\-()]")

REQUIRED = Text(fr="Renseignez ce champ.", en="Fill in this field.")
TOO_LONG = Text(fr="C’est trop long : {limit} caractères au plus.", en="Too long: at most {limit} characters.")
NOT_A_NAME = Text(
    fr="Un nom s’écrit avec des lettres, des espaces, des traits d’union et des apostrophes.",
    en="A name is written with letters, spaces, hyphens and apostrophes.",
)
ONE_NUMBER = Text(
    fr="Indiquez votre numéro RPPS (11 chiffres) ou, à défaut, votre numéro ADELI (9 chiffres).",
    en="Give your RPPS number (11 digits) or, if you have none, your ADELI number (9 digits).",
)
MALFORMED: Mapping[str, Text] = {
    "rpps": Text(fr="Un numéro RPPS a 11 chiffres.", en="An RPPS number has 11 digits."),
    "adeli": Text(fr="Un numéro ADELI a 9 chiffres.", en="An ADELI number has 9 digits."),
    "finess": Text(fr="Un numéro FINESS a 9 caractères.", en="A FINESS number has 9 characters."),
}
WRONG_KEY = Text(
    fr="Ce numéro comporte une erreur de frappe : sa clé est fausse. Recopiez-le chiffre par chiffre.",
    en="This number has a typing mistake: its key is wrong. Copy it digit by digit.",
)
NOT_AN_ADDRESS = Text(
    fr="Cette adresse n’est pas complète, par exemple : prenom.nom@cabinet.example.",
    en="This address is not complete, for example: first.last@surgery.example.",
)
NOT_A_POSTCODE = Text(fr="Un code postal a 5 chiffres.", en="A postcode has 5 digits.")
NOT_A_PHONE = Text(
    fr="Un numéro de téléphone a 10 chiffres, ou commence par + et l’indicatif du pays.",
    en="A telephone number has 10 digits, or begins with + and the country code.",
)
CHOOSE = Text(fr="Choisissez dans la liste.", en="Choose from the list.")
ONE_FORMAT = Text(
    fr="Cochez au moins un format que votre logiciel peut recevoir.",
    en="Tick at least one format that your software can receive.",
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Application:
    """What the form says, cleaned.  Not shown by `repr`: it would reach the logs."""

    family: str
    given: str
    profession: str
    """Code of TRE_G15, among those of the register; empty: not told, the register has none yet."""
    rpps: str
    """Or empty."""
    adeli: str
    """Or empty; one of the two is there."""
    finess: str
    organization: str
    """Name of the practice or the establishment."""
    address: str
    """Street and number."""
    postcode: str
    town: str
    email: str
    """Of contact: not a secure mailbox."""
    phone: str
    mailbox: str
    """A secure-mail address the person already has, or empty."""
    software: str
    formats: frozenset[AcceptedFormat]
    news: bool
    """Agrees to non-commercial information mail."""
    comment: str
    language: Language
    function: str = ""
    """Of somebody who was invited: what they do for who invited them."""

    @property
    def display_name(self) -> str:
        """`Paul EXEMPLE`."""
        return f"{self.given} {self.family.upper()}"


Fields = Mapping[str, str]


class _Reader:
    """Reads fields, and gathers what is wrong with them."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self.problems: list[Problem] = []

    def text(self, name: str, length: int = LINE_LENGTH, *, required: bool = False, lines: bool = False) -> str:
        value = clean(self._fields.get(name, ""), lines=lines)
        if required and not value:
            self.problems.append(Problem(name, REQUIRED))
        elif len(value) > length:
            self.problems.append(Problem(name, TOO_LONG, length))
        return value

    def form(self, name: str, matches: Callable[[str], object], otherwise: Text, *, required: bool = False) -> str:
        """A text that `matches`."""
        value = self.text(name, required=required)
        if value and len(value) <= LINE_LENGTH and not matches(value):
            self.problems.append(Problem(name, otherwise))
        return value

    def formats(self, name: str, ticked: Collection[str]) -> frozenset[AcceptedFormat]:
        """What was ticked and exists."""
        found = frozenset(one for one in AcceptedFormat if one.value in ticked)
        if not found:
            self.problems.append(Problem(name, ONE_FORMAT))
        return found

    def number(self, name: str, check: Callable[[str], NumberVerdict]) -> str:
        value = "".join(clean(self._fields.get(name, "")).split()).upper()
        if value and (verdict := check(value)) is NumberVerdict.MALFORMED:
            self.problems.append(Problem(name, MALFORMED[name]))
        elif value and verdict is NumberVerdict.WRONG_KEY:
            self.problems.append(Problem(name, WRONG_KEY))
        return value


def parse_application(
    fields: Fields, formats: Collection[str], professions: Collection[str], language: Language
) -> Application:
    """The application that `fields` and the ticked `formats` say.

    `professions`: the codes of the register; if it has none, no profession is asked for.  Raises ApplicationRefused
    with every problem, in the order of the form.
    """
    reader = _Reader(fields)
    rpps = reader.number("rpps", check_rpps)
    if not rpps and not clean(fields.get("adeli", "")):
        reader.problems.append(Problem("rpps", ONE_NUMBER))
    application = Application(
        rpps=rpps,
        adeli=reader.number("adeli", check_adeli),
        family=reader.form("family", _is_name, NOT_A_NAME, required=True),
        given=reader.form("given", _is_name, NOT_A_NAME, required=True),
        profession=reader.form("profession", professions.__contains__, CHOOSE, required=True) if professions else "",
        organization=reader.text("organization"),
        finess=reader.number("finess", check_finess),
        address=reader.text("address", required=True),
        postcode=reader.form("postcode", _POSTCODE.fullmatch, NOT_A_POSTCODE, required=True),
        town=reader.text("town", required=True),
        email=normalise_address(reader.form("email", _is_mail, NOT_AN_ADDRESS, required=True)),
        phone=_PHONE_SPACING.sub("", reader.form("phone", _is_phone, NOT_A_PHONE)),
        mailbox=normalise_address(reader.form("mailbox", _is_mail, NOT_AN_ADDRESS)),
        software=reader.text("software"),
        formats=reader.formats("formats", formats),
        comment=reader.text("comment", COMMENT_LENGTH, lines=True),
        news=fields.get("news", "") == "1",
        language=language,
    )
    if reader.problems:
        raise ApplicationRefused(tuple(reader.problems))
    return application


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Invitee:
    """Whom an inviter names, cleaned.  Not shown by `repr`."""

    family: str
    given: str
    function: str
    """« secrétaire médicale », « agent d’accueil »."""
    email: str
    """Where the link goes: a mailbox that this person alone reads."""

    @property
    def display_name(self) -> str:
        """`Odile BUVARD`."""
        return f"{self.given} {self.family.upper()}"


def parse_invitee(fields: Fields) -> Invitee:
    """Whom the form of an invitation names.  Raises ApplicationRefused with every problem."""
    reader = _Reader(fields)
    invitee = Invitee(
        family=reader.form("family", _is_name, NOT_A_NAME, required=True),
        given=reader.form("given", _is_name, NOT_A_NAME, required=True),
        function=reader.text("function", required=True),
        email=normalise_address(reader.form("email", _is_mail, NOT_AN_ADDRESS, required=True)),
    )
    if reader.problems:
        raise ApplicationRefused(tuple(reader.problems))
    return invitee


def parse_invited(
    fields: Fields, invitee: Invitee, language: Language, *, organization: str, finess: str
) -> Application:
    """What somebody behind the link of an invitation says of themselves.

    Function, address of contact and employer (`organization`, `finess`) are those of the invitation, whatever `fields`
    say.  Raises ApplicationRefused with every problem, in the order of the form.
    """
    reader = _Reader(fields)
    application = Application(
        rpps="",
        adeli="",
        family=reader.form("family", _is_name, NOT_A_NAME, required=True),
        given=reader.form("given", _is_name, NOT_A_NAME, required=True),
        profession="",
        organization=organization,
        finess=finess,
        address=reader.text("address", required=True),
        postcode=reader.form("postcode", _POSTCODE.fullmatch, NOT_A_POSTCODE, required=True),
        town=reader.text("town", required=True),
        email=invitee.email,
        phone=_PHONE_SPACING.sub("", reader.form("phone", _is_phone, NOT_A_PHONE)),
        mailbox="",
        software="",
        formats=frozenset(),
        comment=reader.text("comment", COMMENT_LENGTH, lines=True),
        news=fields.get("news", "") == "1",
        language=language,
        function=invitee.function,
    )
    if reader.problems:
        raise ApplicationRefused(tuple(reader.problems))
    return application


def clean(text: str, *, lines: bool = False) -> str:
    """`text` without what hides, reorders or breaks; runs of spaces become one.  `lines`: line ends stay."""
    composed = unicodedata.normalize("NFC", text)
    if lines:
        return "\n".join(clean(line) for line in composed.splitlines()).strip()
    visible = "".join(char if unicodedata.category(char)[0] != "C" or char.isspace() else "" for char in composed)
    return " ".join(visible.split())


def _is_name(text: str) -> bool:
    return text[0].isalpha() and all(char.isalpha() or char in _IN_NAMES for char in text)


def _is_mail(text: str) -> bool:
    return is_address(normalise_address(text))


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(_PHONE_SPACING.sub("", text)) is not None
