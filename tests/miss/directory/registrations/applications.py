"""Forms as applicants fill them, and the rooms of sign-up on a real database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from miss.base.clock import MovableClock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.accounts import Account, Accounts
from miss.directory.agreements import Agreements, Signature, load_agreements
from miss.directory.establishments.service import Establishments
from miss.directory.invitations import Admission, InvitationMail, Invitations, Mandates
from miss.directory.invitations.forgetting import Forgetting
from miss.directory.invitations.naming import Naming
from miss.directory.practitioners import Practitioners
from miss.directory.registrations import (
    Application,
    Desk,
    RegistrationMail,
    Registrations,
    parse_application,
)
from miss.directory.roles import Roles
from miss.directory.staff_people.service import StaffPeople
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore

INES: Mapping[str, str] = {
    "rpps": "999 0000 0078",
    "family": "Brouillon",
    "given": "Inès",
    "profession": "10",
    "organization": "Cabinet fictif de cardiologie",
    "address": "11 rue de l'Exemple",
    "postcode": "59000",
    "town": "Lille",
    "email": "Ines.Brouillon@contact.example",
    "phone": "03 53 01 00 11",
    "mailbox": "",
    "software": "Logiciel fictif 3",
    "news": "1",
    "comment": "",
}
PROFESSIONS = frozenset({"10", "60"})
SIGNATURE = Signature("Inès BROUILLON", "192.0.2.7", Language.FR)
PDF = b"%PDF-1.7\n% une carte professionnelle fictive"
ALICE, BOB = "a1" * 16, "b0" * 16
"""Technicians."""


def application(**changed: str) -> Application:
    """What Inès says, but for what is `changed`."""
    return parse_application({**INES, **changed}, ("hprim_text",), PROFESSIONS, Language.FR)


@dataclass
class Post:
    """Keeps the mails instead of sending them."""

    mails: list[RegistrationMail] = field(default_factory=list)

    async def __call__(self, tx: Any, mail: RegistrationMail) -> None:
        self.mails.append(mail)

    @property
    def token(self) -> str:
        """Of the last mail's link."""
        return self.mails[-1].token


@dataclass
class InvitationPost:
    """Keeps the mails about invitations."""

    mails: list[InvitationMail] = field(default_factory=list)

    async def __call__(self, tx: Any, mail: InvitationMail) -> None:
        self.mails.append(mail)


@dataclass
class Inviting:
    """The rooms of people without an RPPS number."""

    staff_people: StaffPeople
    establishments: Establishments
    invitations: Invitations
    admission: Admission
    mandates: Mandates
    forgetting: Forgetting
    naming: Naming
    post: InvitationPost


@dataclass
class Rooms:
    """Sign-up on one database."""

    db: Database
    clock: MovableClock
    jobs: JobRunner
    keystore: KeyStore
    practitioners: Practitioners
    accounts: Accounts
    agreements: Agreements
    registrations: Registrations
    desk: Desk
    post: Post
    roles: Roles
    inviting: Inviting

    async def submit(self, **changed: str) -> str:
        """The identifier of a request that was just received."""
        accepted = [one.digest.hex() for one in self.agreements.current]
        return (await self.registrations.submit(application(**changed), accepted, SIGNATURE)).id

    async def account_of(self, uid: AccountId | None) -> Account:
        assert uid is not None
        return await self.accounts.get(uid)


def build_inviting(
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    practitioners: Practitioners,
    accounts: Accounts,
    roles: Roles,
    agreements: Agreements,
    registrations: Registrations,
    jobs: JobRunner,
) -> Inviting:
    """As the server builds them."""
    post, staff_people, establishments = (
        InvitationPost(),
        StaffPeople(db, clock),
        Establishments(db, clock, random_bytes),
    )
    invitations = Invitations(
        db, clock, random_bytes, practitioners, accounts, roles, agreements, registrations, jobs, post
    )
    admission = Admission(db, clock, practitioners, accounts, roles, staff_people, invitations, post)
    mandates = Mandates(db, clock, practitioners, accounts, roles, jobs, post)
    forgetting = Forgetting(db, clock, random_bytes)
    naming = Naming(db, random_bytes, practitioners, accounts, roles, staff_people, jobs, post)
    jobs.register(forgetting.job_handler())
    return Inviting(staff_people, establishments, invitations, admission, mandates, forgetting, naming, post)


def build_rooms(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, keystore: KeyStore, *, four_eyes: bool = False
) -> Rooms:
    """As the server builds them."""
    accounts, jobs, post = Accounts(db, clock, random_bytes), JobRunner(db, clock, random_bytes), Post()
    practitioners = Practitioners(db, clock, random_bytes, kept=accounts.list_practitioner_ids)
    agreements = Agreements(db, clock, random_bytes, accounts, load_agreements())
    registrations = Registrations(db, clock, random_bytes, keystore, agreements, jobs, post)
    jobs.register(registrations.job_handler())
    roles = Roles(db, clock, random_bytes, accounts)
    inviting = build_inviting(db, clock, random_bytes, practitioners, accounts, roles, agreements, registrations, jobs)
    desk = Desk(
        *(db, clock, keystore, registrations, agreements, practitioners, accounts, roles, jobs, inviting.admission),
        four_eyes=four_eyes,
    )
    return Rooms(
        *(db, clock, jobs, keystore, practitioners, accounts, agreements, registrations, desk, post, roles, inviting)
    )
