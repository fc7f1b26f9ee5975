import json
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.text import Text
from teleexpertise.questionnaire.compose import compose_questionnaire
from teleexpertise.questionnaire.errors import Fault, FormUnreadable, ResponseUnreadable
from teleexpertise.questionnaire.model import Approval, Coding, ItemType, Operator
from teleexpertise.questionnaire.parse import parse_questionnaire, parse_response
from tests.teleexpertise.questionnaire.samples import FORMS, every_kind

OURS = "https://miss.example/fhir/StructureDefinition/"


def dermatology() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FORMS / "dermatologie/1.0.0.json").read_text())
    return document


def faults_of(document: Any) -> tuple[Fault, ...]:
    with pytest.raises(FormUnreadable) as caught:
        parse_questionnaire(document)
    return caught.value.faults


def test_a_form_is_read_from_bytes_text_or_json_alike() -> None:
    document = dermatology()
    form = parse_questionnaire(document)
    assert form == parse_questionnaire(json.dumps(document)) == parse_questionnaire(json.dumps(document).encode())
    assert form.id == "dermatologie"
    assert form.title == Text("Dermatologie", "Dermatology")


def test_extensions_become_fields() -> None:
    form = parse_questionnaire(dermatology())
    photo = form.item("d.photo.proche")
    assert (photo.min_occurs, photo.max_occurs, photo.repeats, photo.required) == (1, 4, True, True)
    assert photo.mime_types == ("image/jpeg", "image/png")
    assert photo.max_size_bytes == 10_000_000
    assert photo.photo_guide == "close"
    assert photo.help is not None
    diameter = form.item("d.diametre")
    assert (diameter.min_value, diameter.max_value) == (Decimal(1), Decimal(500))
    assert diameter.unit == Coding("mm", "mm", "http://unitsofmeasure.org")
    abcde = form.item("d.abcde")
    assert [option.value.code for option in abcde.options if option.exclusive] == ["aucun"]
    assert abcde.options[1].label == Text("Asymétrie", "Asymmetry")
    assert form.item("d.type").in_summary
    assert form.items[0].alert
    assert form.approval == Approval()


def test_rules_are_read() -> None:
    form = parse_questionnaire(dermatology())
    red_flag, *others = form.deadlines
    assert (red_flag.hours, red_flag.conditions[0].question, red_flag.conditions[0].answer) == (24, "d.alerte", True)
    assert [(rule.hours, len(rule.conditions)) for rule in others] == [(72, 2), (72, 2)]
    assert others[1].conditions[1].operator is Operator.COUNT_AT_LEAST


def first_item(change: dict[str, Any]) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["item"][0]["item"][0].update(change)


def add_extension(extension: dict[str, Any]) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["extension"].append(extension)


