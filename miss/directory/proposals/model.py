"""A proposed change of an entry, and its states: open, then accepted, refused or withdrawn.  Pure.

Only what differs is kept: a proposal changes nothing that its author did not touch, whatever happens to the entry in
the meantime.  What the register says cannot be changed here; what is wrong there is told in words (`remark`).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from miss.base.ids import AccountId, PractitionerId
from miss.directory.practitioners.model import AcceptedFormat, DirectoryEntry
from miss.directory.proposals.errors import (
    MailboxNotTheirs,
    NothingProposed,
    PhoneMalformed,
    ProposalSettled,
    ReasonMissing,
    RemarkTooLong,
)

MAX_REMARK: Final = 2000
MAX_REASON: Final = 500
_PHONE = re.compile(r"0\d{9}|\+\d{7,15}")
_PHONE_SEPARATORS = re.compile(r"[\s.()/-]")


class ProposalState(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """What is to be said of an entry instead; None: as it is."""

    phone: str | None = None
    mailbox: str | None = None
    formats: frozenset[AcceptedFormat] | None = None
    is_red_listed: bool | None = None
    is_proxy: bool | None = None
    remark: str = ""
    """What is wrong in the register, in the person's words."""

    @property
    def changes_entry(self) -> bool:
        """False for a remark alone."""
        return any(getattr(self, name) is not None for name in _FIELDS)

    def apply(self, entry: DirectoryEntry) -> DirectoryEntry:
        """The entry as it becomes."""
        return replace(entry, **{name: value for name in _FIELDS if (value := getattr(self, name)) is not None})


_FIELDS = ("phone", "mailbox", "formats", "is_red_listed", "is_proxy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal and what became of it."""

    id: str
    uid: AccountId
    practitioner_id: PractitionerId
    change: EntryChange
    state: ProposalState
    made_at: datetime
    settled_at: datetime | None = None
    settled_by: str = ""
    """A hex uid; empty while it is open."""
    reason: str = ""
    """Why it was refused."""

    def settle(self, state: ProposalState, by: str, now: datetime, reason: str = "") -> "Proposal":
        """As it ends.  Raises ProposalSettled unless it is open, ReasonMissing for a refusal without one."""
        if self.state is not ProposalState.OPEN:
            raise ProposalSettled
        reason = reason.strip()
        if state is ProposalState.REFUSED and not 1 <= len(reason) <= MAX_REASON:
            raise ReasonMissing
        return replace(self, state=state, settled_at=now, settled_by=by, reason=reason)


class TellOutcome(Protocol):
    """Whoever can write to a practitioner's secure mailbox."""

    async def __call__(self, tx: Any, proposal: Proposal) -> bool:
        """Queue the mail in the caller's transaction; False for somebody who cannot be written to."""
        ...


def compare(entry: DirectoryEntry, wanted: DirectoryEntry, remark: str, own_mailboxes: Collection[str]) -> EntryChange:
    """What leads from `entry` to `wanted`.

    Raises NothingProposed, PhoneMalformed, MailboxNotTheirs, RemarkTooLong.
    """
    wanted = replace(wanted, phone=parse_phone(wanted.phone))
    if wanted.mailbox and wanted.mailbox not in own_mailboxes:
        raise MailboxNotTheirs
    remark = "\n".join(remark.strip().splitlines())
    if len(remark) > MAX_REMARK:
        raise RemarkTooLong(limit=MAX_REMARK)
    differing = {name: value for name in _FIELDS if (value := getattr(wanted, name)) != getattr(entry, name)}
    if not differing and not remark:
        raise NothingProposed
    return EntryChange(**differing, remark=remark)


def parse_phone(text: str) -> str:
    """`0327009999` or `+33327009999`; empty stays empty.  Raises PhoneMalformed."""
    number = _PHONE_SEPARATORS.sub("", text)
    if number and _PHONE.fullmatch(number) is None:
        raise PhoneMalformed
    return number
