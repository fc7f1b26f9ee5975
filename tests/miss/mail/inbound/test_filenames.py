"""Names that come from others, made safe."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.mail.inbound.filenames import MAX_CHARS, safe_name


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("photo dos.jpg", "photo dos.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\paul\\lésion.jpg", "lésion.jpg"),
        ("le\u0301sion.jpg", "lésion.jpg"),
        ("photo\r\n.jpg\0", "photo.jpg"),
        ("gpj.\u202etxt.exe", "gpj.txt.exe"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        (".htaccess", "htaccess"),
        ("aux.txt", "_aux.txt"),
        ("CON", "_CON"),
        ("concordance.txt", "concordance.txt"),
        ("..", "piece-3.jpg"),
        ("photos/", "piece-3.jpg"),
        ("", "piece-3.jpg"),
    ],
)
def test_names(declared: str, name: str) -> None:
    assert safe_name(declared, "image/jpeg", 3) == name


def test_a_long_name_keeps_its_extension() -> None:
    name = safe_name("é" * 300 + ".jpeg", "image/jpeg", 1)
    assert name == "é" * (MAX_CHARS - 5) + ".jpeg"


def test_an_unknown_type_has_an_extension_too() -> None:
    assert safe_name("", "application/x-truc", 2) == "piece-2.bin"


@given(st.text(max_size=300))
def test_any_name_becomes_one_visible_component(declared: str) -> None:
    name = safe_name(declared, "text/plain", 1)
    assert 0 < len(name) <= MAX_CHARS
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(char).startswith("C") for char in name)
    assert name.strip(" .") == name
    assert safe_name(name, "text/plain", 1) == name
