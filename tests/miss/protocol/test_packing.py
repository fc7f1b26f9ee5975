import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.protocol.errors import BadReceipt, UnsupportedVersion
from miss.protocol.packing import Form, Signed, pack


class Sample(Signed, frozen=True):
    v: int
    name: str
    inner: tuple[int, ...] = ()


FORM = Form(Sample, BadReceipt, 100, version=1)


@given(st.text(max_size=10), st.lists(st.integers(0, 2**63 - 1), max_size=3))
def test_round_trip(name: str, inner: list[int]) -> None:
    sample = Sample(1, name, tuple(inner))
    assert FORM.parse(FORM.compose(sample)) == sample


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "malformed"),
        (b"\x93", "malformed"),
        (b"\x81\x01\x02", "malformed"),
        (pack([1, 2, []]), "malformed"),
        (pack([1, "a", [], 4]), "malformed"),
        (pack([1, "a", []]) + b"\0", "malformed"),
        (pack(["1", "a", []]), "malformed"),
        (b"\x93\x01\xd9\x01a\x90", "not_canonical"),  # a one-letter string in the two-byte form
        (b"\x93\x01\xa1a\x91\xcc\x05", "not_canonical"),  # a small integer in the two-byte form
        (b"\x93\x01\xa1a\xdc\x00\x00", "not_canonical"),  # an empty array in the three-byte form
        (b"\x92\x01\xa1a", "not_canonical"),  # a default left out
        (pack([1, "a" * 200, []]), "too_long"),
    ],
)
def test_only_the_canonical_form_is_read(data: bytes, reason: str) -> None:
    with pytest.raises(BadReceipt) as refused:
        FORM.parse(data)
    assert refused.value.params["reason"] == reason


def test_a_later_version_is_named() -> None:
    with pytest.raises(UnsupportedVersion) as refused:
        FORM.parse(pack([2, "whatever", {"shape": None}]))
    assert refused.value.params == {"version": 2, "known": 1}


@given(st.binary(max_size=60))
def test_bytes_of_others_never_crash(data: bytes) -> None:
    with contextlib.suppress(BadReceipt, UnsupportedVersion):
        assert pack(FORM.parse(data)) == data


def test_what_parse_would_refuse_is_not_composed() -> None:
    with pytest.raises(BadReceipt):
        FORM.compose(Sample(1, "a" * 200))


def test_packing_is_messagepack() -> None:
    assert pack([1, b"\x02", "é", None, True]) == bytes.fromhex("9501c40102a2c3a9c0c3")
    assert msgspec.msgpack.decode(pack([1, 2])) == [1, 2]
