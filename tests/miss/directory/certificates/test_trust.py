"""Whom the operator trusts: paths to an authority, lists of what it took back, a folder that changes."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from miss.base.clock import MovableClock
from miss.directory.certificates import Standing, Trust, TrustUnusable
from miss.directory.certificates.model import examine
from tests.miss.directory.certificates.making import make, make_authority, make_list

ADDRESS = "anne.modele@medecin.mssante.example"
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
ROOT_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def folder(tmp_path: Path, clock: MovableClock) -> Path:
    (tmp_path / "autorite.pem").write_bytes(make_authority(now=clock.now()))
    return tmp_path


async def judged(trust: Trust, clock: MovableClock, content: bytes) -> Standing:
    now = clock.now()
    return (await trust.judge({"one": examine(content, now).der}, now))["one"]


async def test_without_a_folder_nobody_is_judged(clock: MovableClock) -> None:
    assert await judged(Trust(), clock, make(ADDRESS, now=clock.now())) is Standing.UNJUDGED


async def test_who_is_trusted_is_who_lies_in_the_folder(folder: Path, clock: MovableClock) -> None:
    now = clock.now()
    mine, begins_later = make(ADDRESS, now=now), make(ADDRESS, now=now, begins=timedelta(days=9))
    assert await judged(Trust(folder), clock, mine) is Standing.TRUSTED
    assert await judged(Trust(folder), clock, begins_later) is Standing.TRUSTED, "as of the day it begins"
    same_name = make_authority(now=now, key=OTHER_KEY)
    (folder / "autorite.pem").write_bytes(same_name)
    assert await judged(Trust(folder), clock, mine) is Standing.UNTRUSTED, "a name is no signature"
    above = make_authority(now=now, name="Racine fictive", key=ROOT_KEY)
    (folder / "autorite.pem").write_bytes(above)
    assert await judged(Trust(folder), clock, mine) is Standing.UNTRUSTED, "the authority between is not known"
    between = make_authority(now=now, by=("Racine fictive", ROOT_KEY))
    (folder / "autorite.pem").write_bytes(above + between)
    assert await judged(Trust(folder), clock, mine) is Standing.TRUSTED
    old = make_authority(now=now - timedelta(days=4000))
    (folder / "autorite.pem").write_bytes(old)
    assert await judged(Trust(folder), clock, mine) is Standing.UNTRUSTED, "its authority has ended"


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
async def test_what_its_authority_took_back_is_revoked(folder: Path, clock: MovableClock, encoding: Encoding) -> None:
    now = clock.now()
    (folder / "liste.crl").write_bytes(make_list(41, 42, now=now, encoding=encoding))
    trust = Trust(folder)
    assert await judged(trust, clock, make(ADDRESS, now=now, serial_number=42)) is Standing.REVOKED
    assert await judged(trust, clock, make(ADDRESS, now=now, serial_number=43)) is Standing.TRUSTED


async def test_a_folder_that_changes_is_read_again_and_one_that_breaks_is_not(
    folder: Path, clock: MovableClock
) -> None:
    now, trust = clock.now(), Trust(folder)
    one = make(ADDRESS, now=now, serial_number=42)
    assert await judged(trust, clock, one) is Standing.TRUSTED
    crl = folder / "liste.crl"
    crl.write_bytes(make_list(42, now=now))
    assert await judged(trust, clock, one) is Standing.REVOKED
    crl.write_bytes(b"half")
    assert await judged(trust, clock, one) is Standing.REVOKED, "what was read last holds"
    crl.unlink()
    (folder / ".liste.crl.part").write_bytes(b"half")
    assert await judged(trust, clock, one) is Standing.TRUSTED


async def test_a_folder_that_cannot_be_used_is_said_so_with_the_file(folder: Path, clock: MovableClock) -> None:
    now = clock.now()
    wrong = {
        "vide.pem": b"",
        "cle.der": os.urandom(64),
        "personne.pem": make(ADDRESS, now=now),
        "autre.crl": make_list(1, now=now, key=OTHER_KEY),
    }
    for name, content in wrong.items():
        path = folder / name
        path.write_bytes(content)
        with pytest.raises(TrustUnusable) as refused:
            Trust(folder)
        assert refused.value.path == str(path)
        path.unlink()
    (folder / "autorite.pem").unlink()
    with pytest.raises(TrustUnusable, match="unusable"):
        Trust(folder)
    with pytest.raises(TrustUnusable):
        Trust(folder / "absent")


async def test_der_is_read_like_pem(folder: Path, clock: MovableClock) -> None:
    pem = (folder / "autorite.pem").read_bytes()
    (folder / "autorite.pem").unlink()
    (folder / "autorite.cer").write_bytes(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))
    assert await judged(Trust(folder), clock, make(ADDRESS, now=clock.now())) is Standing.TRUSTED
