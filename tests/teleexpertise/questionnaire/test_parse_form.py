from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from teleexpertise.questionnaire.model import AttachmentRef, Coding, ItemType
from teleexpertise.questionnaire.parse_form import FormAnswers, parse_form_data
from tests.teleexpertise.questionnaire.samples import DERMATO, every_kind, form, item

FILE = AttachmentRef("a.jpg", "image/jpeg", 10, "ref")


def read(**fields: str | list[str]) -> FormAnswers:
    names = {name.replace("_", "."): [one] if isinstance(one, str) else one for name, one in fields.items()}
    return parse_form_data(every_kind(), names)


def test_each_type_of_field() -> None:
    found = read(
        a_bool="true",
        a_one="x",
        a_many=["p", "q"],
        a_open="autre",
        a_string=" mot ",
        a_text="une\r\ndeux",
        a_int="12",
        a_dec="3,5",
        a_date="2026-11-06",
        a_instant="2026-11-20T14:30",
    )
    assert found.problems == ()
    assert found.answers == {
        "a.bool": (True,),
        "a.one": (Coding("x"),),
        "a.many": (Coding("p"), Coding("q")),
        "a.open": ("autre",),
        "a.string": ("mot",),
        "a.text": ("une\ndeux",),
        "a.int": (12,),
        "a.dec": (Decimal("3.5"),),
        "a.date": (datetime(2026, 11, 6).date(),),  # noqa: DTZ001 -- a day
        "a.instant": (datetime(2026, 11, 20, 13, 30, tzinfo=UTC),),
    }


def test_blank_fields_answer_nothing() -> None:
    assert read(a_string="  ", a_many=["", " "], a_int=[]).answers == {}


def test_what_is_not_an_answer_is_a_problem_and_the_rest_is_kept() -> None:
    found = read(a_int="douze", a_many=["p", "<script>"], a_bool="false")
    assert found.answers == {"a.many": (Coding("p"),), "a.bool": (False,)}
    assert [(problem.link_id, problem.code) for problem in found.problems] == [
        ("a.int", "wrong_type"),
        ("a.many", "not_an_option"),
    ]


def test_unknown_fields_are_named_and_files_never_come_as_text() -> None:
    found = read(csrf="x", a_photo="/etc/passwd", a_g="x")
    assert found.answers == {}
    assert found.unknown_fields == ("csrf", "a.photo", "a.g")


def test_files_come_as_references() -> None:
    found = parse_form_data(every_kind(), {}, {"a.photo": [FILE], "z.photo": [FILE]})
    assert found.answers == {"a.photo": (FILE,)}
    assert found.unknown_fields == ("z.photo",)


def test_the_instant_of_an_answer_is_kept_when_it_can_be_read() -> None:
    names = {
        "answered_at:a.bool": ["2026-11-20T10:00:00+01:00"],
        "answered_at:a.int": ["1795165200000"],
        "answered_at:a.dec": ["hier"],
        "answered_at:a.date": ["2026-11-20T10:00:00"],
        "answered_at:a.text": ["9" * 40],
        "answered_at:a.one": [],
        "answered_at:zzz": ["1795165200000"],
    }
    found = parse_form_data(every_kind(), names)
    nine = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert found.answered_at == {"a.bool": nine, "a.int": nine}
    assert found.unknown_fields == ("answered_at:zzz",)


def test_a_question_whose_link_id_looks_like_a_code_is_no_trouble() -> None:
    questionnaire = form(item("answered", ItemType.TEXT))
    assert parse_form_data(questionnaire, {"answered": ["x"]}).answers == {"answered": ("x",)}


NAMES = st.sampled_from([one.link_id for one in DERMATO.walk()]).flatmap(
    lambda one: st.sampled_from([one, "answered_at:" + one])
)


@given(st.dictionaries(NAMES | st.text(), st.lists(st.text() | st.sampled_from(["oui", "aucun", "12"]), max_size=3)))
def test_it_never_raises(fields: dict[str, list[str]]) -> None:
    found = parse_form_data(DERMATO, fields)
    questions = {one.link_id for one in DERMATO.questions()}
    assert found.answers.keys() <= questions
    assert found.answered_at.keys() <= questions
