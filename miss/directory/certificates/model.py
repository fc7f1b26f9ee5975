"""A certificate as the directory keeps it, what makes one fit to encrypt mail with, which of several is used.  Pure.

Who issued it is judged elsewhere (`trust`), if the operator says whom to trust.  That it is the person's is said by its
address, which the directory knows to be theirs, and by who put it in: its owner after a fresh proof of who they are,
or a technician.

Sources: RFC 5280 §4.2.1 (extensions), RFC 8550 §3 (addresses) and §4.4 (key usage), RFC 8551 §2.2 (algorithms).
"""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from miss.base.ids import PractitionerId
from miss.directory.certificates.errors import (
    CertificateExpired,
    CertificateIsAuthority,
    CertificateKeyWeak,
    CertificateMalformed,
    CertificateWrongUse,
    PrivateKeySent,
)

MAX_BYTES: Final = 16_384
ADDRESS_LENGTH: Final = 254
MAX_ADDRESSES: Final = 20
"""Of one certificate that are looked at."""
RSA_BITS: Final = 2048
CURVE_BITS: Final = 256
WARN_BEFORE: Final = timedelta(days=30)
"""Before its end, a certificate is shown as one to be renewed."""

Kind = TypeVar("Kind", bound=x509.ExtensionType)

UNREADABLE: Final = (
    *(ValueError, TypeError, UnsupportedAlgorithm),
    *(x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)
"""What the library raises of bytes that are no certificate, or one that nobody can use."""
_PEM: Final = b"-----BEGIN "
_MAIL: Final = frozenset({ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})
_BROKEN_HASHES: Final = (hashes.MD5, hashes.SHA1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a certificate says of itself."""

    der: bytes
    fingerprint: str
    """SHA-256 of `der`, 64 hexadecimal digits."""
    addresses: tuple[str, ...]
    """In lower case, in the certificate's order."""
    subject: str
    issuer: str
    """Distinguished names (RFC 4514)."""
    key: str
    """`RSA 2048`, `EC secp256r1`."""
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One that somebody's mail may be, or was, encrypted with."""

    id: str
    practitioner_id: PractitionerId
    facts: Facts
    added_at: datetime
    added_by: str
    """Actor of the access log."""
    withdrawn_at: datetime | None = None

    def is_usable(self, now: datetime) -> bool:
        """Mail may be encrypted with it."""
        return self.withdrawn_at is None and self.facts.not_before <= now <= self.facts.not_after

    def expires_soon(self, now: datetime) -> bool:
        """Usable, and to be renewed within `WARN_BEFORE`."""
        return self.is_usable(now) and self.facts.not_after - now < WARN_BEFORE


def choose_current(certificates: Iterable[Certificate], address: str, now: datetime) -> Certificate | None:
    """The one to encrypt with for `address` (lower case): of those usable now, the one whose validity began last."""
    usable = [one for one in certificates if address in one.facts.addresses and one.is_usable(now)]
    return max(usable, key=lambda one: (one.facts.not_before, one.added_at, one.id), default=None)


def examine(content: bytes, now: datetime) -> Facts:
    """A file (PEM or DER) that somebody sent.

    Raises PrivateKeySent, CertificateMalformed, CertificateIsAuthority, CertificateKeyWeak, CertificateWrongUse,
    CertificateExpired.
    """
    if b"PRIVATE KEY-----" in content:
        raise PrivateKeySent
    facts, certificate = _read(content)
    try:
        _require_fit(certificate)
    except UNREADABLE as error:
        raise CertificateMalformed from error
    if facts.not_after < now:
        raise CertificateExpired(day=facts.not_after.date().isoformat())
    return facts


def read_facts(der: bytes) -> Facts:
    """What was kept says; it was examined then.  Raises CertificateMalformed."""
    return _read(der)[0]


def _read(content: bytes) -> tuple[Facts, x509.Certificate]:
    if not content or len(content) > MAX_BYTES:
        raise CertificateMalformed
    try:
        with warnings.catch_warnings():
            # Old authorities write odd names and numbers: neither keeps a key from being used.
            warnings.simplefilter("ignore")
            certificate = _load(content)
            der = certificate.public_bytes(Encoding.DER)
            facts = Facts(
                der=der,
                fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
                addresses=_addresses(certificate),
                subject=certificate.subject.rfc4514_string(),
                issuer=certificate.issuer.rfc4514_string(),
                key=_name_key(certificate),
                not_before=certificate.not_valid_before_utc,
                not_after=certificate.not_valid_after_utc,
            )
    except UNREADABLE as error:
        raise CertificateMalformed from error
    return facts, certificate


def _load(content: bytes) -> x509.Certificate:
    if _PEM not in content:
        return x509.load_der_x509_certificate(content)
    found = x509.load_pem_x509_certificates(content)
    if len(found) != 1:
        raise CertificateMalformed
    return found[0]


def _addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """RFC 8550 §3: of the alternative names; if there are none, of the subject, where old ones have it."""
    names = _extension(certificate, x509.SubjectAlternativeName)
    said = names.get_values_for_type(x509.RFC822Name) if names else []
    if not said:
        attributes = certificate.subject.get_attributes_for_oid(x509.NameOID.EMAIL_ADDRESS)
        said = [str(attribute.value) for attribute in attributes]
    known = (address.strip().lower() for address in said if len(address) <= ADDRESS_LENGTH and address.isprintable())
    return tuple(dict.fromkeys(known))[:MAX_ADDRESSES]


def _require_fit(certificate: x509.Certificate) -> None:
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise CertificateIsAuthority
    key, signed_with = certificate.public_key(), certificate.signature_hash_algorithm
    is_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size >= RSA_BITS
    is_curve = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= CURVE_BITS
    if not (is_rsa or is_curve):
        raise CertificateKeyWeak(key=_name_key(certificate))
    if isinstance(signed_with, _BROKEN_HASHES):
        raise CertificateKeyWeak(key=signed_with.name.upper())
    usage, purposes = _extension(certificate, x509.KeyUsage), _extension(certificate, x509.ExtendedKeyUsage)
    if usage is not None and not (usage.key_encipherment if is_rsa else usage.key_agreement):
        raise CertificateWrongUse
    if purposes is not None and not _MAIL.intersection(purposes):
        raise CertificateWrongUse


def _extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _name_key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey").strip("_")
