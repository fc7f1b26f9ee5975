"""S/MIME against a second implementation, GnuPG's gpgsm (libksba and libgcrypt, nothing of OpenSSL), both ways."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from miss.mail.inbound.parse import parse_mail
from miss.mail.smime.entity import encoded_content, enveloped_entity, signed_entity, signed_parts
from tests.miss.directory.certificates.making import make_authority
from tests.miss.mail.smime.making import NOW, OURS, RAW, THEIRS, Correspondent, certificate_of, rsa_key, smime_of

pytestmark = pytest.mark.mail

LONG = {"begins": timedelta(days=-3650), "lasts": timedelta(days=20_000)}
"""gpgsm goes by the machine's clock."""
TEXT = b"Content-Type: text/plain; charset=UTF-8\r\n\r\nPatient stable.\r\n"
OUTSIDE = b"From: paul.exemple@medecin.mssante.example\r\nSubject: Demande\r\nMIME-Version: 1.0\r\n"


@dataclass
class Gpgsm:
    """GnuPG with their key, in a home of its own; it trusts the tests' authority, asks and fetches nothing."""

    home: Path
    folder: Path

    def run(self, *words: str | Path, given: bytes = b"x\n") -> bytes:
        """Its output, status lines included.  `given`: the passphrase of the key, on one line.

        It ends with 2 where a mail is encrypted to somebody else as well, and opens it all the same.
        """
        options = ("--batch", "--yes", "--disable-crl-checks", "--pinentry-mode", "loopback", "--passphrase-fd", "0")
        command = ["gpgsm", "--homedir", str(self.home), *options, "--status-fd", "1", *map(str, words)]
        done = subprocess.run(command, input=given, capture_output=True, check=False)
        assert done.returncode == 0 or b"DECRYPTION_OKAY" in done.stdout, done.stderr.decode()
        return done.stdout

    def file(self, name: str, content: bytes) -> Path:
        """A file that holds `content`."""
        path = self.folder / name
        path.write_bytes(content)
        return path


@pytest.fixture
def ours(tmp_path: Path) -> Correspondent:
    return Correspondent(tmp_path / "ours", rsa_key("ours"), certificate_of(rsa_key("ours"), OURS, **LONG))


@pytest.fixture
def theirs(tmp_path: Path) -> Correspondent:
    return Correspondent(tmp_path / "theirs", rsa_key("theirs"), certificate_of(rsa_key("theirs"), THEIRS, **LONG))


@pytest.fixture
def gpgsm(tmp_path: Path, ours: Correspondent, theirs: Correspondent) -> Iterator[Gpgsm]:
    one = Gpgsm(Path(mkdtemp()), tmp_path)  # a socket's path is short: pytest's folders are not
    (one.home / "gpg-agent.conf").write_text("allow-loopback-pinentry\n")
    authority = x509.load_pem_x509_certificate(make_authority(now=NOW))
    (one.home / "trustlist.txt").write_text(f"{authority.fingerprint(hashes.SHA1()).hex().upper()} S relax\n")  # noqa: S303 - gpgsm names certificates so
    # By itself gpgsm waits five seconds for the agent that it starts: too few on a busy machine.
    subprocess.run(["gpgconf", "--homedir", one.home, "--launch", "gpg-agent"], check=True)
    bundle = tmp_path / "theirs.p12"
    pbe = ("-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1")  # what gpgsm 2.2 reads
    made = ["openssl", "pkcs12", "-export", *pbe, "-passout", "pass:x", "-out", str(bundle)]
    subprocess.run([*made, "-in", str(theirs.certificate_file), "-inkey", str(theirs.key_file)], check=True)
    own = x509.load_pem_x509_certificate(ours.certificate).public_bytes(Encoding.DER)
    one.run("--import", one.file("authority.der", authority.public_bytes(Encoding.DER)), one.file("ours.der", own))
    one.run("--import", bundle)
    yield one
    subprocess.run(["gpgconf", "--homedir", one.home, "--kill", "all"], check=True)
    subprocess.run(["rm", "-r", one.home], check=True)


async def test_it_reads_what_we_sign_and_encrypt(ours: Correspondent, theirs: Correspondent, gpgsm: Gpgsm) -> None:
    mail = await smime_of(ours, theirs.certificate).protect(RAW, THEIRS)
    gpgsm.run("--output", gpgsm.folder / "clear", "--decrypt", gpgsm.file("mail.p7m", encoded_content(mail)))
    parts = signed_parts((gpgsm.folder / "clear").read_bytes())
    assert b"l=E9sion" in parts.entity
    status = gpgsm.run("--verify", gpgsm.file("signature", parts.signature), gpgsm.file("entity", parts.entity))
    assert b"[GNUPG:] GOODSIG" in status


async def test_we_read_what_it_signs_and_encrypts(ours: Correspondent, gpgsm: Gpgsm) -> None:
    gpgsm.run("--output", gpgsm.folder / "s", "--local-user", THEIRS, "--detach-sign", gpgsm.file("text", TEXT))
    signed = gpgsm.file("signed", signed_entity(TEXT, (gpgsm.folder / "s").read_bytes()))
    gpgsm.run("--output", gpgsm.folder / "e", "--recipient", OURS, "--encrypt", signed)
    opened = await smime_of(ours).open(OUTSIDE + enveloped_entity((gpgsm.folder / "e").read_bytes()))
    assert opened.is_encrypted
    assert opened.signature is not None
    assert opened.signature.certificate.addresses == (THEIRS,)
    assert parse_mail(opened.content).text == "Patient stable."