FAULTS: list[tuple[str, Callable[[dict[str, Any]], object], str, str]] = [
    ("another resource", lambda d: d.update(resourceType="Patient"), "resourceType", "literal_error"),
    ("a missing url", lambda d: d.pop("url"), "url", "missing"),
    ("an unknown type", first_item({"type": "reference"}), "item[0].item[0].type", "enum"),
    ("an unknown element", first_item({"answerValueSet": "x"}), "item[0].item[0].answerValueSet", "extra_forbidden"),
    ("an unknown modifier", first_item({"modifierExtension": [{"url": "x"}]}), "item[0].item[0].modifierExtension",
     "unknown_modifier_extension"),
    ("an unknown extension of an item", first_item({"extension": [{"url": OURS + "alerte", "valueBoolean": True}]}),
     "item[0].item[0].extension[0]", "unknown_extension"),
    ("an extension with the wrong value", first_item({"extension": [{"url": OURS + "alert", "valueString": "x"}]}),
     "item[0].item[0].extension[0]", "extension_value"),
    ("an extension twice", first_item({"extension": [{"url": OURS + "alert", "valueBoolean": True}] * 2}),
     "item[0].item[0].extension[1]", "extension_twice"),
    ("an unknown extension of the form", add_extension({"url": OURS + "deadlineAtMots"}),
     "extension[4]", "unknown_extension"),
    ("a deadline without hours or condition", add_extension({"url": OURS + "deadlineAtMost"}),
     "extension[4]", "deadline_hours"),
    ("a rule without a sentence", add_extension({"url": OURS + "blocksSubmission"}), "extension[4]", "message"),
    ("a rule with an unknown part", add_extension({"url": OURS + "blocksSubmission", "extension": [{"url": "if"}]}),
     "extension[4].extension[0]", "unknown_extension"),
    ("half an approval",
     add_extension({"url": OURS + "approval", "extension": [{"url": "approver", "valueString": "Dr X"}]}),
     "extension[4]", "approval"),
    ("an approval that says nothing", add_extension({"url": OURS + "approval"}), "extension[4]", "approval"),
    ("an option that is no coding", first_item({"answerOption": [{"valueString": "x"}]}),
     "item[0].item[0].answerOption[0]", "option_not_coding"),
    ("an option with an unknown extension",
     first_item({"answerOption": [{"valueCoding": {"code": "x"}, "extension": [{"url": "x"}]}]}),
     "item[0].item[0].answerOption[0].extension[0]", "unknown_extension"),
    ("options with an initial value",
     first_item({"answerOption": [{"valueCoding": {"code": "x"}}], "initial": [{"valueString": "x"}]}),
     "item[0].item[0].initial", "initial_with_options"),
    ("something else than a translation", first_item({"_text": {"extension": [{"url": "x"}]}}),
     "item[0].item[0].text", "unknown_extension"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "path", "code"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_each_fault_of_the_json_is_named_with_its_path(
    change: Callable[[dict[str, Any]], object], path: str, code: str
) -> None:
    document = dermatology()
    change(document)
    assert (path, code) in [(fault.path, fault.code) for fault in faults_of(document)]


def test_a_condition_is_whole() -> None:
    part = {"url": "question", "valueString": "d.alerte"}
    for parts in ([], [part], [part, {"url": "operator", "valueCode": "~"}, {"url": "answer", "valueBoolean": True}]):
        document = dermatology()
        rule = {"url": OURS + "blocksSubmission", "extension": [{"url": "condition", "extension": parts}]}
        document["extension"].append(rule)
        assert ("extension[4].extension[0]", "condition") in [(fault.path, fault.code) for fault in faults_of(document)]


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", "{", "[]", "3", '{"a": NaN}', "[" * 100_000, '{"a":' * 200 + "1" + "}" * 200, "1e999999999999"],
)
def test_what_is_no_form_is_refused_by_name(data: bytes | str) -> None:
    assert faults_of(data)
    with pytest.raises(ResponseUnreadable):
        parse_response(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_read_or_refused_by_name(document: Any) -> None:
    data = json.dumps(document)
    with pytest.raises(FormUnreadable):
        parse_questionnaire(data)
    with pytest.raises(ResponseUnreadable):
        parse_response(data)


@given(st.data())
def test_a_damaged_form_is_read_or_refused_by_name(data: st.DataObject) -> None:
    text = json.dumps(compose_questionnaire(every_kind()))
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 5)) :]
    with suppress(FormUnreadable):
        parse_questionnaire(damaged)


def response(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    head = {"resourceType": "QuestionnaireResponse", "questionnaire": "u|1", "status": "completed"}
    return {**head, "item": list(items), **fields}


def test_a_response_is_flattened_and_what_is_unknown_left_aside() -> None:
    nested = {
        "linkId": "b",
        "answer": [{"valueInteger": 1, "item": [{"linkId": "c", "answer": [{"valueString": "x"}]}]}],
    }
    read = parse_response(
        response(
            {"linkId": "g", "item": [{"linkId": "a", "text": "A", "answer": [{"valueBoolean": True}]}, nested]},
            {"linkId": "b", "answer": [{"valueInteger": 2}], "extension": [{"url": "x", "valueUrl": "y"}]},
            {"linkId": "empty"},
            meta={"profile": ["p"]},
        )
    )
    assert read.answers == {"a": (True,), "b": (1, 2), "c": ("x",)}
    assert read.questionnaire == "u|1"


def test_a_response_keeps_when_each_item_was_answered() -> None:
    timed = {"url": OURS + "answeredAt", "valueInstant": "2026-11-20T09:00:00Z"}
    read = parse_response(response({"linkId": "a", "answer": [{"valueBoolean": True}], "extension": [timed]}))
    assert read.answered_at["a"].isoformat() == "2026-11-20T09:00:00+00:00"


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (response(status="stopped"), "status"),
        (response({"linkId": "a", "modifierExtension": []}), "item[0].modifierExtension"),
        (response({"linkId": "a", "answer": [{"valueDate": "2026"}]}), "item[0].answer[0].valueDate"),
        (response({"linkId": "a", "answer": [{"valueTime": "10:00:00"}]}), "item[0].answer[0]"),
        (response(authored="hier"), "authored"),
    ],
)
def test_a_response_that_cannot_be_read_says_where(document: dict[str, Any], path: str) -> None:
    with pytest.raises(ResponseUnreadable) as caught:
        parse_response(document)
    assert [fault.path for fault in caught.value.faults] == [path]


def test_errors_do_not_hold_what_was_answered() -> None:
    with pytest.raises(ResponseUnreadable) as caught:
        parse_response(response({"linkId": "a", "answer": [{"valueDate": "secret médical"}]}))
    assert "secret" not in str(caught.value) + caught.value.sentence()


def test_decimals_keep_what_was_written() -> None:
    read = parse_response(json.dumps(response({"linkId": "a", "answer": [{"valueDecimal": 0.1}]})))
    assert str(read.first("a")) == "0.1"


def test_every_type_is_known() -> None:
    assert {one.type for one in every_kind().walk()} == set(ItemType)
