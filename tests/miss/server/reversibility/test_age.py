"""The sealing: what age sealed opens here, what is sealed here opens whole or not at all."""

import io
from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.errors import MissError
from miss.base.random import RandomBytes
from miss.server.reversibility.age import SealedFile, decode_key, new_key, unseal
from miss.server.reversibility.errors import ArchiveKeyMalformed, ArchiveNotOpened

SECRET = "AGE-SECRET-KEY-17KCK2GJ2TZMERHM278VRQ0NPEHZTHPKR68ZZWYPUX3XYRZ0T9U0QK3VYVH"
PUBLIC = "age18e98mcrgfrzn98cjkq2cfwrxurldlvzz3lpyxdpj84vvtc4ks9cq4s0nfh"
"""What age-keygen 1.1.1 says of the secret above."""
BY_AGE = b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBPc0xkM2tOVFhINVBZVC9hcUYxdC9CdkRnOFVvaUJrL2FpMzN3MnJuUTJrCmNPcTZ4UDZj"
    "M2pGM0ZmbVVXQ3dMaTFRZ2FoVWZzS2RFbTk1d1dXZmRab1kKLS0tIDZKZFVkTCthK1pJdk95bkJhalY2K2lNZm10ZGZzQVpoTkU2N08zYld1Q2cK"
    "hcpDXXHSg8iEvYcJhoNr05ncqNMJHVpTKQnRiq16G3p93dytsPxjGfNOd5x9Kfa/TVzGtkg="
)
"""`age -r age18e9…` of a sentence, age 1.1.1 (Debian)."""
CHUNK = 64 * 1024


def sealed(data: bytes, random_bytes: RandomBytes, recipient: str = PUBLIC) -> bytes:
    target = io.BytesIO()
    file = SealedFile(target, recipient, random_bytes)
    file.write(data[:7])
    file.write(data[7:])
    file.finish()
    return target.getvalue()


def opened(content: bytes, secret: str = SECRET) -> bytes:
    return b"".join(unseal(io.BytesIO(content), secret))


def test_what_age_sealed_opens() -> None:
    assert opened(BY_AGE).decode() == "ce qu’age a scellé"


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_what_is_sealed_opens_whatever_its_length(size: int, random_bytes: RandomBytes) -> None:
    data = random_bytes(size)
    content = sealed(data, random_bytes)
    # Header, nonce, and a tag for each chunk; an empty file has one chunk too.
    body = len(content) - content.index(b"\n--- ") - len(b"\n--- ") - 43 - 1 - 16
    assert body == size + 16 * max(1, -(-size // CHUNK))
    assert opened(content) == data


def test_keys_are_those_of_age_keygen(random_bytes: RandomBytes) -> None:
    secret, public = new_key(random_bytes)
    assert (secret[:16], public[:4], len(secret), len(public)) == ("AGE-SECRET-KEY-1", "age1", 74, 62)
    assert opened(sealed(b"clair", random_bytes, public), secret) == b"clair"
    with pytest.raises(ArchiveNotOpened):
        opened(sealed(b"clair", random_bytes), secret)


@pytest.mark.parametrize(
    "text", ["", "age1", PUBLIC[:-1], PUBLIC[:-1] + "q", PUBLIC[:5] + PUBLIC[5].upper() + PUBLIC[6:], SECRET, "ägé1qq"]
)
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ArchiveKeyMalformed):
        decode_key("age", text)


def test_a_file_that_was_cut_at_a_chunk_does_not_pass_for_whole(random_bytes: RandomBytes) -> None:
    content = sealed(bytes(2 * CHUNK), random_bytes)
    with pytest.raises(ArchiveNotOpened):
        opened(content[: -(CHUNK + 16)])
    target = io.BytesIO()
    broken_off = SealedFile(target, PUBLIC, random_bytes)
    broken_off.write(bytes(2 * CHUNK))
    broken_off.close()
    with pytest.raises(ArchiveNotOpened):
        opened(target.getvalue())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_altered_byte_is_found_wherever_it_is(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(BY_AGE) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != BY_AGE[place]))
    altered = BY_AGE[:place] + bytes([other]) + BY_AGE[place + 1 :]
    with pytest.raises(MissError):
        opened(altered)
