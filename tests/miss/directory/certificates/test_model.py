"""Which certificates are fit to encrypt somebody's mail with, and which of several is used."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.clock import MovableClock
from miss.base.errors import BadInput
from miss.base.ids import PractitionerId
from miss.directory.certificates.errors import (
    CertificateExpired,
    CertificateIsAuthority,
    CertificateKeyWeak,
    CertificateMalformed,
    CertificateWrongUse,
    PrivateKeySent,
)
from miss.directory.certificates.model import MAX_BYTES, Certificate, choose_current, examine, read_facts
from tests.miss.directory.certificates.making import P256, make, usage

ADDRESS = "anne.modele@chu.mssante.example"
MOMENT = datetime(2026, 11, 20, 9, tzinfo=UTC)
WHOLE = make(ADDRESS, now=MOMENT, encoding=Encoding.DER)


def test_a_fit_certificate_says_whose_it_is_as_pem_and_as_der(clock: MovableClock) -> None:
    now = clock.now()
    pem = make("Anne.Modele@CHU.mssante.example", now=now)
    facts = examine(pem, now)
    assert facts.addresses == (ADDRESS,)
    assert (facts.subject, facts.issuer) == ("CN=Personne Fictive", "CN=Autorité fictive")
    assert facts.key == "EC secp256r1"
    assert facts.not_after - facts.not_before == timedelta(days=365)
    assert examine(facts.der, now) == read_facts(facts.der) == facts


def test_rsa_of_2048_bits_and_old_addresses_in_the_subject_are_taken(clock: MovableClock) -> None:
    key = rsa.generate_private_key(65537, 2048)
    facts = examine(make(now=clock.now(), key=key, key_usage=usage(enciphers=True), in_subject=ADDRESS), clock.now())
    assert (facts.key, facts.addresses) == ("RSA 2048", (ADDRESS,))


def test_what_is_not_fit_is_refused_by_name(clock: MovableClock) -> None:
    now = clock.now()
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - what is refused
    for content, refusal in (
        (make(ADDRESS, now=now, is_authority=True), CertificateIsAuthority),
        (make(ADDRESS, now=now, key=weak, key_usage=usage(enciphers=True)), CertificateKeyWeak),
        (make(ADDRESS, now=now, key=ec.generate_private_key(ec.SECP224R1())), CertificateKeyWeak),
        (make(ADDRESS, now=now, key_usage=usage(signs=True)), CertificateWrongUse),
        (make(ADDRESS, now=now, key_usage=usage(enciphers=True)), CertificateWrongUse),
        (make(ADDRESS, now=now, purposes=[ExtendedKeyUsageOID.CLIENT_AUTH]), CertificateWrongUse),
        (make(ADDRESS, now=now, lasts=timedelta(hours=23)), CertificateExpired),
        (make(ADDRESS, now=now) + make(ADDRESS, now=now), CertificateMalformed),
        (make(ADDRESS, now=now, encoding=Encoding.DER) + b"\0", CertificateMalformed),
        (make(ADDRESS, now=now) + b" " * MAX_BYTES, CertificateMalformed),
        (b"", CertificateMalformed),
    ):
        with pytest.raises(refusal):
            examine(content, now)


def test_a_private_key_is_refused_before_anything_is_read(clock: MovableClock) -> None:
    secret = P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(PrivateKeySent):
        examine(make(ADDRESS, now=clock.now()) + secret, clock.now())


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 2000), to=st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_refused_and_nothing_else(at: int, to: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[at % len(damaged)] = to
    try:
        facts = examine(bytes(damaged), MOMENT)
    except BadInput:
        return
    assert facts.der


def test_of_several_the_one_that_began_last_is_used_until_it_ends_or_is_withdrawn(clock: MovableClock) -> None:
    now = clock.now()
    old, new, to_come = (
        _kept(make(ADDRESS, now=now, begins=timedelta(days=begins), lasts=timedelta(days=50)), str(begins), now)
        for begins in (-40, -5, 8)
    )
    everything = [to_come, old, new]
    assert choose_current(everything, ADDRESS, now) == new
    assert choose_current(everything, ADDRESS, now + timedelta(days=9)) == to_come
    assert choose_current(everything, "autre@chu.mssante.example", now) is None
    assert choose_current(everything, ADDRESS, now + timedelta(days=90)) is None
    withdrawn = replace(new, withdrawn_at=now)
    assert choose_current([old, withdrawn], ADDRESS, now) == old
    assert [one.expires_soon(now) for one in (old, new, to_come, withdrawn)] == [True, False, False, False]


def _kept(content: bytes, row: str, now: datetime) -> Certificate:
    return Certificate(
        id=row, practitioner_id=PractitionerId("p1"), facts=examine(content, now), added_at=now, added_by="test"
    )
