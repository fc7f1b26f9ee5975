"""Two photographs beside each other, and lengths as a picture, in centimetres whatever the form measures in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from types import SimpleNamespace
from typing import cast

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Language
from teleexpertise.follow_up.series import Series, Step
from teleexpertise.questionnaire.model import AttachmentRef, QuestionnaireResponse
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.requests.model import ExpertiseRequest, State
from teleexpertise.requests.reading import View
from teleexpertise.web.compared import HEIGHT, WIDTH, draw_measures, pair_of

FORM = FormRegistry.load(files("forms")).published("dermatologie")
START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


def step(rank: int, diameter: int | None, photos: int = 1) -> Step:
    request = ExpertiseRequest(
        id=RequestId(f"r-{rank}"), number=f"TE{rank}", requester=PractitionerId("paul"), state=State.INFORMED,
        canonical=FORM.canonical, created_at=START,
    )  # fmt: skip
    refs = tuple(AttachmentRef(f"{n}.jpg", "image/jpeg", 10, f"ref-{rank}-{n}") for n in range(photos))
    answers = {"d.photo.large": refs} if refs else {}
    if diameter is not None:
        answers |= {"d.diametre": (diameter,)}  # type: ignore[dict-item]
    response = QuestionnaireResponse(FORM.canonical, answers)
    at = START + timedelta(days=10 * rank)
    return Step(request=request, at=at, form=FORM, response=response, files=refs)


def series(*steps: Step) -> Series:
    view = cast("View", SimpleNamespace(request=steps[-1].request))
    return Series(view=view, steps=steps)


def test_the_first_and_the_present_one_stand_beside_each_other_unless_others_are_asked_for() -> None:
    three = series(step(0, 7), step(1, 6), step(2, 5))
    item = FORM.item("d.photo.large")
    pair = pair_of(three, item, "", "")
    assert pair is not None
    assert (pair.before.number, pair.after.number) == ("TE0", "TE2")
    other = pair_of(three, item, "TE1", "TE9")
    assert other is not None
    assert (other.before.number, other.after.number) == ("TE1", "TE2")
    assert pair_of(series(step(0, 7, photos=0)), item, "", "") is None


def test_lengths_are_drawn_in_centimetres_and_a_missing_one_is_left_out() -> None:
    picture = draw_measures(series(step(0, 8), step(1, None), step(2, 4)), Language.FR)
    assert picture is not None
    [curve] = picture.curves
    assert curve.label == "Plus grand diamètre", "the unit of the form is not that of the picture"
    assert [mark.text for mark in curve.marks] == ["0,8", "0,4"]
    assert [values for _, _, values in picture.rows] == [("0,8",), ("–",), ("0,4",)]
    high, low = curve.marks
    assert high.x < low.x <= WIDTH
    assert high.y < low.y <= HEIGHT, "greater is higher"


def test_one_measure_is_no_curve() -> None:
    assert draw_measures(series(step(0, 8), step(1, None)), Language.FR) is None
    assert [one.values for one in series(step(0, 8), step(1, 4)).measures()] == [(Decimal("0.8"), Decimal("0.4"))]
