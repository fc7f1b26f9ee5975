"""What judges and keeps the mail that arrives, built for the composition root."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.broker import Rates
from miss.directory.blocking import Blocking
from miss.directory.certificates import Certificates
from miss.directory.practitioners import Practitioners
from miss.mail.inbound import Intakes, Judge
from miss.mail.inbound.authentication.model import Trust
from miss.mail.inbound.authentication.operators import parse_operators
from miss.mail.inbound.authentication.service import Authentication, Protection
from miss.mail.inbound.metrics import Arrivals
from miss.protocol.session import Rate
from miss.server.settings import Settings
from miss.server.settings.arriving_mail import SenderProof
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore


@dataclass(frozen=True, slots=True)
class MailFurniture:
    """What the intakes stand on."""

    db: Database
    keystore: KeyStore
    clock: Clock
    random_bytes: RandomBytes
    practitioners: Practitioners
    jobs: JobRunner
    rates: Rates
    blocking: Blocking
    metrics: CollectorRegistry
    certificates: Certificates
    protection: Protection | None = None


def build_intakes(settings: Settings, lent: MailFurniture) -> Intakes:
    """The addresses of this platform, on which services register.  Raises OperatorsMalformed."""
    proof = settings.mail_sender_proof or (SenderProof.REQUIRED if settings.https else SenderProof.NONE)
    trust = Trust(
        proof_required=proof is SenderProof.REQUIRED,
        signing=settings.mail_signing,
        authserv_id=settings.mail_authserv.lower(),
        operators=parse_operators(settings.mail_operators),
    )
    judge = Judge(
        lent.db,
        lent.clock,
        lent.practitioners,
        Authentication(trust, lent.clock, lent.protection, lent.certificates.current),
        rates=lent.rates,
        per_sender=Rate(burst=settings.mail_per_hour, per_s=settings.mail_per_hour / 3600),
        blocking=lent.blocking,
    )
    arrivals = Arrivals(lent.metrics)
    return Intakes(
        lent.db,
        lent.keystore,
        judge,
        lent.practitioners,
        lent.jobs,
        lent.clock,
        lent.random_bytes,
        arrivals=arrivals,
    )
