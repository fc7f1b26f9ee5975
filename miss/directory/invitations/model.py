"""An invitation and its way: sent, answered, verified, active, ended; and who may move it.  Pure.

Rules (ADR 41):
    invited ──resend──▶ invited          a new link, the earlier one is worth nothing
    invited ──accept──▶ answered ──activate──▶ active ──end──▶ ended
    invited, answered ──withdraw──▶ withdrawn
What is only read is not written: a link that has run out and a sign-up that was refused are seen in `standing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Protocol

from miss.base.ids import AccountId, PractitionerId
from miss.base.retention import HOUSE
from miss.base.text import Language, Text
from miss.directory.invitations.errors import InvitationStateForbids
from miss.directory.registrations.application import Invitee
from miss.directory.registrations.model import Status
from miss.directory.roles import Role, Scope

LINK_VALIDITY = HOUSE.period("accounts.invitation_links")
MAX_OPEN = 30
"""Under way at once, for one practitioner or one establishment."""


class State(StrEnum):
    """What is written of an invitation."""

    INVITED = "invited"
    ANSWERED = "answered"
    """The person has filled in the form: technicians verify them."""
    ACTIVE = "active"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.INVITED, State.ANSWERED, State.ACTIVE})


class Standing(StrEnum):
    """Where an invitation stands for those who look at it."""

    INVITED = "invited"
    EXPIRED = "expired"
    VERIFYING = "verifying"
    NOT_ADMITTED = "not_admitted"
    """The sign-up was refused, or its applicant gave it up."""
    ACTIVE = "active"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


STANDING_NAMES: Mapping[Standing, Text] = MappingProxyType(
    {
        Standing.INVITED: Text(fr="invitation envoyée", en="invitation sent"),
        Standing.EXPIRED: Text(fr="lien expiré", en="link expired"),
        Standing.VERIFYING: Text(fr="identité en cours de vérification", en="identity being verified"),
        Standing.NOT_ADMITTED: Text(fr="inscription sans suite", en="sign-up came to nothing"),
        Standing.ACTIVE: Text(fr="mandat actif", en="mandate active"),
        Standing.ENDED: Text(fr="mandat terminé", en="mandate ended"),
        Standing.WITHDRAWN: Text(fr="invitation retirée", en="invitation withdrawn"),
    }
)


class Act(StrEnum):
    """What happens to an invitation."""

    INVITE = "invite"
    RESEND = "resend"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    ACTIVATE = "activate"
    END = "end"
    FORGET = "forget"
    """It came to nothing: who was invited is no longer named (`forgetting`)."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Invitation:
    """One person invited to act for a practitioner or an establishment.  Not shown by `repr`: it names them."""

    id: str
    role: Role
    """SECRETARY or ORGANIZATION_MEMBER."""
    scope: Scope
    """For whom they are to act."""
    inviter: AccountId
    inviter_id: PractitionerId
    employer: str
    """Name of the practice or establishment, as it was then."""
    issuer: str
    """Type and number that begin the person's identifier (`staff_people.Issuer`)."""
    invitee: Invitee
    language: Language
    """Of the mails, until the person chooses theirs."""
    state: State
    since: datetime
    invited_at: datetime
    link_ends_at: datetime
    registration_id: str = ""
    uid: AccountId | None = None
    """Whose mandate it has become."""

    @property
    def is_forgotten(self) -> bool:
        """It came to nothing, and nobody is named any more."""
        return not self.invitee.email


class InvitationMailKind(StrEnum):
    """What a mail about an invitation says."""

    INVITED = "invited"
    ACTIVE = "active"
    """To who invited: the person was verified, and acts from now on."""
    ENDED = "ended"
    """To the person: the mandate is over."""
    GIVEN_UP = "given_up"
    """To who invited: the person ended it."""
    NAMED = "named"
    """To somebody of the register who was given a mandate without an invitation."""
    ENDED_BY_EMPLOYER = "ended_by_employer"
    """To the person: the establishment that employs them ended what they did for a practitioner."""
    EMPLOYEE_LEFT = "employee_left"
    """To that practitioner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationMail:
    """One mail to compose."""

    kind: InvitationMailKind
    reference: str
    """Names the mail: the same act, told twice, is one mail."""
    to: str
    language: Language
    inviter: str
    """Who invites, by name: « Dr Paul EXEMPLE », « CH fictif »."""
    invitee: str
    token: str = ""
    link_ends_at: datetime | None = None
    employer: str = ""
    """Which establishment ended a mandate of its people."""
    scope: Scope | None = None
    """In whose name it is written: an establishment's mails bear what it chose to show itself with."""

    def __repr__(self) -> str:
        """Without the token and the people."""
        return f"InvitationMail({self.kind.value}, {self.reference})"


class SendInvitationMail(Protocol):
    """Whoever can write to people about an invitation."""

    async def __call__(self, tx: Any, mail: InvitationMail) -> None:
        """Queue the mail in the caller's transaction."""
        ...


_WAYS: Mapping[Act, tuple[frozenset[State], State]] = MappingProxyType(
    {
        Act.RESEND: (frozenset({State.INVITED}), State.INVITED),
        Act.ACCEPT: (frozenset({State.INVITED}), State.ANSWERED),
        Act.WITHDRAW: (frozenset({State.INVITED, State.ANSWERED}), State.WITHDRAWN),
        Act.ACTIVATE: (frozenset({State.ANSWERED}), State.ACTIVE),
        Act.END: (frozenset({State.ACTIVE}), State.ENDED),
    }
)


def move(invitation: Invitation, act: Act, now: datetime, **changes: Any) -> Invitation:
    """The invitation after `act`; `changes`: of its other fields.  Raises InvitationStateForbids."""
    allowed, becomes = _WAYS[act]
    if invitation.state not in allowed or invitation.is_forgotten:
        raise InvitationStateForbids(standing=STANDING_NAMES[standing(invitation, now, None)])
    return replace(invitation, state=becomes, since=now, **changes)


def resend(invitation: Invitation, now: datetime) -> Invitation:
    """With a new link.  Raises InvitationStateForbids."""
    return move(invitation, Act.RESEND, now, link_ends_at=now + LINK_VALIDITY)


def opens(invitation: Invitation, now: datetime) -> bool:
    """True if its link is good."""
    return invitation.state is State.INVITED and now < invitation.link_ends_at


def standing(invitation: Invitation, now: datetime, registration: Status | None) -> Standing:
    """Where it stands.  `registration`: status of the sign-up that answers it; None: there is none, or it is gone."""
    if invitation.state is State.INVITED:
        return Standing.INVITED if now < invitation.link_ends_at else Standing.EXPIRED
    if invitation.state is State.ANSWERED:
        is_over = registration in {Status.REFUSED, Status.WITHDRAWN}
        return Standing.NOT_ADMITTED if is_over else Standing.VERIFYING
    return Standing(invitation.state.value)


def hash_token(token: str) -> bytes:
    """Under which a link is kept: a random token needs no salt."""
    return blake2b(token.encode("utf-8", "replace"), digest_size=32, person=b"miss.invitation").digest()
