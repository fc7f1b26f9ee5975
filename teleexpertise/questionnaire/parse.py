"""JSON → `Questionnaire` and `QuestionnaireResponse`.

Refuses, each with its path: what is not JSON, an unknown element, extension or item type in a form, any
`modifierExtension`, an answer whose type or format FHIR does not allow.  It does not judge a form (`lint`) nor whether
a response answers it (`check`).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from pydantic import ValidationError

from miss.base.text import Text
from teleexpertise.questionnaire import fhir
from teleexpertise.questionnaire.errors import Fault, FormUnreadable, ResponseUnreadable
from teleexpertise.questionnaire.model import (
    AnswerOption,
    AnswerValue,
    Approval,
    Block,
    Coding,
    Condition,
    Deadline,
    Item,
    Operator,
    Questionnaire,
    QuestionnaireResponse,
)

Json = bytes | str | Mapping[str, Any]
MAX_DEPTH = 60
"""Nesting of a JSON document; our deepest form has 13."""
BYTES_PER_MB = 1_000_000
"""`maxSize` counts in megabytes."""


def parse_questionnaire(data: Json) -> Questionnaire:
    """The form written in `data`.  Raises FormUnreadable, which lists every fault found."""
    try:
        document = fhir.FhirQuestionnaire.model_validate(_load(data), extra="forbid")
    except ValidationError as error:
        raise FormUnreadable(_faults(error)) from None
    except ValueError as error:
        raise FormUnreadable((Fault("", "not_json", str(error)),)) from None
    reader = _FormReader()
    form = reader.form(document)
    if reader.faults:
        raise FormUnreadable(tuple(reader.faults))
    return form


def parse_response(data: Json) -> QuestionnaireResponse:
    """The response written in `data`, its answers flattened by linkId.

    Extensions and elements that we do not know are left aside (FHIR lets a reader do so).  Raises ResponseUnreadable.
    """
    try:
        document = fhir.FhirQuestionnaireResponse.model_validate(_load(data), extra="ignore")
    except ValidationError as error:
        raise ResponseUnreadable(_faults(error)) from None
    except ValueError as error:
        raise ResponseUnreadable((Fault("", "not_json", str(error)),)) from None
    answers: dict[str, tuple[AnswerValue, ...]] = {}
    answered_at: dict[str, datetime] = {}
    for item in _walk(document.item):
        values = tuple(value for answer in item.answer if (value := answer.value) is not None)
        if values:
            answers[item.link_id] = answers.get(item.link_id, ()) + values
        for extension in item.extension:
            if extension.url == fhir.ANSWERED_AT and extension.instant is not None:
                answered_at[item.link_id] = extension.instant
    return QuestionnaireResponse(document.questionnaire, answers, document.authored, answered_at, document.status)


def _walk(items: Iterable[fhir.FhirResponseItem]) -> Iterable[fhir.FhirResponseItem]:
    for item in items:
        yield item
        yield from _walk(item.item)
        for answer in item.answer:
            yield from _walk(answer.item)


def _load(data: Json) -> object:
    """The JSON value; decimals keep their digits.  Raises ValueError."""
    if isinstance(data, Mapping):
        value: object = _with_decimals(data)
    else:
        try:
            value = json.loads(data, parse_float=Decimal, parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None
        except UnicodeDecodeError:
            raise ValueError("the JSON is not in UTF-8") from None
        except json.JSONDecodeError as error:
            raise ValueError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
        except ArithmeticError:
            raise ValueError("a number is out of range") from None
    if _deeper_than(value, MAX_DEPTH):
        raise ValueError("the JSON is nested too deeply")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _with_decimals(value: object) -> object:
    """A JSON value loaded by somebody else, its floats as the decimals that were written."""
    match value:
        case float():
            return Decimal(repr(value))
        case Mapping():
            return {name: _with_decimals(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_with_decimals(inner) for inner in value]
    return value


def _deeper_than(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or _deeper_than(one, levels - 1) for one in inner)


def _faults(error: ValidationError) -> tuple[Fault, ...]:
    """What pydantic found, without the values that it found."""
    return tuple(
        Fault(_path(found["loc"]), found["type"], found["msg"])
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    )


def _path(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".")


class _FormReader:
    """Turns the FHIR shapes of one form into our values, gathering faults on the way."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def form(self, document: fhir.FhirQuestionnaire) -> Questionnaire:
        deadlines: list[Deadline] = []
        blocks: list[Block] = []
        approval = Approval()
        for index, extension in enumerate(document.extension):
            path = f"extension[{index}]"
            match extension.url:
                case fhir.DEADLINE_AT_MOST:
                    deadlines.append(self._deadline(extension, path))
                case fhir.BLOCKS_SUBMISSION:
                    blocks.append(Block(self._conditions(extension, path), self._part_text(extension, "message", path)))
                case fhir.APPROVAL:
                    approval = self._approval(extension, path)
                case _:
                    self._unknown(extension, path)
        description = None
        if document.description is not None:
            description = self._text(document.description, document.description_beside, "description")
        return Questionnaire(
            id=document.id,
            url=document.url,
            version=document.version,
            title=self._text(document.title, document.title_beside, "title"),
            status=document.status,
            items=tuple(self._item(item, f"item[{n}]") for n, item in enumerate(document.item)),
            description=description,
            deadlines=tuple(deadlines),
            blocks=tuple(blocks),
            approval=approval,
            derived_from=document.derived_from,
        )

    def _item(self, item: fhir.FhirItem, path: str) -> Item:
        if item.answer_option and item.initial:
            self._fault(f"{path}.initial", "initial_with_options", "mark the option initialSelected instead (que-11)")
        options = tuple(
            self._option(option, f"{path}.answerOption[{n}]") for n, option in enumerate(item.answer_option)
        )
        selected = tuple(
            o.value for o, given in zip(options, item.answer_option, strict=True) if given.initial_selected
        )
        return Item(
            link_id=item.link_id,
            type=item.type,
            label=self._text(item.text, item.text_beside, f"{path}.text"),
            required=item.required,
            repeats=item.repeats,
            read_only=item.read_only,
            max_length=item.max_length,
            options=options,
            initial=selected + tuple(value for one in item.initial if (value := one.value) is not None),
            enable_when=tuple(_condition(when) for when in item.enable_when),
            enable_behavior=item.enable_behavior,
            items=tuple(self._item(child, f"{path}.item[{n}]") for n, child in enumerate(item.item)),
            **self._item_extensions(item, path),
        )

    def _item_extensions(self, item: fhir.FhirItem, path: str) -> dict[str, Any]:
        """The fields of `Item` that FHIR writes as extensions."""
        fields: dict[str, Any] = {}
        mime_types: list[str] = []
        for index, extension in enumerate(item.extension):
            here = f"{path}.extension[{index}]"
            field = _EXTENSION_FIELDS.get(extension.url)
            value: object = extension.code if extension.code is not None else extension.value
            match extension.url:
                case fhir.MIME_TYPE if extension.code:
                    mime_types.append(extension.code)
                    continue
                case fhir.ITEM_CONTROL if extension.codeable_concept and extension.codeable_concept.coding:
                    value = extension.codeable_concept.coding[0].code
                case fhir.MAX_SIZE if extension.decimal is not None:
                    value = int(extension.decimal * BYTES_PER_MB)
                case fhir.MIN_VALUE | fhir.MAX_VALUE if extension.integer is not None:
                    value = Decimal(extension.integer)
            if field is None:
                self._unknown(extension, here)
            elif not isinstance(value, field[1]):
                self._fault(here, "extension_value", f"this extension does not take such a value: {extension.url}")
            elif field[0] in fields:
                self._fault(here, "extension_twice", f"this extension stands twice: {extension.url}")
            else:
                fields[field[0]] = value
        french, english = fields.pop("entry_format", ""), fields.pop("entry_format_english", "")
        entry_format = Text(french, english) if french or english else None
        return {**fields, "mime_types": tuple(mime_types), "entry_format": entry_format}

    def _option(self, option: fhir.FhirAnswerOption, path: str) -> AnswerOption:
        exclusive = False
        for index, extension in enumerate(option.extension):
            if extension.url == fhir.OPTION_EXCLUSIVE:
                exclusive = extension.boolean is True
            else:
                self._unknown(extension, f"{path}.extension[{index}]")
        if option.coding is None:
            self._fault(path, "option_not_coding", "an option is a valueCoding with a code and a display")
            return AnswerOption(Coding(""), Text("", ""))
        label = self._text(option.coding.display, option.coding.display_beside, f"{path}.valueCoding.display")
        return AnswerOption(Coding(option.coding.code, option.coding.display, option.coding.system), label, exclusive)

    def _deadline(self, extension: fhir.FhirExtension, path: str) -> Deadline:
        hours = next((part.integer for part in extension.extension if part.url == "hours"), None)
        if hours is None or hours <= 0:
            self._fault(path, "deadline_hours", "`hours` (valueInteger) above 0 is missing")
        return Deadline(hours or 0, self._conditions(extension, path), self._part_text(extension, "reason", path))

    def _conditions(self, extension: fhir.FhirExtension, path: str) -> tuple[Condition, ...]:
        conditions = []
        for index, part in enumerate(extension.extension):
            if part.url != "condition":
                if part.url not in ("hours", "reason", "message"):
                    self._unknown(part, f"{path}.extension[{index}]")
                continue
            parts = {inner.url: inner for inner in part.extension}
            question, operator, answer = parts.get("question"), parts.get("operator"), parts.get("answer")
            value = answer.value if answer else None
            known = operator is not None and operator.code in list(Operator)
            if question is None or not question.string or operator is None or not known or value is None:
                message = "a condition has `question` (valueString), `operator` (valueCode) and `answer`"
                self._fault(f"{path}.extension[{index}]", "condition", message)
                continue
            conditions.append(Condition(question.string, Operator(operator.code or ""), value))
        if not conditions:
            self._fault(path, "condition", "a rule has at least one `condition`")
        return tuple(conditions)

    def _approval(self, extension: fhir.FhirExtension, path: str) -> Approval:
        parts = {part.url: part for part in extension.extension}
        if not parts and extension.code != "pending":
            self._fault(path, "approval", "without an approver, an approval is the valueCode `pending`")
        for unknown in parts.keys() - {"approver", "approvedOn"}:
            self._unknown(parts[unknown], path)
        approver = parts["approver"].string if "approver" in parts else None
        approved_on: date | None = parts["approvedOn"].date if "approvedOn" in parts else None
        if (approver is None) != (approved_on is None):
            self._fault(path, "approval", "an approval has both `approver` (valueString) and `approvedOn` (valueDate)")
        return Approval(approver, approved_on)

    def _part_text(self, extension: fhir.FhirExtension, name: str, path: str) -> Text:
        """The sentence of a rule: a part `name` whose parts `fr` and `en` are strings."""
        for part in extension.extension:
            if part.url == name:
                words = {inner.url: inner.string or "" for inner in part.extension}
                return Text(words.get("fr", ""), words.get("en", ""))
        self._fault(path, name, f"`{name}`, with its parts `fr` and `en`, is missing")
        return Text("", "")

    def _text(self, french: str, beside: fhir.FhirBeside | None, path: str) -> Text:
        """The French primitive with its English translation (the standard `translation` extension)."""
        english = ""
        for extension in beside.extension if beside else ():
            parts = {part.url: part for part in extension.extension}
            language, content = parts.get("lang"), parts.get("content")
            if extension.url != fhir.TRANSLATION or language is None or content is None:
                self._unknown(extension, path)
            elif language.code == "en":
                english = content.string or ""
        return Text(french, english)

    def _unknown(self, extension: fhir.FhirExtension, path: str) -> None:
        self._fault(path, "unknown_extension", f"this extension is not known here: {extension.url}")

    def _fault(self, path: str, code: str, message: str) -> None:
        self.faults.append(Fault(path, code, message))


