"""A key for the whole machine, as it is written."""

import pytest

from clients.desktop.state.global_key import GlobalKey, parse_global_key


def test_what_is_held_and_what_is_pressed() -> None:
    assert parse_global_key("Ctrl+Alt+M") == GlobalKey("M", ctrl=True, alt=True)
    assert parse_global_key("Ctrl+Shift+1") == GlobalKey("1", ctrl=True, shift=True)
    assert parse_global_key("Meta+F12") == GlobalKey("F12", meta=True)
    assert parse_global_key("Alt+Meta+Space") == GlobalKey("Space", alt=True, meta=True)


@pytest.mark.parametrize(
    "text",
    ["", "M", "F1", "Ctrl+C", "Shift+M", "Shift+F3", "Ctrl+Ctrl+M", "Ctrl+Alt+", "Ctrl+Alt++", "Ctrl+Alt+F13",
     "Ctrl+Alt+é", "Hyper+Alt+M", "Ctrl+K, Ctrl+M", "none"],
)  # fmt: skip
def test_nothing_is_taken_that_other_programs_use(text: str) -> None:
    with pytest.raises(ValueError):
        parse_global_key(text)
