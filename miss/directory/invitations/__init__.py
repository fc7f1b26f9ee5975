"""Invitations: practitioners and establishments bring in people who have no RPPS number, to act for them (ADR 41).

`Invitations` is for who invites and who bears a link, `Admission` for the technicians' desk, `Mandates` for what was
granted.
"""

from miss.directory.invitations.admission import Admission
from miss.directory.invitations.errors import (
    EmployerNumberMissing,
    InvitationExists,
    InvitationNotFound,
    InvitationRefused,
    InvitationStateForbids,
    InvitedOneself,
    MandateNotFound,
    TooManyInvitations,
)
from miss.directory.invitations.mandates import Mandate, Mandates
from miss.directory.invitations.model import (
    LINK_VALIDITY,
    STANDING_NAMES,
    Invitation,
    InvitationMail,
    InvitationMailKind,
    SendInvitationMail,
    Standing,
    State,
)
from miss.directory.invitations.service import Invitations, Listed, Opened

__all__ = [
    "LINK_VALIDITY",
    "STANDING_NAMES",
    "Admission",
    "EmployerNumberMissing",
    "Invitation",
    "InvitationExists",
    "InvitationMail",
    "InvitationMailKind",
    "InvitationNotFound",
    "InvitationRefused",
    "InvitationStateForbids",
    "Invitations",
    "InvitedOneself",
    "Listed",
    "Mandate",
    "MandateNotFound",
    "Mandates",
    "Opened",
    "SendInvitationMail",
    "Standing",
    "State",
    "TooManyInvitations",
]
