from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.protocol.crypto.codes import (
    ALPHABET,
    CODE_CHARACTERS,
    SECRET_BYTES,
    code_secret,
    compose_code,
    format_code,
    parse_code,
)
from miss.protocol.crypto.pairing import parse_pairing_code
from miss.protocol.crypto.recovery import parse_recovery_code
from miss.protocol.errors import BadCode, BadPairingCode, BadRecoveryCode
from tests.miss.protocol.people import Stream

CODES = st.text(alphabet=ALPHABET, min_size=CODE_CHARACTERS, max_size=CODE_CHARACTERS)
SEPARATORS = st.sampled_from(["", " ", "-", " - ", "\u2013", "\u2011", "\u00a0", "\n", "\t"])
SPELLINGS = {"1": "1IiLl", "0": "0Oo"}


@st.composite
def typed(draw: st.DrawFn) -> tuple[str, str]:
    """A code, and one of the many ways people type it."""
    code = draw(CODES)
    text = "".join(
        draw(SEPARATORS) + draw(st.sampled_from(SPELLINGS.get(character, character + character.lower())))
        for character in code
    )
    return code, text + draw(SEPARATORS)


def test_the_alphabet_is_crockfords() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_a_code_is_printed_in_groups() -> None:
    assert format_code("0123456789ABCDEFGHJKMNPQRS") == "01234-56789-ABCDE-FGHJK-MNPQRS"


@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_a_code_says_the_130_bits_it_was_made_of(drawn: bytes) -> None:
    code = compose_code(lambda size: drawn)
    number = int.from_bytes(drawn, "big") % 2**130
    assert [len(group) for group in code.split("-")] == [5, 5, 5, 5, 6]
    assert code_secret(code) == number.to_bytes(SECRET_BYTES, "big")


def test_the_ends_of_the_range() -> None:
    assert code_secret("0" * 26) == bytes(17)
    assert code_secret("Z" * 26) == b"\x03" + b"\xff" * 16
    assert code_secret("0" * 25 + "1") == bytes(16) + b"\x01"


@given(typed())
def test_case_separators_and_look_alikes_do_not_matter(sample: tuple[str, str]) -> None:
    code, text = sample
    assert parse_code(text) == code
    assert code_secret(text) == code_secret(code)
    assert parse_code(format_code(code)) == code


@given(CODES, st.integers(0, CODE_CHARACTERS - 1), st.sampled_from("Uu!*é_\u0661ß²\u0131"))
def test_a_character_outside_the_alphabet_is_named_by_its_place(code: str, at: int, wrong: str) -> None:
    text = format_code(code[:at] + wrong + code[at + 1 :])
    with pytest.raises(BadCode) as caught:
        parse_code(text)
    assert caught.value.params == {"reason": "alphabet", "position": at + 1}


@given(CODES, st.integers(0, CODE_CHARACTERS - 1))
def test_a_code_that_is_too_short_or_too_long_says_where(code: str, size: int) -> None:
    with pytest.raises(BadCode) as caught:
        parse_code(code[:size])
    assert caught.value.params == {"reason": "too_short", "position": size + 1}
    with pytest.raises(BadCode) as caught:
        parse_code(format_code(code) + "!" * (size + 1))
    assert caught.value.params == {"reason": "too_long", "position": CODE_CHARACTERS + 1}


@given(CODES, st.integers(0, CODE_CHARACTERS - 1), st.sampled_from(ALPHABET))
def test_another_character_is_another_secret(code: str, at: int, other: str) -> None:
    changed = code[:at] + other + code[at + 1 :]
    assert (code_secret(changed) == code_secret(code)) == (other == code[at])


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_refused_by_name(text: str) -> None:
    with suppress(BadCode):
        code = parse_code(text)
        assert set(code) <= set(ALPHABET)
        assert len(code) == CODE_CHARACTERS


def test_each_use_has_its_own_error_and_sentence() -> None:
    with pytest.raises(BadRecoveryCode) as recovery:
        parse_recovery_code("ABCDU")
    assert "n° 5" in recovery.value.sentence()
    with pytest.raises(BadPairingCode) as pairing:
        parse_pairing_code("ABC")
    assert "n° 4" in pairing.value.sentence()
    assert not isinstance(pairing.value, BadRecoveryCode)


def test_two_codes_differ() -> None:
    stream = Stream("codes")
    assert compose_code(stream) != compose_code(stream)
