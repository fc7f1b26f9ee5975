"""The ways in which mail arrives, built for the composition root: doors, mailbox, and the console on what failed."""

import ssl
from ipaddress import ip_network

from miss.mail.addresses import MailAddress
from miss.mail.inbound import DoorRules, MailDoor
from miss.mail.inbound.door.session import Network
from miss.mail.inbound.imap import ImapAccount, MailboxWatch
from miss.mail.inbound.imap.answers import Refusals
from miss.mail.inbound.quarantine.service import Quarantine
from miss.mail.inbound.receipts import Receipts
from miss.server.console.quarantine import QuarantinePages
from miss.server.console.queues import Queues
from miss.server.errors import SecretUnreadable
from miss.server.house import House
from miss.server.mail_doors import MailIn
from miss.server.settings import Settings


def build_mail_in(house: House, queues: Queues) -> MailIn:
    """The doors, closed; mails that are set aside are told of, and shown, from now on.  Raises SecretUnreadable."""
    settings = house.settings
    rules = DoorRules(
        max_bytes=settings.mail_max_bytes,
        hostname=settings.mail_domain,
        fronts=_networks(settings.mail_fronts),
        relays=_networks(settings.mail_relays),
        lines_each=settings.mail_lines_each,
        lines_all=settings.mail_lines_all,
        tls=_tls(settings),
    )
    lmtp = None
    if settings.lmtp_port is not None:
        lmtp = MailDoor(house.intakes, settings.mail_host, settings.lmtp_port, rules, is_lmtp=True)
    quarantine = Quarantine(
        house.db,
        house.keystore,
        house.jobs,
        house.audit,
        house.outbox,
        house.clock,
        house.random_bytes,
        settings.mail_domain,
    )
    house.intakes.tell_set_aside(quarantine.tell)
    house.intakes.acknowledge(Receipts(house.outbox, settings.mail_domain).send)
    pages = QuarantinePages(house.pages, quarantine, house.practitioners)
    queues.add(pages.queue())
    return MailIn(
        door=MailDoor(house.intakes, settings.mail_host, settings.mail_port, rules),
        lmtp=lmtp,
        mailbox=_mailbox(house),
        routes=pages.routes(),
    )


def _mailbox(house: House) -> MailboxWatch | None:
    settings = house.settings
    if not settings.imap_host:
        return None
    password = settings.imap_password.get_secret_value() if settings.imap_password else ""
    account = ImapAccount(
        host=settings.imap_host,
        port=settings.imap_port,
        user=settings.imap_user,
        password=password,
        tls=settings.imap_tls,
    )

    def address() -> MailAddress:
        """The platform takes every request at one address."""
        return next(iter(house.intakes.addresses))

    return MailboxWatch(
        account,
        house.intakes,
        Refusals(house.db, house.practitioners, house.outbox, house.jobs, settings.mail_domain),
        address,
        max_bytes=settings.mail_max_bytes,
        poll_s=settings.imap_poll_s,
    )


def _networks(text: str) -> list[Network]:
    return [ip_network(one.strip()) for one in text.split(",") if one.strip()]


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.mail_tls_certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.mail_tls_certificate, settings.mail_tls_key)
    except (OSError, ssl.SSLError):
        raise SecretUnreadable(file=str(settings.mail_tls_certificate)) from None
    return context
