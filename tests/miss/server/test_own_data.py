"""The archive itself: what any content becomes."""

import io
import json
import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from miss.base.text import Language, Text
from miss.server.own_data import Part, compose_index, compose_zip

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TITLE = Text(fr="Titre", en="Title")
words = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(["<script>alert(1)</script>", '"><img src=x>', "</td></table><form>"]),
)
values = st.one_of(words, st.booleans(), st.integers(), st.none(), st.lists(words, max_size=3))
contents = st.one_of(
    st.dictionaries(words, values, max_size=4),
    st.lists(st.fixed_dictionaries({"Quand": words, "Quoi": values}), max_size=4),
)


class Tags(HTMLParser):
    """The tags of a page, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)


@given(contents)
def test_any_content_is_kept_as_json_and_never_becomes_markup(content: object) -> None:
    archive = zipfile.ZipFile(io.BytesIO(compose_zip([Part("part", TITLE, content)], AT, Language.FR)))
    assert archive.namelist() == ["index.html", "part.json"]
    assert json.loads(archive.read("part.json")) == content
    tags = Tags()
    tags.feed(archive.read("index.html").decode())
    known = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "a", "section", "div"}
    assert tags.seen <= known | {"table", "thead", "tbody", "tr", "th", "td", "br"}


def test_the_same_data_make_the_same_archive() -> None:
    parts = [Part("a", TITLE, {"Clef": "valeur"}), Part("b", TITLE, [])]
    assert compose_zip(parts, AT, Language.FR) == compose_zip(parts, AT, Language.FR)
    index = compose_index(parts, AT, Language.EN)
    assert '<html lang="en">' in index
    assert "Nothing." in index
    assert '<a href="#a">Title</a>' in index
