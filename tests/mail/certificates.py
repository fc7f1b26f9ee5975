"""A client certificate of an operator, that Postfix knows by its fingerprint."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from miss.base.clock import SystemClock


@dataclass(frozen=True)
class ClientCertificate:
    """Files in PEM, and the SHA-256 fingerprint as `openssl x509 -fingerprint` prints it."""

    certificate: Path
    key: Path
    fingerprint: str


def make_client_certificate(folder: Path) -> ClientCertificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "out.op.example")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    found = ClientCertificate(
        folder / "operator.pem", folder / "operator.key", made.fingerprint(hashes.SHA256()).hex(":").upper()
    )
    found.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return found
