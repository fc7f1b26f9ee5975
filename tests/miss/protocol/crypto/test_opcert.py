import re

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from miss.protocol.crypto import opcert
from miss.protocol.crypto.opcert import (
    Purpose,
    compose_opcert,
    require_cover,
    root_fingerprint,
    verify_opcert,
    verify_opcerts,
)
from miss.protocol.crypto.primitives import sign
from miss.protocol.errors import BadOpCert, OpCertRefused, UnsupportedVersion
from tests.miss.protocol.people import NOW_MS, OPERATOR, YEAR_MS

CERT = OPERATOR.cert(Purpose.IDENTITY)


def test_root_vouches_for_a_key() -> None:
    assert verify_opcert(CERT.raw, OPERATOR.root_public) == CERT
    assert verify_opcerts([CERT.raw], OPERATOR.root_public) == (CERT,)
    assert CERT.public == bytes(OPERATOR.op.verify_key)


def test_a_fingerprint_is_read_aloud_in_eight_groups() -> None:
    shown = root_fingerprint(OPERATOR.root_public)
    assert re.fullmatch(r"[0-9a-f]{4}( [0-9a-f]{4}){7}", shown)
    assert shown != root_fingerprint(bytes(32))


def test_another_root_does_not() -> None:
    with pytest.raises(BadOpCert) as refused:
        verify_opcert(CERT.raw, bytes(SigningKey(b"x" * 32).verify_key))
    assert refused.value.params["reason"] == "not_signed_by_root"


def test_every_changed_byte_is_seen() -> None:
    for at in range(len(CERT.raw)):
        changed = bytearray(CERT.raw)
        changed[at] ^= 1
        with pytest.raises((BadOpCert, UnsupportedVersion)):
            verify_opcert(bytes(changed), OPERATOR.root_public)


@pytest.mark.parametrize(
    ("purpose", "at_ms", "covered"),
    [
        (Purpose.IDENTITY, NOW_MS, True),
        (Purpose.IDENTITY, NOW_MS - YEAR_MS, True),
        (Purpose.IDENTITY, NOW_MS + YEAR_MS, True),
        (Purpose.IDENTITY, NOW_MS - YEAR_MS - 1, False),
        (Purpose.IDENTITY, NOW_MS + YEAR_MS + 1, False),
        (Purpose.RECEIPT, NOW_MS, False),
    ],
)
def test_purpose_and_dates_bind(purpose: Purpose, at_ms: int, covered: bool) -> None:
    assert CERT.covers(purpose, at_ms) is covered
    if covered:
        require_cover(CERT, purpose, at_ms)
    else:
        with pytest.raises(OpCertRefused) as refused:
            require_cover(CERT, purpose, at_ms)
        assert refused.value.params["reason"] == ("date" if purpose is Purpose.IDENTITY else "purpose")


def test_reversed_dates_are_refused() -> None:
    with pytest.raises(BadOpCert) as refused:
        compose_opcert(
            OPERATOR.root, purpose=Purpose.RECEIPT, public=CERT.public, not_before_ms=NOW_MS, not_after_ms=NOW_MS - 1
        )
    assert refused.value.params["reason"] == "dates_reversed"


def test_reversed_dates_are_refused_though_the_root_signed_them() -> None:
    core = opcert._CORE.parse(opcert._OUTER.parse(CERT.raw).core)
    reversed_core = opcert._CORE.compose(replace(core, not_before=core.not_after, not_after=core.not_before))
    signed = opcert._OUTER.compose(opcert._Outer(reversed_core, sign(OPERATOR.root, "opcert", reversed_core)))
    with pytest.raises(BadOpCert) as refused:
        verify_opcert(signed, OPERATOR.root_public)
    assert refused.value.params["reason"] == "dates_reversed"
