"""What a stranger's PDF holds is named, however it hides; what only shows pages is let through."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.documents.pdf import inspection
from miss.documents.pdf.inspection import PdfHazard, inspect_pdf, main
from tests.miss.documents.pdf.hostile import HARMLESS, HOSTILE, PLAIN, in_object_stream, nested, orphaned


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hidden_is_named(name: str) -> None:
    content, hazard = HOSTILE[name]
    assert PdfHazard(hazard) in inspect_pdf(content)


@pytest.mark.parametrize("name", HARMLESS)
def test_pages_alone_are_no_hazard(name: str) -> None:
    assert inspect_pdf(HARMLESS[name]) == frozenset()


def test_a_script_is_found_by_the_walk_as_well_as_by_the_search() -> None:
    hidden = in_object_stream(PLAIN)
    assert b"JavaScript" not in hidden, "compressed: only the walk finds it"
    assert inspect_pdf(hidden) == {PdfHazard.JAVASCRIPT}
    assert inspect_pdf(orphaned(b"<</S/Launch>>")) == {PdfHazard.LAUNCH}, "unreachable: only the search finds it"
    assert inspect_pdf(orphaned(b"<</S/LaunchPad /XFAct 1 /JS 2>>")) == frozenset(), "other words"


def test_arrays_inside_arrays_are_a_verdict() -> None:
    assert inspect_pdf(nested(200_000)) & {PdfHazard.TOO_COMPLEX, PdfHazard.UNREADABLE}


def test_more_objects_than_are_visited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_OBJECTS", 20)
    assert inspect_pdf(PLAIN) == {PdfHazard.TOO_COMPLEX}


def test_the_process_answers_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "_limit_this_process", lambda: None)
    for content, answer in ((PLAIN, b"+"), (HOSTILE["film"][0], b"+media")):
        said = io.BytesIO()
        main(io.BytesIO(content), said)
        assert said.getvalue() == answer


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, len(PLAIN)), cut=st.integers(0, 60), put=st.binary(max_size=20))
def test_any_damage_gets_a_verdict(at: int, cut: int, put: bytes) -> None:
    assert inspect_pdf(PLAIN[:at] + put + PLAIN[at + cut :]) <= set(PdfHazard)
