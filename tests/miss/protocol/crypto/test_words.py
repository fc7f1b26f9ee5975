import unicodedata
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.text import Language
from miss.protocol.crypto.words import (
    PASSPHRASE_WORDS,
    compose_passphrase,
    fold,
    parse_passphrase,
    wordlist,
    words_of,
)
from miss.protocol.errors import BadRecoveryPassphrase
from tests.miss.protocol.people import Stream

FRENCH = wordlist(Language.FR)
PHRASES = st.lists(st.sampled_from(FRENCH), min_size=PASSPHRASE_WORDS, max_size=PASSPHRASE_WORDS)


@pytest.mark.parametrize("language", Language)
def test_the_lists_are_those_of_bip39_and_fold_to_different_words(language: Language) -> None:
    words = wordlist(language)
    assert len(words) == len({fold(word) for word in words}) == 2048
    assert all(word == unicodedata.normalize("NFC", word) for word in words)
    assert words[:2] == {Language.FR: ("abaisser", "abandon"), Language.EN: ("abandon", "ability")}[language]
    assert words[-1] == {Language.FR: "zoologie", Language.EN: "zoo"}[language]


def test_eleven_bits_a_word_from_the_left() -> None:
    bits = (0b00000000001_00000000011_11111111111_0000000 << 0).to_bytes(5, "big")
    assert words_of(bits, 3, FRENCH) == (FRENCH[1], FRENCH[3], FRENCH[2047])


@given(st.binary(min_size=11, max_size=11), st.sampled_from(Language))
def test_a_passphrase_says_the_88_bits_it_was_made_of(drawn: bytes, language: Language) -> None:
    words = compose_passphrase(lambda size: drawn, language).split(" ")
    indices = [wordlist(language).index(word) for word in words]
    number = 0
    for index in indices:
        number = number << 11 | index
    assert (len(words), number) == (8, int.from_bytes(drawn, "big"))


@given(PHRASES, st.sampled_from([" ", "  ", "\n", " - ", ", ", "\u00a0"]), st.booleans(), st.booleans())
def test_accents_case_and_separators_do_not_matter(
    words: list[str], separator: str, capitals: bool, composed: bool
) -> None:
    text = f" {separator.join(words)} "
    text = unicodedata.normalize("NFC" if composed else "NFD", text.upper() if capitals else text)
    assert parse_passphrase(text) == parse_passphrase(fold(text)) == " ".join(fold(word) for word in words)


@given(PHRASES, st.integers(0, PASSPHRASE_WORDS - 1), st.sampled_from(["maisn", "zzz", "a"]))
def test_a_word_outside_the_list_is_named_by_its_place(words: list[str], at: int, wrong: str) -> None:
    with pytest.raises(BadRecoveryPassphrase) as caught:
        parse_passphrase(" ".join([*words[:at], wrong, *words[at + 1 :]]))
    assert caught.value.params == {"reason": "unknown_word", "position": at + 1}


def test_missing_and_superfluous_words_are_named() -> None:
    words = compose_passphrase(Stream("words")).split()
    for count, reason, position in ((0, "too_short", 1), (7, "too_short", 8), (9, "too_long", 9), (200, "too_long", 9)):
        with pytest.raises(BadRecoveryPassphrase) as caught:
            parse_passphrase(" ".join((words * 25)[:count]))
        assert caught.value.params == {"reason": reason, "position": position}


def test_both_lists_are_read_but_not_mixed() -> None:
    english = compose_passphrase(Stream("english"), Language.EN)
    assert parse_passphrase(english) == english
    french_only = next(word for word in FRENCH if fold(word) not in set(wordlist(Language.EN)))
    with pytest.raises(BadRecoveryPassphrase):
        parse_passphrase(f"{french_only} {english.partition(' ')[2]}")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    with suppress(BadRecoveryPassphrase):
        assert len(parse_passphrase(text).split()) == PASSPHRASE_WORDS


def test_no_text_is_too_long_to_refuse() -> None:
    for text, language in product(["é" * 1_000_000, "abandon " * 100_000], Language):
        with pytest.raises(BadRecoveryPassphrase) as caught:
            parse_passphrase(text)
        assert caught.value.sentence(language)
