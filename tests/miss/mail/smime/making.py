"""The platform and a correspondent for the tests: keys made once in a process, certificates that hold today."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.directory.certificates.model import Certificate, read_facts
from miss.mail.smime import MailKey, OpensslCms, Smime, load_mail_key
from miss.mail.smime.service import CurrentCertificate
from tests.miss.directory.certificates.making import make, usage

NOW = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
OURS = "avis@tele.mssante.example"
THEIRS = "paul.exemple@medecin.mssante.example"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

RAW = (
    b'From: "Avis" <avis@tele.mssante.example>\r\n'
    b"To: paul.exemple@medecin.mssante.example\r\n"
    b"Subject: XDM/1.0/DDM+Compte rendu EXEMPLE\r\n Jeanne 01/02/1950\r\n"
    b"Date: Fri, 20 Nov 2026 09:15:00 +0000\r\n"
    b"Message-ID: <te26000417.answer@tele.mssante.example>\r\n"
    b"X-MSS-INS: O\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=ISO-8859-1\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n"
    b"\r\n"
    b"TE26000417\r\nEXEMPLE\r\nl=E9sion\r\n****FIN****\r\n"
)


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """One key per name: making one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def curve_key(name: str) -> ec.EllipticCurvePrivateKey:
    """As `rsa_key`."""
    return ec.generate_private_key(ec.SECP256R1())


def pem(key: Key) -> bytes:
    """A private key as openssl reads it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def certificate_of(key: Key, *addresses: str, **wrong: object) -> bytes:
    """A certificate (PEM) that signs and is encrypted to."""
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    wrong.setdefault("key_usage", usage(enciphers=is_rsa, agrees=not is_rsa))
    return make(*addresses, now=NOW, key=key, **wrong)  # type: ignore[arg-type]


@dataclass
class Correspondent:
    """Somebody with a key, in a folder, for the openssl command."""

    folder: Path
    key: Key
    certificate: bytes

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.key_file.write_bytes(pem(self.key))
        self.key_file.chmod(0o600)
        self.certificate_file.write_bytes(self.certificate)

    @property
    def key_file(self) -> Path:
        return self.folder / "key.pem"

    @property
    def certificate_file(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def mail_key(self) -> MailKey:
        return load_mail_key(self.key_file, self.certificate_file)


def directory_of(known: bytes | None) -> CurrentCertificate:
    """What the directory says of `THEIRS`; `known`: the certificate that it has."""

    async def current(address: str, now: datetime) -> Certificate | None:
        if known is None or address != THEIRS:
            return None
        facts = read_facts(x509.load_pem_x509_certificate(known).public_bytes(Encoding.DER))
        return Certificate(id="1", practitioner_id=PractitionerId("1"), facts=facts, added_at=now, added_by="")

    return current


def smime_of(own: Correspondent, known: bytes | None = None) -> Smime:
    """The room, with the real openssl; `known`: as `directory_of`."""
    clock = MovableClock(NOW + timedelta(minutes=1))
    return Smime(OpensslCms(own.mail_key), own.mail_key, directory_of(known), clock)
