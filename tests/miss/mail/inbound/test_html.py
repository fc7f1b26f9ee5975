"""Words out of HTML."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.mail.inbound.html import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Bonjour</p><p>Merci&nbsp;!</p>", "Bonjour\n\nMerci\u00a0!"),
        ("<DIV>a<BR>b<br/>c</DIV>d", "a\nb\nc\nd"),
        ("a\n  b&lt;br&gt;&eacute;", "a b<br>é"),
        ("<head><title>x</title><style>p { color: red }</style></head><body>vu</body>", "vu"),
        ("<script>if (a < b) alert('<p>')</script>fin", "fin"),
        ("<style>p{}</head><p>lu</p>", "lu"),
        ("<!-- <p>caché</p> -->vu<!--[if mso]>non<![endif]-->", "vu"),
        ("<!doctype html><?xml v?>vu", "vu"),
        ("avant <!-- jamais fermé", "avant jamais fermé"),
        ("<table><tr><th>Âge</th><td>41</td></tr><tr><td>2</td></tr></table>", "Âge 41\n\n2"),
        ("<b>gras</b><i>maigre</i>", "grasmaigre"),
        ("3 < 4 et 5 > 4", "3 < 4 et 5 > 4"),
        ("", ""),
    ],
)
def test_words(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize("piece", ["<a x='", "<!--", "<![", "</", "&#", "<script>", "<p>", "<", " "])
def test_hostile_markup_takes_no_time(piece: str) -> None:
    start = time.process_time()
    html_to_text(piece * (300_000 // len(piece)))
    assert time.process_time() - start < 30  # of CPU; the square would take hours


@given(st.text(st.sampled_from("<>!-?/&;#'\" apbrscriptx123é")))
def test_any_text_is_accepted(html: str) -> None:
    text = html_to_text(html)
    assert "\n\n\n" not in text
