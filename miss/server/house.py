"""What the composition root builds once and lends to every service."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.broker import Broker, Rates
from miss.directory.accounts import Accounts
from miss.directory.addresses.service import Addresses
from miss.directory.audit import AuditLog
from miss.directory.certificates import Trust
from miss.directory.establishments.quotas import Quota, Quotas
from miss.directory.practitioners import Practitioners
from miss.directory.retirement import Retirements
from miss.directory.roles import Roles
from miss.directory.sign_in import SignIn
from miss.mail.inbound import Intakes
from miss.mail.outbound import Outbox
from miss.mail.relays import Relays
from miss.mail.trace import Trace
from miss.server.console.statistics.service import Statistics
from miss.server.device_callers import DeviceCallers
from miss.server.notices import Notices
from miss.server.reversibility.sources import Leavings
from miss.server.settings import Settings
from miss.server.web.pages import Pages
from miss.server.wiring.own import OwnRooms
from miss.storage import Database
from miss.storage.blobs import BlobStore
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore


@dataclass(frozen=True, slots=True)
class House:
    """The rooms' services, ready to use."""

    settings: Settings
    clock: Clock
    random_bytes: RandomBytes
    db: Database
    keystore: KeyStore
    blobs: BlobStore
    broker: Broker
    rates: Rates
    jobs: JobRunner
    practitioners: Practitioners
    accounts: Accounts
    addresses: Addresses
    roles: Roles
    retirements: Retirements
    audit: AuditLog
    certificate_trust: Trust
    own: OwnRooms
    sign_in: SignIn
    intakes: Intakes
    outbox: Outbox
    trace: Trace
    notices: Notices
    statistics: Statistics
    pages: Pages
    metrics: CollectorRegistry
    relays: Relays | None = None
    """None: mail stays on this machine."""
    devices: DeviceCallers = field(default_factory=DeviceCallers)
    leavings: Leavings = field(default_factory=Leavings)
    """What services give along to an establishment that leaves."""

    def quotas(self) -> Quotas:
        """What the programs of establishments may ask for, under this house's settings."""
        default = Quota(self.settings.establishment_requests_per_min, self.settings.token_entries_per_day)
        return Quotas(self.db, self.clock, self.rates, default)