def _condition(when: fhir.FhirEnableWhen) -> Condition:
    value = when.value
    assert value is not None, "FhirEnableWhen has exactly one answer"  # noqa: S101 -- told to mypy
    return Condition(when.question, when.operator, value)


_EXTENSION_FIELDS: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    fhir.ITEM_CONTROL: ("control", str),
    fhir.UNIT: ("unit", Coding),
    fhir.MIN_OCCURS: ("min_occurs", int),
    fhir.MAX_OCCURS: ("max_occurs", int),
    fhir.HIDDEN: ("hidden", bool),
    fhir.MIN_VALUE: ("min_value", (Decimal, date)),
    fhir.MAX_VALUE: ("max_value", (Decimal, date)),
    fhir.MAX_SIZE: ("max_size_bytes", int),
    fhir.ENTRY_FORMAT: ("entry_format", str),
    fhir.ENTRY_FORMAT_ENGLISH: ("entry_format_english", str),
    fhir.PHOTO_GUIDE: ("photo_guide", str),
    fhir.ALERT: ("alert", bool),
    fhir.IN_SUMMARY: ("in_summary", bool),
    fhir.NOT_IN_FUTURE: ("not_in_future", bool),
    fhir.OPTIONS_FROM_REQUEST: ("options_from_request", bool),
}
"""Our field for each extension of an item, and the type of its value."""
