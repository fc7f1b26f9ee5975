"""S/MIME on the ways of a mail: what the relay gets, and whose signature counts as proof of who wrote."""

from pathlib import Path

import pytest

from miss.directory.certificates import Trust
from miss.mail.addresses import parse_address
from miss.mail.outbound import Spool
from miss.mail.smime import OpeningProtection, ProtectedTransport
from tests.miss.directory.certificates.making import AUTHORITY, make_authority
from tests.miss.mail.smime.making import (
    NOW,
    OURS,
    RAW,
    THEIRS,
    Correspondent,
    certificate_of,
    curve_key,
    directory_of,
    smime_of,
)

pytestmark = pytest.mark.mail


@pytest.fixture
def ours(tmp_path: Path) -> Correspondent:
    return Correspondent(tmp_path / "ours", curve_key("ours"), certificate_of(curve_key("ours"), OURS))


@pytest.fixture
def theirs(tmp_path: Path) -> Correspondent:
    return Correspondent(tmp_path / "theirs", curve_key("theirs"), certificate_of(curve_key("theirs"), THEIRS))


async def test_what_the_relay_gets_is_signed_and_a_report_is_as_it_was(ours: Correspondent, tmp_path: Path) -> None:
    way = ProtectedTransport(Spool(tmp_path / "spool"), smime_of(ours))
    await way.send(OURS, THEIRS, RAW, mail_id="m1")
    assert b"multipart/signed" in (tmp_path / "spool" / "m1.eml").read_bytes()
    report = RAW.replace(b"text/plain", b"multipart/report; report-type=disposition-notification")
    await way.send(OURS, THEIRS, report, mail_id="m2")
    assert (tmp_path / "spool" / "m2.eml").read_bytes() == report


async def test_a_published_certificate_proves_its_owner_and_no_other_does(
    ours: Correspondent, theirs: Correspondent
) -> None:
    raw = RAW.replace(OURS.encode(), THEIRS.encode())
    signed = await smime_of(theirs).protect(raw, OURS)
    room = smime_of(ours)
    known = OpeningProtection(room, directory_of(theirs.certificate), Trust(None))
    opened = await known.open(signed)
    assert opened.signers == {parse_address(THEIRS)}
    assert b"multipart/signed" not in opened.content
    forged = certificate_of(curve_key("another"), THEIRS)
    for other in (None, forged):
        stranger = OpeningProtection(room, directory_of(other), Trust(None))
        assert (await stranger.open(signed)).signers == frozenset()
    assert (await known.open(RAW)).signers == frozenset()


@pytest.mark.parametrize(("name", "is_believed"), [("Autorité fictive", True), ("Une autre autorité", False)])
async def test_an_authority_that_is_trusted_vouches_for_whom_it_names(
    ours: Correspondent, theirs: Correspondent, tmp_path: Path, name: str, is_believed: bool
) -> None:
    signed = await smime_of(theirs).protect(RAW, OURS)
    folder = tmp_path / "authorities"
    folder.mkdir()
    key = AUTHORITY if is_believed else curve_key("another")
    (folder / "authority.pem").write_bytes(make_authority(now=NOW, name=name, key=key))
    opened = await OpeningProtection(smime_of(ours), directory_of(None), Trust(folder)).open(signed)
    assert opened.signers == ({parse_address(THEIRS)} if is_believed else frozenset())
    # Published, and by an authority that is not trusted: it counts no more.
    opened = await OpeningProtection(smime_of(ours), directory_of(theirs.certificate), Trust(folder)).open(signed)
    assert bool(opened.signers) is is_believed
