"""Activation codes: what is printed, what is typed, what is kept."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.accounts import ActivationPurpose
from miss.directory.accounts.codes import (
    ALPHABET,
    LENGTH,
    SALT_BYTES,
    compose_code,
    hash_code,
    is_right_code,
    normalise_code,
)
from miss.directory.accounts.model import Activation

ALICE, BOB = AccountId(b"a" * 16), AccountId(b"b" * 16)
DEVICE, BROWSER = ActivationPurpose.DEVICE, ActivationPurpose.BROWSER


def test_a_code_is_three_groups_of_four_unambiguous_characters(random_bytes: RandomBytes) -> None:
    codes = [compose_code(random_bytes) for _ in range(500)]
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4, 4, 4]
        assert set(code) <= {*ALPHABET, "-"}
    assert len(set(codes)) == len(codes)
    for place in range(14):
        assert {code[place] for code in codes} == (set("-") if place in (4, 9) else set(ALPHABET))


def test_a_code_has_at_least_59_bits() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)
    assert LENGTH * log2(len(ALPHABET)) >= 59


@given(st.binary(min_size=8, max_size=8))
def test_different_bytes_give_different_codes(raw: bytes) -> None:
    code = compose_code(lambda size: raw)
    number = sum(ALPHABET.index(character) << (5 * place) for place, character in enumerate(normalise_code(code)))
    assert number == int.from_bytes(raw, "big") % (1 << 60)


@pytest.mark.parametrize(
    "typed", ["01AB-CDEF-GHJK", " 01ab cdef ghjk ", "O1ABCDEFGHJK", "0lab-cdef\u2011ghjk", "oiAB.CDEF/GHJK"]
)
def test_what_people_type_is_read_as_meant(typed: str) -> None:
    assert normalise_code(typed) == "01ABCDEFGHJK"


def test_only_the_right_code_of_that_account_and_purpose_opens() -> None:
    code, salt = compose_code(random.Random(1).randbytes), bytes(range(SALT_BYTES))
    kept = Activation(salt, hash_code(code, salt, ALICE, DEVICE), datetime(2026, 12, 1, tzinfo=UTC), None)
    assert is_right_code(code, kept, ALICE, DEVICE)
    assert is_right_code(code.lower().replace("-", " "), kept, ALICE, DEVICE)
    assert not is_right_code(code, kept, BOB, DEVICE)
    assert not is_right_code(code, kept, ALICE, BROWSER)
    assert not is_right_code(code, replace(kept, salt=bytes(SALT_BYTES)), ALICE, DEVICE)
    assert not is_right_code(code[:-1], kept, ALICE, DEVICE)
    assert not is_right_code("", kept, ALICE, DEVICE)
    assert not is_right_code(code, None, ALICE, DEVICE)
