"""`Questionnaire` and `QuestionnaireResponse` → FHIR R4 JSON, as dicts that `json.dumps` takes.

What is composed parses back to the same value (`parse`).  Decimals become JSON numbers; `parse` bounds them to the
15 digits that a JSON number keeps.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from miss.base.text import Text
from teleexpertise.questionnaire import fhir
from teleexpertise.questionnaire.model import (
    AnswerOption,
    AnswerValue,
    Approval,
    AttachmentRef,
    Block,
    Coding,
    Condition,
    Deadline,
    Item,
    ItemType,
    Quantity,
    Questionnaire,
    QuestionnaireResponse,
)
from teleexpertise.questionnaire.parse import BYTES_PER_MB

JsonObject = dict[str, Any]


def compose_questionnaire(form: Questionnaire) -> JsonObject:
    """The form as a FHIR R4 Questionnaire."""
    document: JsonObject = {
        "resourceType": "Questionnaire",
        "id": form.id,
        "language": "fr",
        "url": form.url,
        "version": form.version,
        **_text("title", form.title),
    }
    if form.derived_from:
        document["derivedFrom"] = list(form.derived_from)
    document["status"] = form.status.value
    if form.description is not None:
        document |= _text("description", form.description)
    document["extension"] = [
        _approval(form.approval),
        *(_rule(fhir.DEADLINE_AT_MOST, deadline) for deadline in form.deadlines),
        *(_rule(fhir.BLOCKS_SUBMISSION, block) for block in form.blocks),
    ]
    document["item"] = [_item(item) for item in form.items]
    return document


def compose_response(form: Questionnaire, response: QuestionnaireResponse) -> JsonObject:
    """The response as a FHIR R4 QuestionnaireResponse, nested as the form is.

    Answers to questions that the form does not have are kept, after the others.
    """
    known = {item.link_id for item in form.walk()}
    items = [_answered(item, response) for item in form.items]
    strangers = (link_id for link_id in response.answers if link_id not in known)
    items += [_answer_item(link_id, "", response) for link_id in strangers]
    document: JsonObject = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": response.questionnaire,
        "status": response.status.value,
    }
    if response.authored is not None:
        document["authored"] = _instant(response.authored)
    filled = [item for item in items if item is not None]
    return document | ({"item": filled} if filled else {})


def _answered(item: Item, response: QuestionnaireResponse) -> JsonObject | None:
    """`item` with its answers and those under it; None if there are none."""
    if item.is_question:
        given = item.link_id in response.answers or item.link_id in response.answered_at
        return _answer_item(item.link_id, item.label.fr, response) if given else None
    inner = [child for one in item.items if (child := _answered(one, response)) is not None]
    if not inner:
        return None
    return {"linkId": item.link_id, **({"text": item.label.fr} if item.label.fr else {}), "item": inner}


def _answer_item(link_id: str, text: str, response: QuestionnaireResponse) -> JsonObject:
    composed: JsonObject = {"linkId": link_id}
    if link_id in response.answered_at:
        instant = response.answered_at[link_id].astimezone(UTC)
        composed["extension"] = [{"url": fhir.ANSWERED_AT, "valueInstant": _instant(instant)}]
    if text:
        composed["text"] = text
    answers = [_value("value", value) for value in response.all(link_id)]
    return composed | ({"answer": answers} if answers else {})


def _item(item: Item) -> JsonObject:
    composed: JsonObject = {"linkId": item.link_id, **_text("text", item.label), "type": item.type.value}
    extensions = list(_item_extensions(item))
    if extensions:
        composed["extension"] = extensions
    if item.enable_when:
        composed["enableWhen"] = [_enable_when(condition) for condition in item.enable_when]
    if item.enable_behavior is not None:
        composed["enableBehavior"] = item.enable_behavior.value
    composed |= {
        name: True
        for name, is_set in (("required", item.required), ("repeats", item.repeats), ("readOnly", item.read_only))
        if is_set
    }
    if item.max_length is not None:
        composed["maxLength"] = item.max_length
    if item.options:
        composed["answerOption"] = [_option(option, option.value in item.initial) for option in item.options]
    elif item.initial:
        composed["initial"] = [_value("value", value) for value in item.initial]
    if item.items:
        composed["item"] = [_item(child) for child in item.items]
    return composed


def _item_extensions(item: Item) -> Iterable[JsonObject]:
    if item.control:
        yield {"url": fhir.ITEM_CONTROL, "valueCodeableConcept": {"coding": [{"code": item.control}]}}
    if item.unit is not None:
        yield {"url": fhir.UNIT, **_value("value", item.unit)}
    for url, number in ((fhir.MIN_OCCURS, item.min_occurs), (fhir.MAX_OCCURS, item.max_occurs)):
        if number is not None:
            yield {"url": url, "valueInteger": number}
    for url, bound in ((fhir.MIN_VALUE, item.min_value), (fhir.MAX_VALUE, item.max_value)):
        if isinstance(bound, Decimal) and item.type is ItemType.INTEGER:
            yield {"url": url, "valueInteger": int(bound)}
        elif bound is not None:
            yield {"url": url, **_value("value", bound)}
    yield from ({"url": fhir.MIME_TYPE, "valueCode": mime} for mime in item.mime_types)
    if item.max_size_bytes is not None:
        yield {"url": fhir.MAX_SIZE, "valueDecimal": _number(Decimal(item.max_size_bytes) / BYTES_PER_MB)}
    if item.entry_format is not None:
        yield {"url": fhir.ENTRY_FORMAT, "valueString": item.entry_format.fr}
        yield {"url": fhir.ENTRY_FORMAT_ENGLISH, "valueString": item.entry_format.en}
    if item.photo_guide:
        yield {"url": fhir.PHOTO_GUIDE, "valueCode": item.photo_guide}
    flags = (
        (fhir.HIDDEN, item.hidden),
        (fhir.ALERT, item.alert),
        (fhir.IN_SUMMARY, item.in_summary),
        (fhir.NOT_IN_FUTURE, item.not_in_future),
        (fhir.OPTIONS_FROM_REQUEST, item.options_from_request),
    )
    yield from ({"url": url, "valueBoolean": True} for url, is_set in flags if is_set)


def _option(option: AnswerOption, is_selected: bool) -> JsonObject:
    composed: JsonObject = {}
    if option.exclusive:
        composed["extension"] = [{"url": fhir.OPTION_EXCLUSIVE, "valueBoolean": True}]
    coding: JsonObject = {"system": option.value.system} if option.value.system else {}
    composed["valueCoding"] = coding | {"code": option.value.code, **_text("display", option.label)}
    return composed | ({"initialSelected": True} if is_selected else {})


def _enable_when(condition: Condition) -> JsonObject:
    head = {"question": condition.question, "operator": condition.operator.value}
    return head | _value("answer", condition.answer)


def _rule(url: str, rule: Deadline | Block) -> JsonObject:
    parts: list[JsonObject] = []
    if isinstance(rule, Deadline):
        parts.append({"url": "hours", "valueInteger": rule.hours})
    for condition in rule.conditions:
        inner = [
            {"url": "question", "valueString": condition.question},
            {"url": "operator", "valueCode": condition.operator.value},
            {"url": "answer", **_value("value", condition.answer)},
        ]
        parts.append({"url": "condition", "extension": inner})
    name, text = ("reason", rule.reason) if isinstance(rule, Deadline) else ("message", rule.message)
    words = [{"url": "fr", "valueString": text.fr}, {"url": "en", "valueString": text.en}]
    return {"url": url, "extension": [*parts, {"url": name, "extension": words}]}


def _approval(approval: Approval) -> JsonObject:
    parts: list[JsonObject] = []
    if approval.approver is not None and approval.approved_on is not None:
        parts = [
            {"url": "approver", "valueString": approval.approver},
            {"url": "approvedOn", "valueDate": approval.approved_on.isoformat()},
        ]
    return {"url": fhir.APPROVAL, **({"extension": parts} if parts else {"valueCode": "pending"})}


def _text(name: str, text: Text) -> JsonObject:
    """The French primitive and, beside it, its English translation."""
    composed: JsonObject = {name: text.fr} if text.fr else {}
    if text.en:
        parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": text.en}]
        composed[f"_{name}"] = {"extension": [{"url": fhir.TRANSLATION, "extension": parts}]}
    return composed


def _value(prefix: str, value: AnswerValue) -> JsonObject:
    """`value[x]` or `answer[x]`."""
    match value:
        case bool():
            return {f"{prefix}Boolean": value}
        case int():
            return {f"{prefix}Integer": value}
        case Decimal():
            return {f"{prefix}Decimal": _number(value)}
        case str():
            return {f"{prefix}String": value}
        case datetime():
            return {f"{prefix}DateTime": _instant(value)}
        case date():
            return {f"{prefix}Date": value.isoformat()}
        case Coding():
            coding = {"system": value.system, "code": value.code, "display": value.display}
            return {f"{prefix}Coding": {name: part for name, part in coding.items() if part}}
        case Quantity():
            unit = {"unit": value.unit} if value.unit else {}
            return {f"{prefix}Quantity": {"value": _number(value.value)} | unit}
        case AttachmentRef():
            title = {"title": value.name} if value.name else {}
            file = {"contentType": value.mime, "url": value.ref, "size": value.size_bytes}
            return {f"{prefix}Attachment": file | title}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _instant(instant: datetime) -> str:
    """With the offset that was given, unless it has seconds (local mean time, before 1911), which FHIR cannot write."""
    offset = instant.utcoffset()
    return (instant.astimezone(UTC) if offset and offset.seconds % 60 else instant).isoformat()
