"""Certificates for the tests: signed by a fictive authority, with one thing wrong if a test asks for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

AUTHORITY = ec.generate_private_key(ec.SECP256R1())
P256 = ec.generate_private_key(ec.SECP256R1())
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def usage(*, signs: bool = True, enciphers: bool = False, agrees: bool = False) -> x509.KeyUsage:
    """A key usage extension."""
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=enciphers,
        data_encipherment=False,
        key_agreement=agrees,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def named(common_name: str) -> x509.Name:
    """A distinguished name of one attribute."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def make_authority(
    *,
    now: datetime,
    name: str = "Autorité fictive",
    key: ec.EllipticCurvePrivateKey = AUTHORITY,
    by: tuple[str, ec.EllipticCurvePrivateKey] | None = None,
) -> bytes:
    """The certificate of who signs what `make` makes, or of another authority; `by`: who signed it, None: itself."""
    issuer, signed_by = by or (name, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1000))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return builder.sign(signed_by, hashes.SHA256()).public_bytes(Encoding.PEM)


def make_list(
    *serial_numbers: int,
    now: datetime,
    name: str = "Autorité fictive",
    key: ec.EllipticCurvePrivateKey = AUTHORITY,
    encoding: Encoding = Encoding.DER,
) -> bytes:
    """An authority's list of what it took back."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(named(name))
    builder = builder.last_update(now).next_update(now + timedelta(days=7))
    for one in serial_numbers:
        revoked = x509.RevokedCertificateBuilder().serial_number(one).revocation_date(now).build()
        builder = builder.add_revoked_certificate(revoked)
    return builder.sign(key, hashes.SHA256()).public_bytes(encoding)


def make(
    *addresses: str,
    now: datetime,
    key: Key = P256,
    begins: timedelta = timedelta(days=-1),
    lasts: timedelta = timedelta(days=365),
    key_usage: x509.KeyUsage | None = None,
    purposes: Sequence[ObjectIdentifier] = (ExtendedKeyUsageOID.EMAIL_PROTECTION,),
    is_authority: bool = False,
    in_subject: str = "",
    encoding: Encoding = Encoding.PEM,
    serial_number: int = 0,
) -> bytes:
    """One certificate; by default one that is fit to encrypt mail with."""
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, "Personne Fictive")]
    if in_subject:
        attributes.append(x509.NameAttribute(NameOID.EMAIL_ADDRESS, in_subject))
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(attributes))
        .issuer_name(named("Autorité fictive"))
        .public_key(key.public_key())
        .serial_number(serial_number or x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + begins + lasts)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(key_usage or usage(agrees=True), critical=True)
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if addresses:
        names = x509.SubjectAlternativeName([x509.RFC822Name(address) for address in addresses])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(AUTHORITY, hashes.SHA256()).public_bytes(encoding)
