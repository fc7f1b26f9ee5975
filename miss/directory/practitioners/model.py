"""What the directory knows of a practitioner, and what an import reports.  Values only.

Names follow Annuaire Santé and FHIR (as-dp-practitioner, as-dp-practitionerrole): an activity is a PractitionerRole.
"""

from dataclasses import dataclass

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.practitioners.extraction import LineRemark


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of the national nomenclatures and its label as the register writes it."""

    code: str
    """Profession: TRE_G15 (`10` physician, `60` nurse); specialty: TRE_R38 and its sisters (`SM15` dermatology)."""
    display: str


@dataclass(frozen=True, slots=True)
class Organization:
    """Where somebody practises: a hospital, a care home, a surgery."""

    id: OrganizationId
    identifier: str
    """The register's own: technical identifier of the structure, else FINESS, else SIRET."""
    finess: str | None
    name: str


@dataclass(frozen=True, slots=True)
class PractitionerRole:
    """One activity: a specialty exercised at a place; either may be unknown to the register."""

    specialty: Coding | None
    organization: Organization | None
    town: str
    postcode: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """One person of the register."""

    id: PractitionerId
    national_id: str
    """PS_IdNat: `8` and the RPPS number, or `0` and the ADELI number."""
    rpps: str | None
    family: str
    given: str
    civility: str
    """`Dr`, `Pr`, `M.` or `Mme`; empty if the register gives none."""
    profession: Coding
    roles: tuple[PractitionerRole, ...]
    mailboxes: tuple[str, ...]
    """Personal secure-mail addresses, lower case, in alphabetical order."""

    @property
    def display_name(self) -> str:
        """`Dr Paul EXEMPLE`."""
        return " ".join(part for part in (self.civility, self.given, self.family.upper()) if part)

    @property
    def specialties(self) -> tuple[Coding, ...]:
        """Each specialty once, in the order of the roles."""
        return tuple(dict.fromkeys(role.specialty for role in self.roles if role.specialty))

    @property
    def town(self) -> str:
        """The first town among the roles; empty if the register gives none."""
        return next((role.town for role in self.roles if role.town), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did: counts of practitioners (or mailboxes), and remarks on lines."""

    new: int
    changed: int
    unchanged: int
    skipped: int
    """Lines that are right but not for this directory: mailboxes of organisations."""
    rejected: tuple[LineRemark, ...]
    """Lines left out; the first `REPORTED_LINES` of `rejected_count`."""
    rejected_count: int
    doubtful: tuple[LineRemark, ...]
    """Lines taken without a part that is wrong; the first `REPORTED_LINES` of `doubtful_count`."""
    doubtful_count: int
