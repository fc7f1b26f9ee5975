"""What S/MIME says of a mail, as values.  Pure."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from miss.directory.certificates.model import Facts

_MAIL = frozenset({ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})


class Unreadable(Exception):
    """Bytes that are not what their headers say.  Stays in this room: people read one of its `errors`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature that fits the content.  Whose it is, and whether that person is known, is judged by `trust`."""

    certificate: Facts
    issuers: tuple[bytes, ...]
    """Certificates (DER) that came along, in no order."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Opened:
    """A mail as it was meant."""

    content: bytes
    """The mail without its protection; the very bytes that came if it had none."""
    signature: Signature | None
    """The one that covers the clear content; None if there is none."""
    is_encrypted: bool


def may_sign(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether a signature made with it says who wrote a mail (RFC 8550 §4.4.2, §4.4.4)."""
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        purposes = None
    signs = usage is None or usage.digital_signature or usage.content_commitment
    return signs and (purposes is None or bool(_MAIL.intersection(purposes)))
