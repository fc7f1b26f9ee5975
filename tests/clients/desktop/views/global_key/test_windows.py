"""The numbers that RegisterHotKey takes; Windows itself is not here."""

import pytest

from clients.desktop.state.global_key import parse_global_key
from clients.desktop.views.global_key.windows import modifiers, virtual_key

pytestmark = pytest.mark.desktop


@pytest.mark.parametrize(
    ("text", "code", "held"),
    [("Ctrl+Alt+M", 0x4D, 0x4003), ("Shift+Meta+0", 0x30, 0x400C), ("Ctrl+F12", 0x7B, 0x4002),
     ("Ctrl+Alt+Space", 0x20, 0x4003)],
)  # fmt: skip
def test_a_key_in_numbers(text: str, code: int, held: int) -> None:
    key = parse_global_key(text)
    assert (virtual_key(key), modifiers(key)) == (code, held)
