"""The rooms of people without an RPPS number, built for the composition root: invitations, admission, mandates."""

from dataclasses import dataclass

from miss.directory.agreements import Agreements
from miss.directory.establishments.branding import Brandings
from miss.directory.invitations import Admission, Invitations, Mandates
from miss.directory.invitations.forgetting import Forgetting
from miss.directory.invitations.naming import Naming
from miss.directory.registrations import Registrations
from miss.directory.staff_people.service import StaffPeople
from miss.server.house import House
from miss.server.mails.invitation import InvitationMails


@dataclass(frozen=True, slots=True)
class Inviting:
    """Lent to the desk of sign-ups, and to the pages of inviters, establishments and the people themselves."""

    staff_people: StaffPeople
    invitations: Invitations
    admission: Admission
    mandates: Mandates
    forgetting: Forgetting
    naming: Naming


def build_inviting(house: House, agreements: Agreements, registrations: Registrations) -> Inviting:
    """Raises AddressMalformed."""
    db, clock, random_bytes, settings = house.db, house.clock, house.random_bytes, house.settings
    people, accounts, roles = house.practitioners, house.accounts, house.roles
    mails = InvitationMails(house.outbox, Brandings(db, clock), settings.mail_domain, settings.public_origin)
    staff_people = StaffPeople(db, clock)
    invitations = Invitations(
        db, clock, random_bytes, people, accounts, roles, agreements, registrations, house.jobs, mails
    )
    admission = Admission(db, clock, people, accounts, roles, staff_people, invitations, mails)
    mandates = Mandates(db, clock, people, accounts, roles, house.jobs, mails)
    forgetting = Forgetting(db, clock, random_bytes)
    naming = Naming(db, random_bytes, people, accounts, roles, staff_people, house.jobs, mails)
    return Inviting(staff_people, invitations, admission, mandates, forgetting, naming)
