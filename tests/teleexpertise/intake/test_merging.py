"""One draft written from several places."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from teleexpertise.attachments.service import KeptFile
from teleexpertise.intake.merging import Touched, lay, not_there_yet
from teleexpertise.questionnaire.model import AttachmentRef, QuestionnaireResponse

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NINE + timedelta(minutes=5)
PHOTO, OTHER = (AttachmentRef(f"{name}.jpg", "image/jpeg", 10, name) for name in ("one", "two"))


def known(**answers: str) -> QuestionnaireResponse:
    return QuestionnaireResponse("u|1", {name: (text,) for name, text in answers.items()}, answered_at={"a": NINE})


def touched(at: datetime = LATER, **answers: str | None) -> Touched:
    given_ = {name: (text,) for name, text in answers.items() if text is not None}
    return Touched(given_, {}, dict.fromkeys(answers, at))


def test_what_a_page_touched_replaces_the_rest_stays() -> None:
    merged, _ = lay(known(a="old", b="kept"), {}, touched(a="new"))
    assert merged.answers == {"a": ("new",), "b": ("kept",)}
    assert merged.answered_at == {"a": LATER}


def test_an_answer_emptied_is_gone() -> None:
    assert lay(known(a="old"), {}, touched(a=None))[0].answers == {}


def test_what_was_touched_earlier_undoes_nothing() -> None:
    merged, _ = lay(known(a="old"), {}, touched(NINE - timedelta(minutes=1), a="stale"))
    assert merged.answers == {"a": ("old",)}
    assert lay(known(a="old"), {}, touched(NINE, a="same moment"))[0].answers == {"a": ("same moment",)}


def test_an_answer_that_nobody_touched_is_not_taken_from_a_page() -> None:
    page = Touched({"a": ("shown",)}, {}, {})
    assert lay(known(a="old"), {}, page)[0].answers == {"a": ("old",)}


def test_files_stay_until_they_are_taken_away() -> None:
    held = QuestionnaireResponse("u|1", {"p": (PHOTO, OTHER)})
    assert lay(held, {}, Touched({}, {}, {"p": LATER}))[0].answers == {"p": (PHOTO, OTHER)}
    assert lay(held, {}, Touched({}, {}, {}, frozenset({"one"})))[0].answers == {"p": (OTHER,)}
    assert lay(held, {}, Touched({}, {}, {}, frozenset({"one", "two"})))[0].answers == {}


def test_what_is_not_understood_is_kept_until_it_is_corrected() -> None:
    wrong = Touched({}, {"a": ("sept",)}, {"a": LATER})
    merged, unread = lay(known(a="old"), {}, wrong)
    assert (merged.answers, unread) == ({}, {"a": ("sept",)})
    assert lay(merged, unread, touched(LATER, b="x"))[1] == unread
    assert lay(merged, unread, touched(LATER, a="7"))[1] == {}


def test_a_photograph_sent_again_is_there_once() -> None:
    files = [KeptFile(PHOTO, "p"), KeptFile(OTHER, "p")]
    assert not_there_yet(files, {"p": (PHOTO,)}, ()) == files[1:]
    assert not_there_yet(files, {}, (PHOTO, OTHER)) == []


EDITS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 1000), st.text("xyz", min_size=1, max_size=3)),
    min_size=1,
    max_size=8,
    unique_by=lambda edit: (edit[0], edit[1]),
)


@settings(max_examples=60, deadline=None)
@given(EDITS, st.randoms(use_true_random=False))
def test_two_tabs_end_with_the_same_draft_whatever_arrives_first(
    edits: list[tuple[str, int, str]], chance: object
) -> None:
    def end(order: list[tuple[str, int, str]]) -> object:
        draft = QuestionnaireResponse("u|1", {})
        for name, second, text in order:
            draft, _ = lay(draft, {}, touched(NINE + timedelta(seconds=second), **{name: text}))
        return dict(draft.answers)

    shuffled = [*edits]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    last = {name: (text,) for name, _, text in sorted(edits, key=lambda edit: edit[1])}
    assert end(edits) == end(shuffled) == last
