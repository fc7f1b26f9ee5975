"""The edge models; what is built on them is tested with `parse`."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from teleexpertise.questionnaire.fhir import FhirAnswer, FhirElement, FhirEnableWhen, FhirExtension
from teleexpertise.questionnaire.model import AnswerValue, AttachmentRef, Coding, Quantity

VALUES: list[tuple[dict[str, object], AnswerValue]] = [
    ({"valueBoolean": False}, False),
    ({"valueInteger": 0}, 0),
    ({"valueDecimal": Decimal("3.50")}, Decimal("3.5")),
    ({"valueDecimal": 3}, Decimal(3)),
    ({"valueString": ""}, ""),
    ({"valueDate": "2026-11-20"}, date(2026, 11, 20)),
    ({"valueDateTime": "2026-11-20T09:00:00Z"}, datetime(2026, 11, 20, 9, tzinfo=UTC)),
    ({"valueDateTime": "2026-11-20T10:00:00.5+01:00"}, datetime(2026, 11, 20, 9, 0, 0, 500_000, tzinfo=UTC)),
    ({"valueCoding": {"code": "x", "display": "X"}}, Coding("x")),
    ({"valueQuantity": {"value": 2, "unit": "cm"}}, Quantity(Decimal(2), "cm")),
    (
        {"valueAttachment": {"contentType": "image/jpeg", "url": "ref", "title": "a.jpg", "size": 3}},
        AttachmentRef("a.jpg", "image/jpeg", 3, "ref"),
    ),
]


@pytest.mark.parametrize(("given", "value"), VALUES, ids=[json.dumps(given, default=str) for given, _ in VALUES])
def test_each_type_of_value_is_read(given: dict[str, object], value: AnswerValue) -> None:
    read = FhirAnswer.model_validate(given, extra="forbid").value
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "given",
    [
        {"valueBoolean": "true"},
        {"valueBoolean": 1},
        {"valueInteger": "12"},
        {"valueInteger": 2**31},
        {"valueInteger": True},
        {"valueDecimal": "3.5"},
        {"valueDecimal": True},
        {"valueDecimal": Decimal(10**15)},
        {"valueDecimal": Decimal("1e400000")},
        {"valueDate": "2026-11"},
        {"valueDate": "2026-02-30"},
        {"valueDate": "0001-01-01"},
        {"valueDate": 20261120},
        {"valueDateTime": "2026-11-20"},
        {"valueDateTime": "2026-11-20T09:00:00"},
        {"valueDateTime": "9999-12-31T23:59:59-14:00"},
        {"valueCoding": {"display": "no code"}},
        {"valueAttachment": {"contentType": "image/jpeg", "url": "ref", "size": -1}},
        {"valueAttachment": {"contentType": "image/jpeg", "data": "AAAA"}},
        {"valueString": "a", "valueInteger": 1},
        {},
    ],
    ids=str,
)
def test_what_is_not_a_value_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FhirAnswer.model_validate(given, extra="ignore")


def test_a_condition_says_answer_where_an_answer_says_value() -> None:
    condition = FhirEnableWhen.model_validate({"question": "a", "operator": ">", "answerInteger": 3}, extra="forbid")
    assert condition.value == 3
    with pytest.raises(ValidationError):
        FhirEnableWhen.model_validate({"question": "a", "operator": ">", "valueInteger": 3}, extra="forbid")


def test_an_extension_may_have_no_value() -> None:
    assert FhirExtension.model_validate({"url": "u"}, extra="forbid").value is None


@pytest.mark.parametrize("extra", ["forbid", "ignore"])
def test_a_modifier_extension_is_refused_even_when_empty(extra: str) -> None:
    with pytest.raises(ValidationError, match="unknown_modifier_extension"):
        FhirElement.model_validate({"modifierExtension": []}, extra=extra)  # type: ignore[arg-type]
