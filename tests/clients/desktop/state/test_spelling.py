"""What a dictionary is asked about, and what it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.desktop.state.spelling import plain, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("La plaie, propre.", ["La", "plaie", "propre"]),
        ("L’ulcère d'Anne", ["L’ulcère", "d'Anne"]),
        ("peut-être – ou non", ["peut-être", "ou", "non"]),
        ("HTA, K+ 6,8 mmol/L à 14h30", []),
        ("12mg 3e J5", []),
        ("anne.modele@miss.example https://miss.example/a C:\\temp", []),
        ("à l’œil (gauche)", ["l’œil", "gauche"]),
        ("😀 bien 👍🏽", ["bien"]),
        ("", []),
    ],
)
def test_words_and_nothing_else(text: str, words: list[str]) -> None:
    assert [word for _place, word in words_of(text)] == words


@given(st.text(max_size=60))
def test_each_stands_where_it_is_said_to(text: str) -> None:
    after = 0
    for place, word in words_of(text):
        assert place >= after
        after = place + len(word)
        assert text[place:after] == word


def test_an_apostrophe_is_one() -> None:
    assert plain("l’ulcère") == plain("l'ulcère") == "l'ulcère"
