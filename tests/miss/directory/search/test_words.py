"""Words are compared without case, accents, hyphens or apostrophes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.directory.search.words import MAX_WORDS, fold_words, question_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jean-Noël D'HŒUR", ("jean", "noel", "d", "hoeur")),
        ("LEFÈVRE", ("lefevre",)),
        ("De\u0301mode\u0301", ("demode",)),
        ("Prénom d’exercice", ("prenom", "d", "exercice")),
        ("ÆGIR  Łódź\tØ", ("aegir", "lodz", "o")),
        ("100% _like_", ("100", "like")),
        ("", ()),
        (" '-| ", ()),
    ],
)
def test_fold_words(text: str, words: tuple[str, ...]) -> None:
    assert fold_words(text) == words


@given(st.text())
def test_folded_words_are_letters_and_digits_and_fold_to_themselves(text: str) -> None:
    words = fold_words(text)
    assert all(word.isalnum() for word in words)
    assert fold_words(" ".join(words)) == words


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_letters_fold_alike_by_either_way(text: str) -> None:
    # An accented word beside it takes the long way.
    assert fold_words(f"{text} é") == (*fold_words(text), "e")


def test_question_words_are_bounded_and_different() -> None:
    assert question_words("a a b") == ("a", "b")
    assert len(question_words(" ".join(f"w{n}" for n in range(50)))) == MAX_WORDS
