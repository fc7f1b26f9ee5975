"""What an applicant says beside what the national register says of that number: where they differ, and how much.  Pure.

A comparison decides nothing: a technician does.  What is written otherwise and means the same (case, accents, hyphens)
is no difference; a typing mistake is a doubt; another name is serious.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.directory.practitioners.model import Practitioner
from miss.directory.registrations.application import Application
from miss.directory.search.typos import distance, sound
from miss.directory.search.words import fold, fold_words


class Severity(IntEnum):
    """How much a difference weighs."""

    SAME = 0
    NOTE = 1
    """Worth a look; explains itself most of the time."""
    DOUBT = 2
    """May be a mistake or somebody else."""
    SERIOUS = 3
    """Not to be approved as it is."""


class Item(StrEnum):
    """What is compared."""

    NUMBER = "number"
    FAMILY = "family"
    GIVEN = "given"
    PROFESSION = "profession"
    PLACE = "place"
    FINESS = "finess"
    MAILBOX = "mailbox"
    FUNCTION = "function"
    EMPLOYER = "employer"


ITEM_NAMES = {
    Item.NUMBER: Text(fr="Numéro", en="Number"),
    Item.FAMILY: Text(fr="Nom d’exercice", en="Family name"),
    Item.GIVEN: Text(fr="Prénom", en="Given name"),
    Item.PROFESSION: Text(fr="Profession", en="Profession"),
    Item.PLACE: Text(fr="Lieu d’exercice", en="Place of practice"),
    Item.FINESS: Text(fr="FINESS", en="FINESS"),
    Item.MAILBOX: Text(fr="Messagerie sécurisée", en="Secure mailbox"),
    Item.FUNCTION: Text(fr="Fonction", en="Function"),
    Item.EMPLOYER: Text(fr="Employeur", en="Employer"),
}

UNKNOWN_NUMBER = Text(fr="Le répertoire ne connaît pas ce numéro.", en="The register does not know this number.")
NO_RPPS = Text(
    fr="Sans numéro RPPS, aucun compte ne peut être ouvert.", en="Without an RPPS number no account can be opened."
)
GONE = Text(
    fr="Cette personne ne figure plus dans le dernier répertoire.", en="This person is no longer in the last register."
)
OTHER_NAME = Text(fr="Un autre nom.", en="Another name.")
CLOSE_NAME = Text(fr="Presque le même : faute de frappe ?", en="Almost the same: a typing mistake?")
PART_OF_NAME = Text(fr="Une partie du nom composé seulement.", en="Part of a compound name only.")
SWAPPED = Text(fr="Nom et prénom semblent inversés.", en="Family and given name seem swapped.")
OTHER_PROFESSION = Text(fr="Une autre profession.", en="Another profession.")
OTHER_PLACE = Text(fr="Un autre département.", en="Another department.")
NEAR_PLACE = Text(fr="Le même département, une autre commune.", en="Same department, another town.")
NO_PLACE = Text(fr="Le répertoire ne donne aucun lieu d’exercice.", en="The register gives no place of practice.")
OTHER_FINESS = Text(
    fr="Le répertoire ne rattache pas cette personne à cet établissement.",
    en="The register does not place this person in that establishment.",
)
OTHER_MAILBOX = Text(fr="L’annuaire ne la connaît pas.", en="The directory does not know it.")
MAILBOX_TAKEN = Text(fr="C’est l’adresse d’une autre personne.", en="It is another person’s address.")


@dataclass(frozen=True, slots=True)
class Line:
    """One item, side by side."""

    item: Item
    given: str
    known: str
    severity: Severity = Severity.SAME
    why: Text | None = None
    """None where nothing differs."""

    @property
    def label(self) -> Text:
        """Name of the item."""
        return ITEM_NAMES[self.item]


def compare(
    application: Application,
    practitioner: Practitioner | None,
    *,
    profession: str = "",
    mailbox_owner: PractitionerId | None = None,
) -> tuple[Line, ...]:
    """Every item side by side, in the order of `Item`.

    `practitioner`: whom the register knows by the number given.  `profession`: the label of the code given.
    `mailbox_owner`: whose the secure address given is.
    """
    number = application.rpps or application.adeli
    if practitioner is None:
        return (Line(Item.NUMBER, number, "", Severity.SERIOUS, UNKNOWN_NUMBER),)
    lines = [
        _number(application, practitioner),
        *_names(application, practitioner),
        _profession(application, practitioner, profession),
        _place(application, practitioner),
        _finess(application, practitioner),
        _mailbox(application, practitioner, mailbox_owner),
    ]
    return tuple(line for line in lines if line.given or line.known)


def worst(lines: Iterable[Line]) -> Severity:
    """The gravest difference."""
    return max((line.severity for line in lines), default=Severity.SAME)


def place_key(town: str, postcode: str) -> str:
    """Under which two sign-ups are of the same place: the town, else the postcode."""
    return fold(town) or postcode


def name_key(family: str, given: str) -> str:
    """Under which two sign-ups are of the same name, however it is written."""
    return " ".join(sorted(fold_words(family, given)))


def _number(application: Application, practitioner: Practitioner) -> Line:
    given, known = application.rpps or application.adeli, practitioner.rpps or practitioner.adeli or ""
    if practitioner.rpps is None:
        return Line(Item.NUMBER, given, known, Severity.SERIOUS, NO_RPPS)
    if practitioner.gone_at is not None:
        return Line(Item.NUMBER, given, known, Severity.SERIOUS, GONE)
    return Line(Item.NUMBER, given, known)


def _names(application: Application, practitioner: Practitioner) -> tuple[Line, Line]:
    return compare_names(application, practitioner.family, practitioner.given)


def compare_names(application: Application, known_family: str, known_given: str) -> tuple[Line, Line]:
    """Family and given name beside those that are known."""
    family = _name(Item.FAMILY, application.family, known_family)
    given = _name(Item.GIVEN, application.given, known_given)
    is_swapped = fold(application.family) == fold(known_given) and fold(application.given) == fold(known_family)
    if is_swapped and worst((family, given)) is not Severity.SAME:
        return (
            Line(Item.FAMILY, application.family, known_family, Severity.DOUBT, SWAPPED),
            Line(Item.GIVEN, application.given, known_given, Severity.DOUBT, SWAPPED),
        )
    return family, given


def _name(item: Item, given: str, known: str) -> Line:
    one, other = fold_words(given), fold_words(known)
    if one == other:
        return Line(item, given, known)
    if one and other and (set(one) < set(other) or set(other) < set(one)):
        return Line(item, given, known, Severity.NOTE, PART_OF_NAME)
    if _is_close(" ".join(one), " ".join(other)):
        return Line(item, given, known, Severity.DOUBT, CLOSE_NAME)
    return Line(item, given, known, Severity.SERIOUS, OTHER_NAME)


def _is_close(one: str, other: str) -> bool:
    """One edit (two in a long name), the same letters without their spaces, or the same sound."""
    joined, against = one.replace(" ", ""), other.replace(" ", "")
    if not joined or not against:
        return False
    allowed = 1 if min(len(joined), len(against)) < 7 else 2
    return distance(joined, against) <= allowed or sound(joined) == sound(against)


def _profession(application: Application, practitioner: Practitioner, label: str) -> Line:
    given, known = label or application.profession, practitioner.profession.display or practitioner.profession.code
    if not application.profession or application.profession == practitioner.profession.code:
        return Line(Item.PROFESSION, given, known)
    return Line(Item.PROFESSION, given, known, Severity.SERIOUS, OTHER_PROFESSION)


def _place(application: Application, practitioner: Practitioner) -> Line:
    given = f"{application.postcode} {application.town}"
    roles = [role for role in practitioner.roles if role.town or role.postcode]
    known = ", ".join(dict.fromkeys(f"{role.postcode} {role.town}".strip() for role in roles))
    if not roles:
        return Line(Item.PLACE, given, known, Severity.NOTE, NO_PLACE)
    if any(_same_town(application, role.postcode, role.town) for role in roles):
        return Line(Item.PLACE, given, known)
    departments = {department_part(role.postcode) for role in roles}
    if department_part(application.postcode) in departments:
        return Line(Item.PLACE, given, known, Severity.NOTE, NEAR_PLACE)
    return Line(Item.PLACE, given, known, Severity.DOUBT, OTHER_PLACE)


def _same_town(application: Application, postcode: str, town: str) -> bool:
    return application.postcode == postcode or (
        bool(town)
        and fold(application.town) == fold(town)
        and department_part(application.postcode) == department_part(postcode)
    )


def department_part(postcode: str) -> str:
    """The digits of a postcode that tell the department: three overseas, two elsewhere."""
    return postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2]


def _finess(application: Application, practitioner: Practitioner) -> Line:
    sites: Sequence[str] = [
        role.organization.finess for role in practitioner.roles if role.organization and role.organization.finess
    ]
    known = ", ".join(dict.fromkeys(sites))
    if not application.finess or application.finess in sites:
        return Line(Item.FINESS, application.finess, known)
    return Line(Item.FINESS, application.finess, known, Severity.NOTE, OTHER_FINESS)


def _mailbox(application: Application, practitioner: Practitioner, owner: PractitionerId | None) -> Line:
    given, known = application.mailbox, ", ".join(practitioner.mailboxes)
    if not given or given in practitioner.mailboxes:
        return Line(Item.MAILBOX, given, known)
    if owner is not None and owner != practitioner.id:
        return Line(Item.MAILBOX, given, known, Severity.SERIOUS, MAILBOX_TAKEN)
    return Line(Item.MAILBOX, given, known, Severity.DOUBT, OTHER_MAILBOX)
