"""Everything of signing up, built for the composition root: texts, requests, desk, attestations, and their pages."""

from dataclasses import dataclass

from starlette.routing import BaseRoute

from miss.base.text import Text
from miss.chat import per_hour
from miss.directory.agreements import Agreements, load_agreements
from miss.directory.attestations import Attestations
from miss.directory.establishments.branding import Brandings
from miss.directory.registrations import Desk, LostLinks, Registrations
from miss.server.console.queues import Queue
from miss.server.console.registrations import REGISTRATIONS_PATH, RegistrationDesk
from miss.server.house import House
from miss.server.mails.registration import RegistrationMails
from miss.server.web.agreements import AgreementPages
from miss.server.web.attempts import Attempts
from miss.server.web.attestation import AttestationPages, Operator
from miss.server.web.invitation import InvitationPages
from miss.server.web.inviting import InviterDesk
from miss.server.web.lost_link import LostLinkPages
from miss.server.web.registration import RegistrationPages, SignUpPatience
from miss.server.wiring.inviting import Inviting, build_inviting
from miss.storage.jobs import JobHandler


@dataclass(frozen=True, slots=True)
class SigningUp:
    """The rooms of signing up."""

    house: House
    agreements: Agreements
    registrations: Registrations
    lost_links: LostLinks
    desk: Desk
    attestations: Attestations
    inviting: Inviting

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """Find lost links again, and forget what has had its time."""
        rooms = (self.registrations, self.lost_links, self.inviting.forgetting)
        return tuple(room.job_handler() for room in rooms)

    def queue(self) -> Queue:
        """For the console's home."""
        label = Text(fr="Inscriptions à examiner", en="Sign-ups to review")
        return Queue(REGISTRATIONS_PATH, label, self.desk.count_waiting)

    def routes(self, attempts: Attempts) -> list[BaseRoute]:
        """Every route of these pages; `attempts`: shared with signing in."""
        house, operator, patience = self.house, self._operator(), self.patience
        groups = (
            LostLinkPages(house.pages, self.lost_links, patience),
            AgreementPages(house.pages, self.agreements),
            RegistrationPages(
                house.pages, self.registrations, self.agreements, house.practitioners, attempts, patience
            ),
            InvitationPages(house.pages, self.inviting.invitations, self.agreements, attempts),
            AttestationPages(
                house.pages, self.attestations, attempts, house.clock, operator, Brandings(house.db, house.clock)
            ),
            RegistrationDesk(house, self.desk, operator),
        )
        return [route for group in groups for route in group.routes()]

    @property
    def patience(self) -> SignUpPatience:
        """Shared with the pages of those who invite."""
        return SignUpPatience(self.house.rates, per_hour(self.house.settings.registrations_per_hour))

    def inviter_desk(self) -> InviterDesk:
        """For the pages of those who invite."""
        inviting = self.inviting
        return InviterDesk(inviting.invitations, inviting.mandates, inviting.naming, self.patience)

    def _operator(self) -> Operator:
        settings = self.house.settings
        lines = tuple(line.strip() for line in settings.operator_address.split(";") if line.strip())
        return Operator(settings.operator_name, lines, settings.support, settings.public_origin)


def build_signing_up(house: House) -> SigningUp:
    """Build the rooms; whoever has a text to accept is asked from now on.  Raises AddressMalformed."""
    settings = house.settings
    agreements = Agreements(
        house.db, house.clock, house.random_bytes, house.accounts, load_agreements(), whom=settings.agreements_for
    )
    house.sign_in.sessions.ask_agreements(agreements.owes)
    registrations = Registrations(
        house.db,
        house.clock,
        house.random_bytes,
        house.keystore,
        agreements,
        house.jobs,
        RegistrationMails(house.outbox, settings.mail_domain, settings.public_origin, settings.support),
        retention=settings.registration_retention,
    )
    inviting = build_inviting(house, agreements, registrations)
    desk = Desk(
        house.db,
        house.clock,
        house.keystore,
        registrations,
        agreements,
        house.practitioners,
        house.accounts,
        house.roles,
        house.jobs,
        inviting.admission,
        four_eyes=settings.registration_four_eyes,
    )
    attestations = Attestations(house.db, house.clock, house.random_bytes, house.accounts)
    lost_links = LostLinks(house.db, house.clock, house.random_bytes, registrations, house.jobs)
    return SigningUp(house, agreements, registrations, lost_links, desk, attestations, inviting)
