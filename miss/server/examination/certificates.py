"""How long certificates still hold: the operator's, that of our mails, that of the public address.

Certificates end on a day nobody remembers: 30 days before, a warning; from a week before on, a problem.
"""

import asyncio
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509

from miss.base.clock import Clock, from_ms
from miss.base.errors import MissError
from miss.base.text import Text
from miss.directory.signer import certificate_ends
from miss.server.examination.model import Finding, Grade, of_error, problem
from miss.server.settings import Settings

SOON: Final = timedelta(days=30)
AT_ONCE: Final = timedelta(days=7)
CONNECT_TIMEOUT_S: Final = 5.0

_OPERATOR: Final = Text(
    fr="Le certificat de l’opérateur ({purpose}) finit dans {days} jours : remettez root.key le temps d’un démarrage.",
    en="The operator's certificate ({purpose}) ends in {days} days: put root.key back for one start.",
)
_MAIL: Final = Text(
    fr="Le certificat des courriels ({file}) finit dans {days} jours : demandez-en un autre à son autorité.",
    en="The certificate of our mails ({file}) ends in {days} days: ask its authority for another one.",
)
_PUBLIC: Final = Text(
    fr="Le certificat de {host} finit dans {days} jours : renouvelez-le chez votre serveur frontal.",
    en="The certificate of {host} ends in {days} days: renew it at your reverse proxy.",
)
_OPERATOR_ENDED: Final = Text(
    fr="Le certificat de l’opérateur ({purpose}) a expiré il y a {days} jours : remettez root.key le temps d’un "
    "démarrage.",
    en="The operator's certificate ({purpose}) ended {days} days ago: put root.key back for one start.",
)
_MAIL_ENDED: Final = Text(
    fr="Le certificat des courriels ({file}) a expiré il y a {days} jours, les destinataires le refusent : demandez-en "
    "un autre à son autorité.",
    en="The certificate of our mails ({file}) ended {days} days ago, recipients refuse it: ask its authority for "
    "another one.",
)
_PUBLIC_ENDED: Final = Text(
    fr="Le certificat de {host} a expiré il y a {days} jours : renouvelez-le chez votre serveur frontal.",
    en="The certificate of {host} ended {days} days ago: renew it at your reverse proxy.",
)


async def examine_certificates(settings: Settings, clock: Clock) -> list[Finding]:
    """Those of this deployment that a file or the public address shows."""
    return [
        *_examine_operator(settings.operator_keys, clock),
        *_examine_mail(settings, clock),
        *await _examine_public(settings, clock),
    ]


def find_ending(end: datetime, now: datetime, soon: Text, ended: Text, **params: object) -> list[Finding]:
    """A finding about something that ends at `end`, if it is near or past; both texts have a place for
    `days`."""
    left = end - now
    if left > SOON:
        return []
    if left < timedelta():
        return [Finding(Grade.PROBLEM, ended, {**params, "days": (now - end).days})]
    grade = Grade.PROBLEM if left <= AT_ONCE else Grade.WARNING
    return [Finding(grade, soon, {**params, "days": left.days})]


def _examine_operator(folder: Path, clock: Clock) -> list[Finding]:
    try:
        ends = certificate_ends(folder)
    except MissError as error:
        return [of_error(error)]
    return [
        finding
        for purpose, end_ms in ends.items()
        for finding in find_ending(
            from_ms(end_ms), clock.now(), _OPERATOR, _OPERATOR_ENDED, purpose=purpose.name.lower()
        )
    ]


def _examine_mail(settings: Settings, clock: Clock) -> list[Finding]:
    own = settings.mail_key_file or settings.data_dir / "keys" / "mail.pem"
    path = settings.mail_certificate_file or own
    try:
        (certificate, *_) = x509.load_pem_x509_certificates(path.read_bytes())
    except FileNotFoundError:
        # The embedded default makes its own at the first start; a file that is named must be there.
        return [] if path == own and settings.mail_key_file is None else [_unreadable(path)]
    except ValueError:
        return [_unreadable(path)]
    return find_ending(certificate.not_valid_after_utc, clock.now(), _MAIL, _MAIL_ENDED, file=path)


def _unreadable(path: Path) -> Finding:
    return problem(
        "{file} n’est pas un certificat lisible (PEM) : vérifiez MISS_MAIL_CERTIFICATE_FILE.",
        "{file} is no certificate that can be read (PEM): check MISS_MAIL_CERTIFICATE_FILE.",
        file=path,
    )


async def _examine_public(settings: Settings, clock: Clock) -> list[Finding]:
    """As a visitor's browser meets it: a certificate that nobody would accept is named as well."""
    address = urlsplit(settings.public_origin)
    if address.scheme != "https" or address.hostname is None:
        return []
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection(
                address.hostname, address.port or 443, ssl=ssl.create_default_context()
            )
    except (OSError, TimeoutError) as failure:
        return [
            problem(
                "{origin} ne répond pas comme un navigateur l’attend ({reason}) : vérifiez le serveur frontal, son "
                "certificat, et MISS_PUBLIC_URL.",
                "{origin} does not answer as a browser expects ({reason}): check the reverse proxy, its certificate, "
                "and MISS_PUBLIC_URL.",
                origin=settings.public_origin,
                reason=getattr(failure, "verify_message", "") or str(failure) or type(failure).__name__,
            )
        ]
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    certificate = x509.load_der_x509_certificate(shown)
    return find_ending(certificate.not_valid_after_utc, clock.now(), _PUBLIC, _PUBLIC_ENDED, host=address.hostname)
