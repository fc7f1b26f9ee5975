"""The platform's own mail key and certificate (PEM), made at the first start of the embedded default.

One that we make ourselves is self-signed: its correspondents see a signature that nothing vouches for, and can still
tell that every mail comes from the same place.  A deployment puts one of its authority's in `mail_certificate_file`.
"""

import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from miss.base.random import RandomBytes
from miss.mail.smime.errors import MailKeyUnfit

VALIDITY: Final = timedelta(days=3 * 365)

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class MailKey:
    """What the platform signs with and is written to with."""

    key: SigningKey = field(repr=False)
    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...]
    """Sent along, so that readers find the way to their anchor."""
    key_file: Path
    certificate_file: Path


def load_mail_key(key_file: Path, certificate_file: Path) -> MailKey:
    """Raises MailKeyUnfit if a file is missing, malformed or open to others, or if the two do not belong together."""
    try:
        mode = key_file.stat().st_mode
        key = load_pem_private_key(key_file.read_bytes(), password=None)
    except FileNotFoundError:
        raise MailKeyUnfit(file=key_file, reason="le fichier n'existe pas") from None
    except (ValueError, TypeError, OSError):
        raise MailKeyUnfit(file=key_file, reason="ce n'est pas une clé PEM sans mot de passe") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise MailKeyUnfit(file=key_file, reason="d'autres comptes peuvent la lire (chmod 600)")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise MailKeyUnfit(file=key_file, reason="il faut une clé RSA ou à courbe elliptique")
    try:
        certificate, *issuers = x509.load_pem_x509_certificates(certificate_file.read_bytes())
    except FileNotFoundError:
        raise MailKeyUnfit(file=certificate_file, reason="le fichier n'existe pas") from None
    except (ValueError, OSError):
        raise MailKeyUnfit(file=certificate_file, reason="ce n'est pas un certificat PEM") from None
    if _public(key.public_key()) != _public(certificate.public_key()):
        raise MailKeyUnfit(file=certificate_file, reason="ce n'est pas le certificat de cette clé")
    return MailKey(key, certificate, tuple(issuers), key_file, certificate_file)


def create_mail_key(path: Path, addresses: Sequence[str], name: str, now: datetime, random_bytes: RandomBytes) -> None:
    """Write a new key and its self-signed certificate into one file.  `addresses`: all that mails leave from, as
    readers compare the sender with them.

    Raises FileExistsError: a key is never overwritten.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    whole = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    whole += _self_signed(key, addresses, name, now, random_bytes).public_bytes(Encoding.PEM)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Linking, unlike renaming, fails if the name is taken: of two processes that start together, one makes the key.
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(whole)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)
    finally:
        Path(unfinished).unlink()


def _self_signed(
    key: ec.EllipticCurvePrivateKey, addresses: Sequence[str], name: str, now: datetime, random_bytes: RandomBytes
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=True,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(random_bytes(16)) >> 1 | 1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(one) for one in addresses]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]
