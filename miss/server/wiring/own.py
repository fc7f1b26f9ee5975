"""The rooms behind « Mon compte », built together: what people say of themselves, and of whom they hear from."""

from dataclasses import dataclass

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.absence import Absences
from miss.directory.accounts import Accounts
from miss.directory.audit import AuditLog
from miss.directory.blocking import Blocking
from miss.directory.practitioners import Practitioners
from miss.directory.preferences import Preferences
from miss.directory.proposals import Proposals
from miss.mail.outbound import Outbox
from miss.server.mails.proposal import ProposalMails
from miss.server.own_data import OwnData
from miss.storage import Database
from miss.storage.jobs import JobRunner


@dataclass(frozen=True, slots=True)
class OwnRooms:
    """Lent as `House.own`."""

    absences: Absences
    blocking: Blocking
    preferences: Preferences
    proposals: Proposals
    data: OwnData


def build_own_rooms(
    db: Database,
    clock: Clock,
    random_bytes: RandomBytes,
    practitioners: Practitioners,
    accounts: Accounts,
    jobs: JobRunner,
    outbox: Outbox,
    mail_domain: str,
) -> OwnRooms:
    """`mail_domain`: of the platform's own addresses.  Raises AddressMalformed."""
    audit = AuditLog(db, clock)
    preferences = Preferences(db, clock, accounts, audit)
    mails = ProposalMails(accounts, practitioners, preferences, outbox, mail_domain)
    return OwnRooms(
        absences=Absences(db, clock, random_bytes, practitioners, accounts, audit),
        blocking=Blocking(db, clock, random_bytes, practitioners, accounts, audit),
        preferences=preferences,
        proposals=Proposals(db, clock, random_bytes, practitioners, accounts, audit, jobs, mails),
        data=OwnData(),
    )
