"""S/MIME against the openssl command, in both directions, and what is refused."""

import subprocess
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from miss.base.clock import MovableClock
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.inbound.parse import parse_mail
from miss.mail.outbound import OutboundAttachment, OutboundMail
from miss.mail.outbound.compose import compose_mail
from miss.mail.smime import OpensslCms, Smime
from miss.mail.smime.entity import enveloped_entity, signed_entity
from miss.mail.smime.errors import CmsAway, EncryptedMailUnreadable, SignatureInvalid
from tests.miss.directory.certificates.making import usage
from tests.miss.mail.smime.making import (
    NOW,
    OURS,
    RAW,
    THEIRS,
    Correspondent,
    Key,
    certificate_of,
    curve_key,
    rsa_key,
    smime_of,
)

pytestmark = pytest.mark.mail

TEXT = b"Content-Type: text/plain; charset=UTF-8\r\n\r\nPatient stable.\r\n"
OUTSIDE = b"From: paul.exemple@medecin.mssante.example\r\nSubject: Demande\r\nMIME-Version: 1.0\r\n"


@pytest.fixture(params=["rsa", "curve"])
def ours(request: pytest.FixtureRequest, tmp_path: Path) -> Correspondent:
    key: Key = rsa_key("ours") if request.param == "rsa" else curve_key("ours")
    return Correspondent(tmp_path / "ours", key, certificate_of(key, OURS))


@pytest.fixture(params=["rsa", "curve"])
def theirs(request: pytest.FixtureRequest, tmp_path: Path) -> Correspondent:
    key: Key = rsa_key("theirs") if request.param == "rsa" else curve_key("theirs")
    return Correspondent(tmp_path / "theirs", key, certificate_of(key, THEIRS))


def cms(*words: str | Path, given: bytes = b"") -> bytes:
    """One run of the openssl command."""
    return subprocess.run(["openssl", "cms", *map(str, words)], input=given, capture_output=True, check=True).stdout


def signed_by(who: Correspondent, entity: bytes, *more: str) -> bytes:
    """A mail of theirs, signed by openssl."""
    signer = ("-signer", who.certificate_file, "-inkey", who.key_file)
    return OUTSIDE + signed_entity(entity, cms("-sign", "-binary", "-outform", "DER", *signer, *more, given=entity))


def encrypted_to(who: Correspondent, entity: bytes, *options: str) -> bytes:
    """A mail encrypted by openssl."""
    words = ("-encrypt", "-binary", "-outform", "DER", *(options or ("-aes-256-cbc",)))
    recipient = ("-recip", who.certificate_file, *(("-keyopt", "rsa_padding_mode:oaep") if "oaep" in options else ()))
    words = tuple(word for word in words if word != "oaep")
    return OUTSIDE + enveloped_entity(cms(*words, *recipient, given=entity))


def inner(mail: bytes) -> bytes:
    """The signed entity of a mail of `signed_by`, to encrypt."""
    return mail.removeprefix(OUTSIDE)


async def test_openssl_verifies_what_we_sign(ours: Correspondent, tmp_path: Path) -> None:
    mail = await smime_of(ours).protect(RAW, THEIRS)
    (tmp_path / "mail.eml").write_bytes(mail)
    content = cms("-verify", "-noverify", "-in", tmp_path / "mail.eml")
    assert b"l=E9sion\r\n****FIN****" in content
    (tmp_path / "mail.eml").write_bytes(mail.replace(b"l=E9sion", b"l=E9sions"))
    with pytest.raises(subprocess.CalledProcessError):
        cms("-verify", "-noverify", "-in", tmp_path / "mail.eml")


async def test_openssl_reads_what_we_encrypt_to_them_and_so_do_we(ours: Correspondent, theirs: Correspondent) -> None:
    room = smime_of(ours, theirs.certificate)
    mail = await room.protect(RAW, THEIRS)
    assert b"Subject: [...]" in mail
    assert b"EXEMPLE" not in mail
    keys = ("-recip", theirs.certificate_file, "-inkey", theirs.key_file)
    clear = cms("-decrypt", "-binary", *keys, given=mail)
    assert b"l=E9sion" in clear
    assert b"HP-Outer: Subject: [...]" in clear
    back = await room.open(mail)
    assert back.is_encrypted
    assert back.signature is not None
    assert back.signature.certificate.addresses == (OURS,)
    assert parse_mail(back.content) == parse_mail(RAW)


