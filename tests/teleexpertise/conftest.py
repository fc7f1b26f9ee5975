"""The service on real parts: SQLite, key store, blobs, directory, dispatch, jobs, and a spool for what leaves."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.broker import MemoryBroker, Rates
from miss.directory.accounts import Accounts
from miss.directory.addresses.service import Addresses
from miss.directory.audit import AuditLog
from miss.directory.certificates import Certificates, Trust
from miss.directory.practitioners import Practitioners
from miss.directory.retirement import Retirements
from miss.directory.roles import Roles
from miss.directory.sign_in import PasswordCost, SignIn
from miss.mail.outbound import Outbox, Spool
from miss.mail.trace import Trace
from miss.server.console.statistics.service import Statistics
from miss.server.house import House
from miss.server.mails.retirement import RetirementMails
from miss.server.notices import Notices, platform_device
from miss.server.settings import Settings
from miss.server.web.assets import Assets
from miss.server.web.pages import Pages
from miss.server.wiring.intakes import MailFurniture, build_intakes
from miss.server.wiring.own import build_own_rooms
from miss.storage import Database
from miss.storage.blobs import DiskBlobs
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from teleexpertise.house import build
from teleexpertise.settings import TeleexpertiseSettings
from tests.teleexpertise.office import Office, import_cast, open_office


@pytest.fixture
async def house(
    tmp_path: Path, db: Database, keystore: KeyStore, clock: MovableClock, random_bytes: RandomBytes
) -> AsyncIterator[House]:
    """What the composition root lends, with the fictive register imported."""
    practitioners = Practitioners(db, clock, random_bytes)
    await import_cast(practitioners)
    accounts = Accounts(db, clock, random_bytes, validity=timedelta(days=30), tries=5)
    jobs = JobRunner(db, clock, random_bytes)
    idle, absolute = timedelta(minutes=30), timedelta(hours=12)
    sign_in = SignIn(
        db, clock, random_bytes, practitioners, accounts, idle=idle, absolute=absolute, cost=PasswordCost.MINIMAL
    )
    outbox = Outbox(db, keystore, Spool(tmp_path / "spool"), clock, random_bytes)
    leaving = RetirementMails(accounts, practitioners, outbox, "miss.example")
    broker = MemoryBroker()
    settings = Settings(data_dir=tmp_path, public_url="http://127.0.0.1:8080")
    rates, metrics = Rates(broker.counts), CollectorRegistry()
    own = build_own_rooms(db, clock, random_bytes, practitioners, accounts, jobs, outbox, "miss.example")
    device = platform_device(settings, clock, random_bytes)
    certificates = Certificates(db, clock, random_bytes, practitioners)
    lent = MailFurniture(
        db, keystore, clock, random_bytes, practitioners, jobs, rates, own.blocking, metrics, certificates
    )
    yield House(
        settings=settings,
        clock=clock,
        random_bytes=random_bytes,
        db=db,
        keystore=keystore,
        blobs=DiskBlobs(tmp_path / "blobs"),
        broker=broker,
        rates=rates,
        jobs=jobs,
        practitioners=practitioners,
        accounts=accounts,
        addresses=Addresses(db, clock, base_domain="miss.example"),
        audit=AuditLog(db, clock),
        own=own,
        roles=Roles(db, clock, random_bytes, accounts),
        retirements=Retirements(db, clock, random_bytes, accounts, leaving),
        sign_in=sign_in,
        intakes=build_intakes(settings, lent),
        outbox=outbox,
        certificate_trust=Trust(None),
        notices=Notices(db, clock, random_bytes, accounts, device, settings.public_origin),
        trace=Trace(db, clock, random_bytes, ["miss.example"]),
        statistics=Statistics(practitioners, db, clock, random_bytes),
        pages=Pages(clock, Assets()),
        metrics=metrics,
    )
    await broker.close()


@pytest.fixture
async def office(house: House, tmp_path: Path) -> Office:
    """The service at work, driven by hand: jobs run when a test says so."""
    service = build(house, TeleexpertiseSettings())
    house.intakes.register(service.mail)
    for handler in (house.intakes.job_handler(), house.outbox.job_handler(), *service.job_handlers()):
        house.jobs.register(handler)
    return await open_office(house, service, tmp_path / "spool")
