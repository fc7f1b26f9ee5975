"""What every room and service stands on: keys, jobs, people, mail, pages; built for the composition root."""

import contextlib
from pathlib import Path

from prometheus_client import CollectorRegistry

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.broker import MemoryBroker, Rates, RedisBroker
from miss.directory.accounts import Accounts
from miss.directory.addresses.service import Addresses
from miss.directory.audit import AuditLog
from miss.directory.practitioners import Practitioners
from miss.directory.retirement import Retirements
from miss.directory.roles import Roles
from miss.directory.sign_in import SignIn
from miss.mail.inbound import Intakes
from miss.mail.outbound import MailTransport, Outbox, SmtpRelay, Spool
from miss.server.console.statistics.service import Statistics
from miss.server.house import House
from miss.server.mails.retirement import RetirementMails
from miss.server.settings import Settings
from miss.server.web.assets import Assets
from miss.server.web.pages import Pages
from miss.server.wiring.own import build_own_rooms
from miss.storage import Database
from miss.storage.blobs import DiskBlobs
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore, MasterKeys, create_master_key, load_master_keys

STATIC = Path(__file__).parent.parent / "web" / "static"


def furnish(
    settings: Settings, clock: Clock, random_bytes: RandomBytes, db: Database, keys: Database, register: Database
) -> House:
    """The rooms that services are lent.  Raises MasterKeyUnsafe, AddressMalformed for a setting."""
    keystore = KeyStore(keys, _master_keys(settings, random_bytes), clock, random_bytes)
    jobs = JobRunner(db, clock, random_bytes)
    accounts = Accounts(
        db,
        clock,
        random_bytes,
        validity=settings.activation_validity,
        ticket_validity=settings.recovery_ticket_validity,
        tries=settings.activation_tries,
    )
    practitioners = Practitioners(db, clock, random_bytes, register=register, kept=accounts.list_practitioner_ids)
    roles = Roles(db, clock, random_bytes, accounts)
    sign_in = SignIn(
        db,
        clock,
        random_bytes,
        practitioners,
        accounts,
        idle=settings.session_idle,
        absolute=settings.session_absolute,
        shared_idle=settings.session_shared_idle,
        fresh=settings.step_up_validity,
        second_factor_required=settings.is_second_factor_required,
    )
    sign_in.sessions.add_grants(roles.of)
    outbox = Outbox(db, keystore, _transport(settings), clock, random_bytes)
    leaving = RetirementMails(accounts, practitioners, outbox, settings.mail_domain)
    assets = Assets()
    assets.add("house", STATIC)
    broker = RedisBroker(settings.redis_url.get_secret_value()) if settings.redis_url else MemoryBroker()
    return House(
        settings=settings,
        clock=clock,
        random_bytes=random_bytes,
        db=db,
        keystore=keystore,
        blobs=DiskBlobs(settings.data_dir / "blobs"),
        broker=broker,
        rates=Rates(broker.counts),
        jobs=jobs,
        practitioners=practitioners,
        accounts=accounts,
        addresses=Addresses(db, clock, base_domain=settings.address_domain or settings.mail_domain, register=register),
        audit=AuditLog(db, clock),
        own=build_own_rooms(db, clock, random_bytes, practitioners, accounts, jobs, outbox, settings.mail_domain),
        roles=roles,
        retirements=Retirements(db, clock, random_bytes, accounts, leaving),
        sign_in=sign_in,
        intakes=Intakes(db, keystore, practitioners, jobs, clock, random_bytes),
        outbox=outbox,
        statistics=Statistics(practitioners, db, clock, random_bytes, register=register),
        pages=Pages(clock, assets),
        metrics=CollectorRegistry(),
    )


def _master_keys(settings: Settings, random_bytes: RandomBytes) -> MasterKeys:
    """The embedded default makes its master key at the first start; one that a deployment names must be there."""
    if settings.master_key_file is None:
        ensure_master_key(settings, random_bytes)
    return load_master_keys(settings.master_key)


def ensure_master_key(settings: Settings, random_bytes: RandomBytes) -> None:
    """Make the master key if there is none."""
    with contextlib.suppress(FileExistsError):
        create_master_key(settings.master_key, random_bytes)


def _transport(settings: Settings) -> MailTransport:
    if not settings.relay_host:
        return Spool(settings.data_dir / "spool")
    password = settings.relay_password.get_secret_value() if settings.relay_password else ""
    return SmtpRelay(
        settings.relay_host,
        settings.relay_port,
        require_tls=settings.relay_tls,
        user=settings.relay_user,
        password=password,
    )
