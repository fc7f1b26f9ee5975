"""The way of mail out of the house: relays or a folder, signed before either; built for the composition root."""

from dataclasses import dataclass

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.certificates import Certificates, Trust
from miss.directory.practitioners import Practitioners
from miss.mail.outbound import LineLimits, MailTransport, Outbox, Spool
from miss.mail.relays import Relay, Relays, TlsPolicy, load_relays
from miss.mail.smime import OpeningProtection, ProtectedTransport
from miss.server.settings import Settings
from miss.server.wiring.mail_key import build_smime
from miss.storage import Database
from miss.storage.sealed import KeyStore


@dataclass(frozen=True, slots=True)
class MailOut:
    """What mail leaves by, and what opens mail that comes."""

    outbox: Outbox
    relays: Relays | None
    """None: nothing leaves the machine."""
    hosts: tuple[str, ...]
    """Of the relays: reports come from there."""
    trust: Trust
    certificates: Certificates
    opening: OpeningProtection


def build_mail_out(
    settings: Settings,
    db: Database,
    keystore: KeyStore,
    clock: Clock,
    random_bytes: RandomBytes,
    practitioners: Practitioners,
) -> MailOut:
    """Raises RelaysUnusable, TrustUnusable, MailKeyUnfit."""
    relays = _relays(settings)
    ways = Relays(relays, clock) if relays else None
    transport: MailTransport = ways or Spool(settings.data_dir / "spool")
    trust = Trust(settings.certificate_authorities)
    certificates = Certificates(db, clock, random_bytes, practitioners, trust)
    smime = build_smime(settings, clock, random_bytes, certificates)
    limits = LineLimits(per_domain=settings.lines_per_domain)
    return MailOut(
        outbox=Outbox(
            db, keystore, ProtectedTransport(transport, smime), clock, random_bytes, limits=limits, room=smime.room_for
        ),
        relays=ways,
        hosts=tuple(relay.host for relay in relays),
        trust=trust,
        certificates=certificates,
        opening=OpeningProtection(smime, certificates.current, trust),
    )


def _relays(settings: Settings) -> tuple[Relay, ...]:
    """Those of this deployment; none: nothing leaves the machine.  Raises RelaysUnusable."""
    if settings.relays_file is not None:
        return load_relays(settings.relays_file)
    if not settings.relay_host:
        return ()
    return (
        Relay(
            name=settings.relay_host,
            host=settings.relay_host,
            port=settings.relay_port,
            tls=TlsPolicy.VERIFY if settings.relay_tls else TlsPolicy.NONE,
            user=settings.relay_user,
            password=settings.relay_password.get_secret_value() if settings.relay_password else "",
        ),
    )
