"""Colours: the published pairs of WCAG's formula, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.colours import WHITE, contrast
from miss.directory.establishments.branding.errors import ColourRefused
from miss.directory.establishments.branding.model import HOUSE_COLOUR, darker, parse_colour

PARTS = st.integers(0, 255)


def test_a_colour_is_taken_as_people_write_it() -> None:
    assert parse_colour(" 0B5563 ") == "#0b5563"
    assert parse_colour(HOUSE_COLOUR) == HOUSE_COLOUR
    assert parse_colour("#767676") == "#767676"


@pytest.mark.parametrize("text", ["", "#fff", "rouge", "#12345g", "#0b55631", "#777777", "#ffff00"])
def test_what_white_words_cannot_be_read_on_is_refused(text: str) -> None:
    with pytest.raises(ColourRefused) as refused:
        parse_colour(text)
    assert parse_colour(str(refused.value.params["nearest"]))


@given(st.tuples(PARTS, PARTS, PARTS))
def test_the_nearest_shade_does_and_the_next_lighter_one_does_not(rgb: tuple[int, int, int]) -> None:
    shade = darker(rgb)
    assert contrast(shade, WHITE) >= 4.5
    if contrast(rgb, WHITE) >= 4.5:
        assert shade == rgb
