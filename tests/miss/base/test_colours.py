"""The published pairs of WCAG's formula."""

import pytest

from miss.base.colours import WHITE, contrast, is_legible, parse_rgb


@pytest.mark.parametrize(
    ("one", "ratio"),
    [((0, 0, 0), 21.0), ((255, 255, 255), 1.0), ((118, 118, 118), 4.54), ((119, 119, 119), 4.48), ((255, 0, 0), 4.0)],
)
def test_the_contrast_with_white_is_wcag_s(one: tuple[int, int, int], ratio: float) -> None:
    assert contrast(one, WHITE) == pytest.approx(ratio, abs=0.005)
    assert contrast(WHITE, one) == contrast(one, WHITE)


@pytest.mark.parametrize(("text", "rgb"), [("#0b5563", (11, 85, 99)), (" FFFFFF ", WHITE), ("#fff", None), ("", None)])
def test_a_colour_is_read_as_it_is_written(text: str, rgb: tuple[int, int, int] | None) -> None:
    assert parse_rgb(text) == rgb


def test_what_is_just_too_light_is_not_legible() -> None:
    assert is_legible((118, 118, 118))
    assert not is_legible((119, 119, 119))
