"""A misspelt word leads to the right one, and not to strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.directory.search.typos import MIN_LETTERS, distance, keys, nearest, sound

words = st.text("abcdeilmnrst", min_size=MIN_LETTERS, max_size=14)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("", "abc", 3), ("martin", "martin", 0), ("martin", "matrin", 1), ("martin", "martn", 1), ("durand", "duranb", 1)],
)
def test_distance(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == distance(other, one) == edits


@given(words, words)
def test_a_distance_is_one(one: str, other: str) -> None:
    assert (distance(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))
    assert distance(one, other) == distance(other, one)


@given(words, st.data())
def test_one_mistake_is_always_found(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdeilmnrst"))
    mistakes = [
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place + 1 : place + 2] + word[place : place + 1] + word[place + 2 :],
    ]
    for mistake in mistakes:
        if len(mistake) >= MIN_LETTERS and mistake != word:
            assert keys(mistake) & keys(word), mistake
            assert nearest(mistake, [word], 1) == [word]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lefevre", "lefebvre"),
        ("moreau", "moraux"),
        ("philippe", "filipe"),
        ("gauthier", "gautier"),
        ("picquet", "piquet"),
        ("meyer", "mayer"),
        ("renaud", "renault"),
    ],
)
def test_names_that_sound_alike_share_a_key(one: str, other: str) -> None:
    assert sound(one) == sound(other) or distance(one, other) == 1
    assert keys(one) & keys(other)
    assert nearest(one, [other], 1) == [other]


def test_strangers_that_share_a_key_are_left_out() -> None:
    assert nearest("martin", ["merlin", "durand", "martin"], 5) == []


def test_the_likeliest_comes_first_and_there_are_few() -> None:
    assert nearest("lefebre", ["lefebvre", "lefevre", "lefebvres"], 2) == ["lefebvre", "lefevre"]


def test_short_words_have_no_keys() -> None:
    assert keys("roy") == set()
