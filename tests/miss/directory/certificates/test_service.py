"""Certificates put in, found and withdrawn, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.audit import AuditLog, Subject
from miss.directory.certificates import (
    CertificateExists,
    CertificateForOthers,
    CertificateNotFound,
    CertificateRevoked,
    Certificates,
    CertificateUntrusted,
    CurrentCertificates,
    Standing,
    TooManyCertificates,
    Trust,
)
from miss.directory.certificates import service as service_module
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.sample import people
from miss.storage import Database
from tests.miss.directory.certificates.making import make, make_authority, make_list
from tests.teleexpertise.office import import_cast


async def _person(practitioners: Practitioners, rpps: str) -> Practitioner:
    found = await practitioners.find_by_rpps(rpps)
    assert found is not None
    return found


async def test_the_current_one_of_an_address_is_found_until_it_is_withdrawn(
    db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    practitioners = Practitioners(db, clock, random_bytes)
    await import_cast(practitioners)
    certificates = Certificates(db, clock, random_bytes, practitioners)
    anne, paul = await _person(practitioners, people.ANNE_MODELE), await _person(practitioners, people.PAUL_EXEMPLE)
    [address, *_] = anne.mailboxes
    content = make(address, now=clock.now())
    kept = await certificates.add(anne.id, content, by="test")
    later = await certificates.add(anne.id, make(address, now=clock.now(), begins=timedelta(hours=-1)), by="test")
    assert await certificates.current(address.upper(), clock.now()) == later
    current = CurrentCertificates(db, clock)
    assert await current.of_many({anne.id: [address], paul.id: paul.mailboxes}) == {anne.id: {address: later}}

    with pytest.raises(CertificateExists):
        await certificates.add(anne.id, content, by="test")
    with pytest.raises(CertificateForOthers):
        await certificates.add(paul.id, content, by="test")
    with pytest.raises(CertificateNotFound):
        await certificates.withdraw(paul.id, later.id, by="test")

    await certificates.withdraw(anne.id, later.id, by="test")
    assert await certificates.current(address, clock.now()) == kept
    with pytest.raises(CertificateNotFound):
        await certificates.withdraw(anne.id, later.id, by="test")
    assert [one.id for one in await certificates.list_of(anne.id)] == [later.id, kept.id]
    page = await AuditLog(db, clock).list_about([Subject.practitioner(anne.id)], limit=10)
    acts = [one.fact.act for one in page.entries if one.fact]
    assert acts == ["certificate.withdrawn", "certificate.added", "certificate.added"]


async def test_an_address_that_is_nobodys_any_more_has_no_certificate(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    practitioners = Practitioners(db, clock, random_bytes)
    await import_cast(practitioners)
    certificates = Certificates(db, clock, random_bytes, practitioners)
    anne = await _person(practitioners, people.ANNE_MODELE)
    [address, *_] = anne.mailboxes
    await certificates.add(anne.id, make(address, "autre@ailleurs.example", now=clock.now()), by="test")
    assert await certificates.current("autre@ailleurs.example", clock.now()) is None
    monkeypatch.setattr(service_module, "MAX_CERTIFICATES", 1)
    with pytest.raises(TooManyCertificates):
        await certificates.add(anne.id, make(address, now=clock.now()), by="test")


async def test_what_no_trusted_authority_vouches_for_is_refused_and_what_it_takes_back_is_used_no_more(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, tmp_path: Path
) -> None:
    now, practitioners = clock.now(), Practitioners(db, clock, random_bytes)
    await import_cast(practitioners)
    anne = await _person(practitioners, people.ANNE_MODELE)
    [address, *_] = anne.mailboxes
    before = await Certificates(db, clock, random_bytes, practitioners).add(anne.id, make(address, now=now), by="test")
    other = ec.generate_private_key(ec.SECP256R1())
    folder = tmp_path / "autorites"
    folder.mkdir()
    (folder / "autre.pem").write_bytes(make_authority(now=now, key=other))
    trust = Trust(folder)
    certificates = Certificates(db, clock, random_bytes, practitioners, trust)
    current = CurrentCertificates(db, clock, trust)
    with pytest.raises(CertificateUntrusted, match="untrusted"):
        await certificates.add(anne.id, make(address, now=now), by="test")
    assert await certificates.judge([before]) == {before.id: Standing.UNTRUSTED}
    assert await certificates.current(address, now) is None
    assert await current.of(anne.id, [address]) == {}

    (folder / "autorite.pem").write_bytes(make_authority(now=now))
    later = await certificates.add(
        anne.id, make(address, now=now, begins=timedelta(hours=-1), serial_number=7), by="test"
    )
    assert await certificates.current(address, now) == later
    (folder / "liste.crl").write_bytes(make_list(7, now=now))
    assert await certificates.judge([later, before]) == {later.id: Standing.REVOKED, before.id: Standing.TRUSTED}
    assert await certificates.current(address, now) == before
    assert await current.of(anne.id, [address]) == {address: before}
    with pytest.raises(CertificateRevoked):
        await certificates.add(anne.id, make(address, now=now, serial_number=7), by="test")
