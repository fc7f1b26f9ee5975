"""The pages of « Mon compte » about what the platform knows of somebody, built for the composition root."""

from starlette.routing import BaseRoute

from miss.chat import Chat
from miss.directory.agreements import Agreements
from miss.directory.certificates import Certificates, CurrentCertificates
from miss.server.console.proposals import ProposalPages
from miss.server.console.queues import Queues
from miss.server.house import House
from miss.server.web.front import Front
from miss.server.web.inviting import InviterDesk
from miss.server.web.own_absences import OwnAbsencePages
from miss.server.web.own_blocking import OwnBlockingPages
from miss.server.web.own_certificates import OwnCertificatePages
from miss.server.web.own_consultations import OwnConsultationPages, OwnJournal
from miss.server.web.own_data import OwnDataPages
from miss.server.web.own_departure import OwnDeparturePages
from miss.server.web.own_entry import OwnEntryPages
from miss.server.web.own_mandates import MandatePages
from miss.server.web.own_notifications import OwnNotificationPages
from miss.server.web.own_push import OwnSubscriptions
from miss.server.web.own_secretariat import SecretariatPages
from miss.server.web.own_sources import HouseData


def own_account_routes(
    house: House, front: Front, chat: Chat, agreements: Agreements, queues: Queues, inviter_desk: InviterDesk
) -> list[BaseRoute]:
    """Every route of these pages, and of the technicians who judge what is proposed there.

    The house's own data become part of the export, and a block parts what two people have between them in the chat.
    """
    own, clock, proposals = house.own, house.clock, ProposalPages(house)
    trust = house.certificate_trust
    certificates = Certificates(house.db, clock, house.random_bytes, house.practitioners, trust)
    current = CurrentCertificates(house.db, clock, trust)
    own.blocking.add_listener(chat.conversations.part)
    queues.add(proposals.queue())
    journal = OwnJournal(house.audit, house.accounts, house.practitioners)
    invitations = inviter_desk.invitations
    own.data.add(HouseData(house, front, chat.devices, agreements, journal, certificates, invitations).gather)
    own.data.add(OwnSubscriptions(chat.push, chat.devices).gather)
    groups = (
        OwnEntryPages(front, clock, own.proposals, own.absences, house.addresses, current),
        OwnCertificatePages(front, clock, certificates),
        OwnNotificationPages(front, own.preferences),
        OwnBlockingPages(front, own.blocking, house.practitioners),
        OwnAbsencePages(front, clock, own.absences, house.practitioners),
        OwnDataPages(front, clock, house.audit, own.data),
        OwnConsultationPages(front, journal, house.settings.audit_retention_months),
        OwnDeparturePages(front, house.retirements, house.practitioners),
        SecretariatPages(front, inviter_desk),
        MandatePages(front, inviter_desk.mandates),
        proposals,
    )
    return [route for group in groups for route in group.routes()]
