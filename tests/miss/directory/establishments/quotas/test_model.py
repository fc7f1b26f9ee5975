"""What a form says of a quota, and what holds."""

import pytest

from miss.directory.establishments.quotas import Quota, QuotaChoice, QuotaRefused, parse_choice

DEFAULT = Quota(3000, 12_000)


def test_what_was_not_chosen_is_the_platforms() -> None:
    assert QuotaChoice().over(DEFAULT) == DEFAULT
    assert parse_choice("", " 50 000 ") == QuotaChoice(None, 50_000)
    assert QuotaChoice(None, 50_000).over(DEFAULT) == Quota(3000, 50_000)


@pytest.mark.parametrize("text", ["0", "1", "-5", "2.5", "many", "²", "10000001", "9" * 30])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(QuotaRefused):
        parse_choice(text, "")
