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
from miss.mail.trace import Trace
from miss.server.console.statistics.service import Statistics
from miss.server.house import House
from miss.server.mails.retirement import RetirementMails
from miss.server.notices import Notices, platform_device
from miss.server.settings import Settings
from miss.server.web.assets import Assets
from miss.server.web.pages import Pages
from miss.server.wiring.intakes import MailFurniture, build_intakes
from miss.server.wiring.mail_out import build_mail_out
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
    accounts = _accounts(settings, db, clock, random_bytes)
    practitioners = Practitioners(db, clock, random_bytes, register=register, kept=accounts.list_practitioner_ids)
    roles = Roles(db, clock, random_bytes, accounts)
    sign_in = _sign_in(settings, db, clock, random_bytes, practitioners, accounts)
    sign_in.sessions.add_grants(roles.of)
    out = build_mail_out(settings, db, keystore, clock, random_bytes, practitioners)
    outbox = out.outbox
    leaving = RetirementMails(accounts, practitioners, outbox, settings.mail_domain)
    broker = RedisBroker(settings.redis_url.get_secret_value()) if settings.redis_url else MemoryBroker()
    rates, metrics = Rates(broker.counts), CollectorRegistry()
    own = build_own_rooms(db, clock, random_bytes, practitioners, accounts, jobs, outbox, settings.mail_domain)
    lent = MailFurniture(
        db,
        keystore,
        clock,
        random_bytes,
        practitioners,
        jobs,
        rates,
        own.blocking,
        metrics,
        out.certificates,
        out.opening,
    )
    return House(
        settings=settings,
        clock=clock,
        random_bytes=random_bytes,
        db=db,
        keystore=keystore,
        blobs=DiskBlobs(settings.data_dir / "blobs"),
        broker=broker,
        rates=rates,
        jobs=jobs,
        practitioners=practitioners,
        accounts=accounts,
        addresses=Addresses(db, clock, base_domain=settings.address_domain or settings.mail_domain, register=register),
        audit=AuditLog(db, clock),
        certificate_trust=out.trust,
        own=own,
        roles=roles,
        retirements=Retirements(db, clock, random_bytes, accounts, leaving),
        sign_in=sign_in,
        intakes=build_intakes(settings, lent),
        outbox=outbox,
        trace=Trace(db, clock, random_bytes, [settings.mail_domain, *out.hosts]),
        notices=_notices(settings, db, clock, random_bytes, accounts),
        statistics=Statistics(practitioners, db, clock, random_bytes, register=register),
        pages=_pages(clock),
        metrics=metrics,
        relays=out.relays,
    )


def _pages(clock: Clock) -> Pages:
    assets = Assets()
    assets.add("house", STATIC)
    return Pages(clock, assets)


def _notices(settings: Settings, db: Database, clock: Clock, random_bytes: RandomBytes, accounts: Accounts) -> Notices:
    device = platform_device(settings, clock, random_bytes)
    return Notices(db, clock, random_bytes, accounts, device, settings.public_origin)


def _accounts(settings: Settings, db: Database, clock: Clock, random_bytes: RandomBytes) -> Accounts:
    return Accounts(
        db,
        clock,
        random_bytes,
        validity=settings.activation_validity,
        ticket_validity=settings.recovery_ticket_validity,
        tries=settings.activation_tries,
    )


def _sign_in(
    settings: Settings,
    db: Database,
    clock: Clock,
    random_bytes: RandomBytes,
    practitioners: Practitioners,
    accounts: Accounts,
) -> SignIn:
    return SignIn(
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


def _master_keys(settings: Settings, random_bytes: RandomBytes) -> MasterKeys:
    """The embedded default makes its master key at the first start; one that a deployment names must be there."""
    if settings.master_key_file is None:
        ensure_master_key(settings, random_bytes)
    return load_master_keys(settings.master_key)


def ensure_master_key(settings: Settings, random_bytes: RandomBytes) -> None:
    """Make the master key if there is none."""
    with contextlib.suppress(FileExistsError):
        create_master_key(settings.master_key, random_bytes)
