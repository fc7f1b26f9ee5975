"""Sign-up: somebody asks for an account, technicians compare what they say with the national register, and decide.

`Registrations` is the applicant's side, `Desk` the technicians'.  Neither tells an applicant whether anybody has an
account (ADR 33).
"""

from miss.directory.registrations.application import (
    Application,
    Invitee,
    parse_application,
    parse_invited,
    parse_invitee,
)
from miss.directory.registrations.desk import Desk, Review
from miss.directory.registrations.errors import (
    AccountClosed,
    AccountThere,
    ApplicationRefused,
    ContactMalformed,
    EvidenceFormat,
    EvidenceMissing,
    EvidenceTooLarge,
    InvitationClosed,
    MergeRefused,
    NotInRegister,
    Problem,
    RegistrationNotFound,
    SecondPersonNeeded,
    TooMuchEvidence,
    WordsMissing,
    WrongStatus,
)
from miss.directory.registrations.invited import Invitees, Vouched
from miss.directory.registrations.letter import Letter
from miss.directory.registrations.lost_links import LostLinks
from miss.directory.registrations.matching import Line, Severity, compare, worst
from miss.directory.registrations.model import (
    MAX_EVIDENCE_BYTES,
    REASONS,
    Act,
    Event,
    Evidence,
    Kind,
    MailKind,
    Reason,
    Registration,
    RegistrationMail,
    SendRegistrationMail,
    Status,
)
from miss.directory.registrations.service import Registrations

__all__ = [
    "MAX_EVIDENCE_BYTES",
    "REASONS",
    "AccountClosed",
    "AccountThere",
    "Act",
    "Application",
    "ApplicationRefused",
    "ContactMalformed",
    "Desk",
    "Event",
    "Evidence",
    "EvidenceFormat",
    "EvidenceMissing",
    "EvidenceTooLarge",
    "InvitationClosed",
    "Invitee",
    "Invitees",
    "Kind",
    "Letter",
    "Line",
    "LostLinks",
    "MailKind",
    "MergeRefused",
    "NotInRegister",
    "Problem",
    "Reason",
    "Registration",
    "RegistrationMail",
    "RegistrationNotFound",
    "Registrations",
    "Review",
    "SecondPersonNeeded",
    "SendRegistrationMail",
    "Severity",
    "Status",
    "TooMuchEvidence",
    "Vouched",
    "WordsMissing",
    "WrongStatus",
    "compare",
    "parse_application",
    "parse_invited",
    "parse_invitee",
    "worst",
]