@pytest.mark.parametrize("limit_bytes", [900_000, 10_000_000])
async def test_what_fits_the_room_leaves_within_the_limit(
    ours: Correspondent, theirs: Correspondent, limit_bytes: int
) -> None:
    for known in (None, theirs.certificate):
        room = smime_of(ours, known)
        room_bytes = await room.room_for(THEIRS, limit_bytes)
        content = b"\xff" * ((room_bytes - 2_000) * 57 // 78)  # 57 bytes are a line of base64
        attached = OutboundMail(
            message_id="<te26000417.answer@tele.mssante.example>",
            sender=Mailbox(parse_address(OURS), "Téléexpertise"),
            to=Mailbox(parse_address(THEIRS)),
            subject="Avis",
            text="Un avis.",
            attachments=(OutboundAttachment("image.jpg", "image/jpeg", content),),
        )
        composed = compose_mail(attached, NOW, room_bytes)
        assert room_bytes - 3_000 < len(composed) <= room_bytes
        leaving = await room.protect(composed, THEIRS)
        assert limit_bytes * 0.98 < len(leaving) <= limit_bytes


@pytest.mark.parametrize("options", [(), ("-aes-128-cbc",), ("-aes-256-gcm",), ("-aes-256-cbc", "oaep")])
async def test_we_open_what_openssl_made(ours: Correspondent, theirs: Correspondent, options: Sequence[str]) -> None:
    if isinstance(ours.key, ec.EllipticCurvePrivateKey):
        options = [word for word in options if word != "oaep"]  # curves agree on a key: there is nothing to pad
    mail = encrypted_to(ours, inner(signed_by(theirs, TEXT)), *options)
    opened = await smime_of(ours).open(mail)
    assert opened.is_encrypted
    assert opened.signature is not None
    assert opened.signature.certificate.addresses == (THEIRS,)
    assert parse_mail(opened.content).text == "Patient stable."


async def test_an_opaque_signature_opens_too(ours: Correspondent, theirs: Correspondent) -> None:
    signer = ("-signer", theirs.certificate_file, "-inkey", theirs.key_file)
    der = cms("-sign", "-binary", "-nodetach", "-outform", "DER", *signer, given=TEXT)
    opaque = enveloped_entity(der).replace(b"enveloped-data", b"signed-data")
    opened = await smime_of(ours).open(OUTSIDE + opaque)
    assert opened.signature is not None
    assert parse_mail(opened.content).text == "Patient stable."


async def test_a_mail_without_protection_is_left_as_it_came(ours: Correspondent) -> None:
    opened = await smime_of(ours).open(RAW)
    assert (opened.content, opened.signature, opened.is_encrypted) == (RAW, None, False)


async def test_a_signature_around_an_encrypted_text_names_no_author(ours: Correspondent, theirs: Correspondent) -> None:
    sealed = encrypted_to(ours, TEXT).removeprefix(OUTSIDE)
    opened = await smime_of(ours).open(signed_by(theirs, sealed))
    assert opened.is_encrypted
    assert opened.signature is None


WRONG: dict[str, dict[str, object]] = {
    "expired": {"begins": timedelta(days=-20), "lasts": timedelta(days=10)},
    "not yet": {"begins": timedelta(days=2)},
    "for servers": {"purposes": (ExtendedKeyUsageOID.SERVER_AUTH,)},
    "encrypts only": {"key_usage": usage(signs=False, agrees=True)},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_certificate_that_may_not_sign_mail_signs_nothing(tmp_path: Path, wrong: str) -> None:
    key = curve_key("theirs")
    ours = Correspondent(tmp_path / "ours", curve_key("ours"), certificate_of(curve_key("ours"), OURS))
    theirs = Correspondent(tmp_path / "theirs", key, certificate_of(key, THEIRS, **WRONG[wrong]))
    with pytest.raises(SignatureInvalid):
        await smime_of(ours).open(signed_by(theirs, TEXT))


async def test_a_digest_that_collides_signs_nothing(ours: Correspondent, theirs: Correspondent) -> None:
    with pytest.raises(SignatureInvalid):
        await smime_of(ours).open(signed_by(theirs, TEXT, "-md", "sha1"))
    assert (await smime_of(ours).open(signed_by(theirs, TEXT, "-md", "sha512"))).signature


async def test_two_signers_are_no_author(ours: Correspondent, theirs: Correspondent) -> None:
    more = ("-signer", str(ours.certificate_file), "-inkey", str(ours.key_file))
    with pytest.raises(SignatureInvalid):
        await smime_of(ours).open(signed_by(theirs, TEXT, *more))


async def test_a_changed_text_is_refused(ours: Correspondent, theirs: Correspondent) -> None:
    mail = signed_by(theirs, TEXT)
    for forged in (
        mail.replace(b"stable", b"instable"),
        mail.replace(b"MII", b"MIJ", 1),
        mail.replace(b"--=_", b"--", 1),
    ):
        with pytest.raises(SignatureInvalid):
            await smime_of(ours).open(forged)


def _damaged(ours: Correspondent, theirs: Correspondent) -> Iterator[bytes]:
    signed = inner(signed_by(theirs, TEXT))
    whole = encrypted_to(ours, signed)
    yield encrypted_to(theirs, signed)  # to somebody else
    yield encrypted_to(ours, signed.replace(b"stable", b"instable"))  # a signature that does not fit, inside
    yield whole.replace(whole[-60:-20], whole[-100:-60])  # another last block
    yield whole[: len(whole) // 2]
    yield OUTSIDE + enveloped_entity(b"0\x80 not CMS")
    yield OUTSIDE + enveloped_entity(b"")


async def test_an_encrypted_mail_that_does_not_open_has_one_reply(ours: Correspondent, theirs: Correspondent) -> None:
    room, replies = smime_of(ours), set()
    for mail in _damaged(ours, theirs):
        with pytest.raises(EncryptedMailUnreadable) as refused:
            await room.open(mail)
        replies.add(refused.value.smtp_reply())
    assert len(replies) == 1


async def test_without_openssl_it_is_said_that_another_try_may_succeed(tmp_path: Path) -> None:
    ours = Correspondent(tmp_path / "ours", curve_key("ours"), certificate_of(curve_key("ours"), OURS))
    cms_away = OpensslCms(ours.mail_key, command=str(tmp_path / "none"))

    async def nobody(address: str, now: object) -> None:
        return None

    with pytest.raises(CmsAway):
        await Smime(cms_away, ours.mail_key, nobody, MovableClock(NOW)).open(signed_by(ours, TEXT))
