"""Codes as people write them, and which diagnosis comes first."""

import pytest

from teleexpertise.diagnoses.model import Diagnosis, code_in, find, normalise_code
from teleexpertise.diagnoses.service import short_list
from teleexpertise.questionnaire.fold import fold

ECZEMA = Diagnosis("L20.9", "Dermite atopique, sans précision")
ZONA = Diagnosis("B02.3", "Zona ophtalmique")
OEDEMA = Diagnosis("H47.1", "Œdème papillaire, sans précision")
AMONG = (OEDEMA, ZONA, ECZEMA, Diagnosis("L23.9", "Dermite allergique de contact, de cause non précisée"))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("L20.9", "L20.9"),
        ("l209", "L20.9"),
        ("L20 9", "L20.9"),
        ("I10", "I10"),
        ("L89.0+1", "L89.0+1"),
        ("A00+2", "A00+2"),
    ],
)
def test_a_code_has_one_spelling(written: str, code: str) -> None:
    assert normalise_code(written) == code


@pytest.mark.parametrize("words", ["", "20.9", "L2", "eczéma", "LL20", "L20.99999", "L20.", "L20.9)"])
def test_what_is_no_code_is_none(words: str) -> None:
    assert normalise_code(words) == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Dermite atopique (L20.9)", "L20.9"),
        ("Dermite atopique ( l209 ).", "L20.9"),
        ("Eczéma (L30) probable", ""),
        ("Eczéma (sévère)", ""),
        ("Zona (V1) puis (B02.3)", "B02.3"),
    ],
)
def test_the_code_ends_the_text(text: str, code: str) -> None:
    assert code_in(text) == code


def test_what_is_written_is_read_back() -> None:
    for one in short_list():
        assert code_in(one.words) == one.code
        assert len(one.words) <= 300, "the item takes 300 characters"


@pytest.mark.parametrize("query", ["dermite atop", "DERMITE ATOPIQUE", "atopique dermite", "l20", "L20.9", "L209"])
def test_a_diagnosis_is_found_by_words_in_any_order_or_by_its_code(query: str) -> None:
    assert find(query, AMONG)[0] == ECZEMA


def test_accents_and_ligatures_do_not_matter() -> None:
    assert find("oedeme", AMONG) == [OEDEMA]
    assert find("œdème papillaire", AMONG) == [OEDEMA]


def test_labels_that_begin_with_the_word_come_first_then_the_shorter_ones() -> None:
    found = find("dermite", [Diagnosis("L51.9", "Autre dermite"), *AMONG])
    assert [one.code for one in found] == ["L20.9", "L23.9", "L51.9"]


def test_one_letter_finds_nothing() -> None:
    assert find("d", AMONG) == []
    assert find("  ", AMONG) == []


def test_the_short_list_is_in_order_with_a_code_once() -> None:
    codes = [one.code for one in short_list()]
    assert len(codes) == len(set(codes)) > 200
    assert codes == sorted(codes)
    assert all(normalise_code(code) == code for code in codes)


def test_an_official_label_stands_beside_ours_only_where_it_says_it_otherwise() -> None:
    beside = [one for one in short_list() if one.official]
    assert beside
    for one in beside:
        assert fold(one.official) != fold(one.label), one.code
        assert fold(one.official) in one.folded
