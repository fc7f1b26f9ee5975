from base64 import urlsafe_b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.random import system_random
from miss.chat.push.wire.encryption import encrypt
from miss.chat.push.wire.keys import new_private_key
from tests.miss.chat.push.standin import Browser


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


PLAINTEXT = b"When I grow up, I want to be a watermelon"
UA_PRIVATE = raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
UA_PUBLIC = raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
AS_PRIVATE = raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
SALT, AUTH = raw("DGv6ra1nlYgDCS1FRnbzlw"), raw("BTBZMqHH6r4Tts7J_aSIgg")
MESSAGE = raw(
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
"""RFC 8291, section 5 and appendix A."""


def test_the_example_of_the_rfc_byte_for_byte() -> None:
    sender = derive_private_key(int.from_bytes(AS_PRIVATE), SECP256R1())
    made = encrypt(PLAINTEXT, UA_PUBLIC, AUTH, salt=SALT, sender=sender, padded_bytes=len(PLAINTEXT) + 1)
    assert made == MESSAGE


def test_the_browser_of_these_tests_opens_the_example_of_the_rfc() -> None:
    browser = Browser(derive_private_key(int.from_bytes(UA_PRIVATE), SECP256R1()), AUTH)
    assert browser.p256dh == UA_PUBLIC
    assert browser.open(MESSAGE) == PLAINTEXT


@settings(max_examples=20)
@given(st.binary(max_size=100).filter(lambda plain: not plain.endswith(b"\0")))
def test_whatever_is_said_the_browser_reads_it_and_the_size_says_nothing(plain: bytes) -> None:
    browser, sender = Browser(), new_private_key(system_random)
    made = encrypt(plain, browser.p256dh, browser.auth, salt=system_random(16), sender=sender, padded_bytes=128)
    assert browser.open(made) == plain
    assert len(made) == 16 + 4 + 1 + 65 + 128 + 16


@pytest.mark.parametrize("size", [128, 4081])
def test_what_does_not_fit_is_refused(size: int) -> None:
    browser, sender = Browser(), new_private_key(system_random)
    with pytest.raises(ValueError, match="fit"):
        encrypt(b"x" * size, browser.p256dh, browser.auth, salt=bytes(16), sender=sender, padded_bytes=min(size, 4081))


@pytest.mark.parametrize("point", [b"\x04" + bytes(64), b"\x04" + b"\xff" * 64, bytes(65), b"\x02" + bytes(64)])
def test_what_is_no_point_is_refused(point: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        encrypt(b"", point, bytes(16), salt=bytes(16), sender=new_private_key(system_random), padded_bytes=128)
