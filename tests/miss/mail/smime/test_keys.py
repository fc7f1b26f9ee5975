"""The platform's mail key: made once, and refused by name when it cannot serve."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from miss.base.random import system_random
from miss.mail.smime import create_mail_key, load_mail_key
from miss.mail.smime.errors import MailKeyUnfit
from miss.mail.smime.model import may_sign
from tests.miss.mail.smime.making import NOW, OURS, certificate_of, curve_key, pem, rsa_key

OWN = [OURS, "mouvements@tele.mssante.example"]


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "mail.pem"
    create_mail_key(path, OWN, "Téléexpertise MiSS", NOW, system_random)
    assert path.stat().st_mode & 0o777 == 0o600
    key = load_mail_key(path, path)
    assert may_sign(key.certificate, NOW)
    names = key.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.RFC822Name) == OWN
    with pytest.raises(FileExistsError):
        create_mail_key(path, OWN, "Téléexpertise MiSS", NOW, system_random)
    assert [one.name for one in path.parent.iterdir()] == ["mail.pem"]


@pytest.mark.parametrize("wrong", ["missing", "open", "words", "kind", "foreign", "no certificate"])
def test_a_key_that_cannot_serve_is_refused(tmp_path: Path, wrong: str) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    content = pem(curve_key("ours"))
    if wrong == "words":
        content = b"une phrase"
    elif wrong == "kind":
        content = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if wrong != "missing":
        key.write_bytes(content)
        key.chmod(0o644 if wrong == "open" else 0o600)
    owner = rsa_key("theirs") if wrong == "foreign" else curve_key("ours")
    certificate.write_bytes(b"" if wrong == "no certificate" else certificate_of(owner, OURS))
    with pytest.raises(MailKeyUnfit):
        load_mail_key(key, certificate)
