"""What the directory knows of a practitioner.  Values only.

Names follow Annuaire Santé and FHIR (as-dp-practitioner, as-dp-practitionerrole, as-dp-organization): an activity is a
PractitionerRole.  What the register says and what the platform says of the same person stand apart: a new extraction
replaces the first and never touches the second (`DirectoryEntry`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.establishments.model import Establishment
from miss.directory.staff_people import StaffPerson, is_staff_id
from miss.documents.identities import ADELI_PREFIX, RPPS_PREFIX

PARTY_PREFIX = "org:"
_OVERSEAS = {"9701": "971", "9702": "972", "9703": "973", "9704": "974", "9805": "976"}
"""Departments by the first four digits of FINESS numbers there; everywhere else two say it."""


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of the national nomenclatures and its label as the register writes it."""

    code: str
    """Profession: TRE_G15 (`10` physician, `60` nurse); specialty: TRE_R38 and its sisters (`SM15` dermatology)."""
    display: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """Where somebody practises: a hospital, a care home, a surgery; with its public contact data."""

    id: OrganizationId
    """The register's own identifier: technical identifier of the structure, else FINESS, else SIRET."""
    name: str
    finess: str | None = None
    siret: str | None = None
    address: str = ""
    """Street and number."""
    postcode: str = ""
    town: str = ""
    department: str = ""
    """`59`, `2A`, `974`; empty: unknown."""
    phone: str = ""
    fax: str = ""
    email: str = ""

    @property
    def identifier(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class PractitionerRole:
    """One activity: a specialty exercised at a place; either may be unknown to the register."""

    specialty: Coding | None
    organization: Organization | None
    """None: the register gives an address without a name, or nothing."""
    town: str
    postcode: str
    phone: str
    department: str = ""
    mode: str = ""
    """TRE_R22: `L` self-employed, `S` employed, `B` benevolent."""
    sector: str = ""
    """TRE_R02, what kind of structure it is: `SA01` public hospital, `SA07` practice of one; empty: not told."""


@dataclass(frozen=True, slots=True)
class Qualification:
    """A diploma (`diploma`) or an authorisation to practise (`authorisation`)."""

    kind: str
    type: Coding
    coding: Coding


class AcceptedFormat(StrEnum):
    """What a mailbox's reader can open."""

    HPRIM_TEXT = "hprim_text"
    """Plain text with an HPRIM header, and nothing else."""
    ATTACHMENTS = "attachments"
    """Attached documents too (PDF, pictures)."""
    XDM = "xdm"
    """IHE XDM archives, filed by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntry:
    """What the platform knows of an entry beside the register's facts; no import changes it."""

    is_red_listed: bool = False
    """Not shown to those who search; found by those who have the number or the address."""
    is_proxy: bool = False
    """Reached through a hospital's gateway: what is sent is read by an application first."""
    formats: frozenset[AcceptedFormat] = frozenset(AcceptedFormat)
    phone: str = ""
    """`0327009999` or `+33…`: shown before what the register says of each place; empty: that is all there is."""
    mailbox: str = ""
    """Which of the person's secure-mail addresses is written to first; empty: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """One person of the register; or, as pages need them, a staff person or an establishment in whose name people ask
    (`from_staff`, `from_establishment`)."""

    id: PractitionerId
    """PS_IdNat; of an establishment, `organization_party`."""
    family: str
    given: str
    civility: str
    """`Dr`, `Pr`, `M.` or `Mme`; empty if the register gives none."""
    profession: Coding
    roles: tuple[PractitionerRole, ...]
    mailboxes: tuple[str, ...]
    """Personal secure-mail addresses, lower case, in alphabetical order; of an establishment, organisational ones."""
    qualifications: tuple[Qualification, ...] = ()
    entry: DirectoryEntry = field(default_factory=DirectoryEntry)
    gone_at: datetime | None = None
    """When an extraction first lacked this person; None: the last one has them."""

    @property
    def national_id(self) -> str:
        """PS_IdNat: `8` and the RPPS number, or `0` and the ADELI number."""
        return self.id

    @property
    def is_staff(self) -> bool:
        """Not of the register: somebody without an RPPS number, who acts for others (ADR 41)."""
        return is_staff_id(self.id)

    @property
    def is_organization(self) -> bool:
        """Nobody: an establishment, for which its members act (ADR 41)."""
        return is_party_id(self.id)

    @property
    def rpps(self) -> str | None:
        return rpps_of(self.id)

    @property
    def adeli(self) -> str | None:
        return self.id[1:] if self.id.startswith(ADELI_PREFIX) else None

    @property
    def letterboxes(self) -> tuple[str, ...]:
        """The addresses to write to, in that order: the one that the entry names comes first if it is still theirs.

        Of an establishment's boxes one service may read each: without an entry's word only a single one is written to.
        """
        first = self.entry.mailbox
        if self.is_organization and len(self.mailboxes) > 1 and first not in self.mailboxes:
            return ()
        return tuple(sorted(self.mailboxes, key=lambda address: address != first))

    @property
    def display_name(self) -> str:
        """`Dr Paul EXEMPLE`; an establishment as it calls itself."""
        if self.is_organization:
            return self.family
        return " ".join(part for part in (self.civility, self.given, self.family.upper()) if part)

    @property
    def specialties(self) -> tuple[Coding, ...]:
        """Each specialty once, in the order of the roles."""
        return tuple(dict.fromkeys(role.specialty for role in self.roles if role.specialty))

    @property
    def departments(self) -> tuple[str, ...]:
        """Each department of practice once, in the order of the roles."""
        return tuple(dict.fromkeys(role.department for role in self.roles if role.department))

    @property
    def town(self) -> str:
        """The first town among the roles; empty if the register gives none."""
        return next((role.town for role in self.roles if role.town), "")


def practitioner_id(rpps: str) -> PractitionerId:
    """Who has that RPPS number."""
    return PractitionerId(f"{RPPS_PREFIX}{rpps}")


def rpps_of(identifier: PractitionerId) -> str | None:
    """The RPPS number in an identifier; None for somebody known by an ADELI number only."""
    return identifier[1:] if identifier.startswith(RPPS_PREFIX) else None


def from_staff(person: StaffPerson) -> Practitioner:
    """Somebody without an RPPS number as pages show a person; their function stands for a profession.

    The only address is the ordinary one that they gave for notices: no secure mailbox.
    """
    return Practitioner(
        id=person.id,
        family=person.family,
        given=person.given,
        civility="",
        profession=Coding("", person.function),
        roles=(),
        mailboxes=(person.email,),
    )


def organization_party(organization_id: OrganizationId) -> PractitionerId:
    """As whom the members of an establishment act: `org:F599990009`.  Nobody of the register has such a number."""
    return PractitionerId(f"{PARTY_PREFIX}{organization_id}")


def is_party_id(identifier: str) -> bool:
    """True for an establishment in the place of a person."""
    return identifier.startswith(PARTY_PREFIX)


def organization_of_party(identifier: PractitionerId) -> OrganizationId:
    """Which establishment `organization_party` named.  Raises ValueError for a person."""
    if not is_party_id(identifier):
        raise ValueError("no establishment")
    return OrganizationId(identifier.removeprefix(PARTY_PREFIX))


def from_establishment(
    establishment: Establishment, mailboxes: Sequence[str] = (), entry: DirectoryEntry | None = None
) -> Practitioner:
    """An establishment in whose name its members ask: at its place, with its kind for a profession.

    `mailboxes`: those that its people share (« BAL organisationnelles »).
    """
    department = department_of_finess(establishment.finess)
    place = Organization(
        id=establishment.id,
        name=establishment.name,
        finess=establishment.finess or None,
        town=establishment.town,
        department=department,
    )
    return Practitioner(
        id=organization_party(establishment.id),
        family=establishment.name,
        given="",
        civility="",
        profession=Coding("", establishment.kind.text.fr),
        roles=(PractitionerRole(None, place, establishment.town, "", "", department),),
        mailboxes=tuple(mailboxes),
        entry=entry or DirectoryEntry(),
    )


def department_of_finess(finess: str) -> str:
    """Where an establishment lies; empty if its number does not say."""
    return _OVERSEAS.get(finess[:4], "") if finess.startswith(("97", "98")) else finess[:2]
