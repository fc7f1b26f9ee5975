"""Sign-ups that answer an invitation: what the inviter vouches for beside what the person says, as evidence.

The register knows nothing of these people; who invited them takes its place (ADR 41).  A comparison decides nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from miss.base.text import Text
from miss.directory.accounts import Account
from miss.directory.practitioners.model import Practitioner
from miss.directory.registrations.application import Application, Invitee
from miss.directory.registrations.matching import Item, Line, Severity, compare_names
from miss.directory.registrations.model import Registration
from miss.directory.roles import Role

CLOSED = Text(
    fr="L’invitation a été retirée, ou la personne qui invitait n’en a plus le droit.",
    en="The invitation was withdrawn, or who invited may no longer do so.",
)
OTHER_PERSON = Text(
    fr="Un compte existant a cette adresse, sous un autre nom.", en="An account has this address, under another name."
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Vouched:
    """What stands behind an invitation."""

    invitee: Invitee
    role: Role
    """What an approval grants: SECRETARY or ORGANIZATION_MEMBER."""
    inviter: Practitioner
    employer: str
    """Name of the practice or establishment."""
    invited_at: datetime
    is_open: bool
    """The invitation stands, and its inviter may still grant that role."""
    known: Practitioner | None
    """The staff person who has that address already."""
    account: Account | None
    """Theirs."""


class Invitees(Protocol):
    """Whoever keeps invitations."""

    async def vouch(self, registration: Registration) -> Vouched:
        """What stands behind a sign-up of kind INVITED."""
        ...

    async def admit(self, tx: Any, registration: Registration, by: str, account: Account | None) -> Account:
        """Open the account, unless the person has one, and grant what they were invited for, in the caller's
        transaction.  Raises InvitationClosed, and what the rooms of accounts, staff people and roles refuse.
        """
        ...


def compare_invited(application: Application, vouched: Vouched) -> tuple[Line, ...]:
    """What the person says beside what the inviter said."""
    invitee = vouched.invitee
    lines = [
        *compare_names(application, invitee.family, invitee.given),
        Line(Item.FUNCTION, application.function, invitee.function),
        Line(Item.EMPLOYER, application.organization, f"{vouched.employer} ({vouched.inviter.display_name})"),
    ]
    if not vouched.is_open:
        lines[-1] = Line(Item.EMPLOYER, lines[-1].given, lines[-1].known, Severity.SERIOUS, CLOSED)
    if vouched.known is not None:
        names = compare_names(application, vouched.known.family, vouched.known.given)
        if any(line.severity > Severity.NOTE for line in names):
            known = vouched.known.display_name
            lines.append(Line(Item.NUMBER, application.display_name, known, Severity.SERIOUS, OTHER_PERSON))
    return tuple(lines)
