import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.text import Language
from miss.protocol.crypto.primitives import hash_
from miss.protocol.crypto.safety import (
    compare_safety,
    compose_safety_card,
    parse_safety_card,
    safety_number,
    safety_words,
)
from miss.protocol.crypto.words import wordlist
from miss.protocol.errors import BadSafetyCard, ProtocolError, SafetyMismatch
from tests.miss.protocol.people import ALICE, BOB, CAROL

BY_ALICE = compose_safety_card(ALICE.uid, ALICE.chain.head, BOB.uid, BOB.chain.head)
BY_BOB = compose_safety_card(BOB.uid, BOB.chain.head, ALICE.uid, ALICE.chain.head)


def test_both_sides_compute_the_same_number() -> None:
    assert BY_ALICE.number == BY_BOB.number
    assert BY_ALICE.number == hash_("safety", ALICE.uid + ALICE.chain.head + BOB.uid + BOB.chain.head)
    compare_safety(parse_safety_card(BY_BOB.to_bytes()), BY_ALICE)
    compare_safety(parse_safety_card(BY_ALICE.to_bytes()), BY_BOB)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_another_head_is_another_number_and_other_words(head: bytes, other: bytes) -> None:
    number = safety_number(ALICE.uid, head, BOB.uid, other)
    assert number == safety_number(BOB.uid, other, ALICE.uid, head)
    assert (number == BY_ALICE.number) == ((head, other) == (ALICE.chain.head, BOB.chain.head))
    if head != other:
        assert number != safety_number(ALICE.uid, other, BOB.uid, head)


def test_six_words_say_the_first_66_bits() -> None:
    for language in Language:
        words = safety_words(BY_ALICE.number, wordlist(language))
        number = 0
        for word in words:
            number = number << 11 | wordlist(language).index(word)
        assert (len(words), number) == (6, int.from_bytes(BY_ALICE.number, "big") >> 256 - 66)


def test_the_card_of_somebody_else_is_refused() -> None:
    carol = compose_safety_card(CAROL.uid, CAROL.chain.head, ALICE.uid, ALICE.chain.head)
    for_carol = compose_safety_card(BOB.uid, BOB.chain.head, CAROL.uid, CAROL.chain.head)
    for scanned in (carol, for_carol, BY_ALICE):
        with pytest.raises(SafetyMismatch) as caught:
            compare_safety(scanned, BY_ALICE)
        assert caught.value.params == {"reason": "persons"}


def test_a_device_in_between_shows_on_either_side() -> None:
    for heads in ((b"x" * 32, ALICE.chain.head), (BOB.chain.head, b"x" * 32)):
        with pytest.raises(SafetyMismatch) as caught:
            compare_safety(compose_safety_card(BOB.uid, heads[0], ALICE.uid, heads[1]), BY_ALICE)
        assert caught.value.params == {"reason": "devices"}
        assert caught.value.sentence()


def test_every_changed_byte_is_seen() -> None:
    raw = BY_BOB.to_bytes()
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises(ProtocolError):
            compare_safety(parse_safety_card(bytes(changed)), BY_ALICE)


@given(st.binary(max_size=150))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_safety_card(data)


def test_what_is_no_card_says_so() -> None:
    with pytest.raises(BadSafetyCard):
        parse_safety_card(b"https://chat.example")
