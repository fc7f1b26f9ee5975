"""How strong passwords are said to be: never more than they are."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.text import Language
from miss.directory.sign_in.strength import (
    ADVICE,
    Strength,
    Weakness,
    estimate,
    holds_personal_word,
)

ANNE = ("MODELE", "Anne-Marie", "99900000011", "am.modele@medecin.mssante.example")


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "584920173645",
        "azertyuiop12",
        "Azerty123456!",
        "motdepassemotdepasse",
        "aaaaaaaaaaaaaaaaaaaa",
        "bonjour petit chat",
        "docteur hopital 2026",
        "14/07/1789 01/01/2000",
        "qsdfghjklmwxcvbn",
        "P@ssw0rd1234",
        "aB3" * 20,
        "",
    ],
)
def test_what_is_quickly_guessed_is_too_weak(password: str) -> None:
    assert not estimate(password).is_enough


@pytest.mark.parametrize(
    "password",
    [
        "girafe lundi compas verglas",
        "cheval-lampe-rideau-sud",
        "correct horse battery staple",
        "Kx7!mQ2#zT9$",  # twelve characters of four kinds: CNIL 2022-100's own example
        "un éléphant mauve danse sous la pluie",
    ],
)
def test_what_cnil_takes_is_strong_enough(password: str) -> None:
    assert estimate(password).is_enough


def test_cnils_own_example_counts_what_cnil_counts() -> None:
    """12 of 95 characters: 78.8 bits; zxcvbn alone says 39.9."""
    assert estimate("Kx7!mQ2#zT9$").bits == 78


def test_french_words_are_words() -> None:
    assert estimate("parapluie").bits < 20
    assert estimate("élève").bits == estimate("eleve").bits


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("iloveyou", Weakness.COMMON),
        ("parapluie", Weakness.WORDS),
        ("zxcvfr4567ujm", Weakness.KEYBOARD),
        ("xyxyxyxyxyxyxy", Weakness.REPEAT),
        ("abcdefghijkl", Weakness.SEQUENCE),
        ("13.05.1982", Weakness.DATE),
    ],
)
def test_the_advice_names_the_weakness(password: str, weakness: Weakness) -> None:
    found = estimate(password)
    assert weakness in found.weaknesses
    for language in Language:
        assert ADVICE[weakness].in_(language) in [text.in_(language) for text in found.advice]


def test_a_strong_password_gets_no_advice() -> None:
    assert estimate("girafe lundi compas verglas").advice == ()


def test_what_everybody_knows_of_somebody_counts_for_nothing() -> None:
    known, unknown = estimate("am.modele", ANNE), estimate("am.modele")
    assert known.bits < unknown.bits


@pytest.mark.parametrize(
    "password",
    [
        "girafe modèle compas",
        "GIRAFE-MODELE-COMPAS",
        "m.o.d.e.l.e girafe lundi",
        "j'aime Anne Marie",
        "annemarie girafe lundi",
        "99900000011girafe",
        "am.modele@medecin.mssante.example",
        "ammodele et girafe",
    ],
)
def test_ones_own_words_are_found_however_written(password: str) -> None:
    assert holds_personal_word(password, ANNE)


@pytest.mark.parametrize("password", ["girafe lundi compas verglas", "une année marine", ""])
def test_other_words_are_not_ones_own(password: str) -> None:
    assert not holds_personal_word(password, ANNE)


def test_short_names_do_not_forbid_half_the_language() -> None:
    assert not holds_personal_word("un fléau ancien", ("Léa", "LE"))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=100), st.lists(st.text(max_size=20), max_size=3))
def test_anything_typed_gets_an_estimate(password: str, personal: list[str]) -> None:
    found = estimate(password, personal)
    assert isinstance(found, Strength)
    assert 0 <= found.bits <= 600
    holds_personal_word(password, personal)


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_twelve_digits_never_pass(password: str) -> None:
    assert not estimate(password).is_enough


def test_estimates_are_quick_however_long_the_password() -> None:
    before = time.process_time()
    for password in ("a" * 100_000, "ab1" * 50_000, "été " * 50_000):
        estimate(password)
    assert time.process_time() - before < 5
