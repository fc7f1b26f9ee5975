"""The FHIR JSON shapes at our edge, as pydantic models, and the extensions we know.

Only the elements of our subset exist here.  A form with any other element is refused, since dropping an
`answerValueSet` or a misspelt `deadlineAtMost` in silence would change what the form asks; a response, which other
software may have written, may carry more, and what we do not know is left aside.  A `modifierExtension` is refused
everywhere, as FHIR demands of a reader that does not know it.
Source: FHIR R4 §2.6 (data types), Questionnaire, QuestionnaireResponse; teleexpertise.md §3.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel, to_pascal
from pydantic_core import PydanticCustomError

from teleexpertise.questionnaire.model import (
    AnswerValue,
    AttachmentRef,
    Coding,
    EnableBehavior,
    FormStatus,
    ItemType,
    Operator,
    Quantity,
    ResponseStatus,
)

HL7 = "http://hl7.org/fhir/StructureDefinition/"
OURS = "https://miss.example/fhir/StructureDefinition/"
TRANSLATION = HL7 + "translation"
ITEM_CONTROL = HL7 + "questionnaire-itemControl"
OPTION_EXCLUSIVE = HL7 + "questionnaire-optionExclusive"
UNIT = HL7 + "questionnaire-unit"
MIN_OCCURS = HL7 + "questionnaire-minOccurs"
MAX_OCCURS = HL7 + "questionnaire-maxOccurs"
HIDDEN = HL7 + "questionnaire-hidden"
MIN_VALUE = HL7 + "minValue"
MAX_VALUE = HL7 + "maxValue"
MIME_TYPE = HL7 + "mimeType"
MAX_SIZE = HL7 + "maxSize"
ENTRY_FORMAT = HL7 + "entryFormat"
DEADLINE_AT_MOST = OURS + "deadlineAtMost"
BLOCKS_SUBMISSION = OURS + "blocksSubmission"
APPROVAL = OURS + "approval"
ENTRY_FORMAT_ENGLISH = OURS + "entryFormatEnglish"
"""Beside the standard entryFormat: fhir.resources takes no translation inside the value of an extension."""
PHOTO_GUIDE = OURS + "photoGuide"
ALERT = OURS + "alert"
IN_SUMMARY = OURS + "inSummary"
NOT_IN_FUTURE = OURS + "notInFuture"
OPTIONS_FROM_REQUEST = OURS + "optionsFromRequest"
ANSWERED_AT = OURS + "answeredAt"

MAX_DIGITS = 15
"""Of a decimal: as many as a JSON number keeps exactly in every reader."""

YEARS = range(1800, 2201)
"""In which any date of ours lies."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _decimal(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("decimal", "a number is expected")
    return value


def _full_date(value: object) -> object:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return _in_range(date.fromisoformat(value))
    raise PydanticCustomError("date", "a whole date is expected (YYYY-MM-DD)")


def _full_date_time(value: object) -> object:
    if isinstance(value, str) and _DATE_TIME.fullmatch(value):
        return _in_range(datetime.fromisoformat(value))
    raise PydanticCustomError("date_time", "a date, a time and an offset are expected (YYYY-MM-DDThh:mm:ss+hh:mm)")


def _in_range(value: date) -> date:
    """Far from the ends of the calendar, so that no arithmetic on it overflows."""
    if value.year not in YEARS:
        raise PydanticCustomError("date_range", "this year is out of range")
    return value


FhirDecimal = Annotated[Decimal, BeforeValidator(_decimal), Field(max_digits=MAX_DIGITS)]
FhirInteger = Annotated[StrictInt, Field(ge=-(2**31), le=2**31 - 1)]
FhirDate = Annotated[date, BeforeValidator(_full_date)]
FhirDateTime = Annotated[datetime, BeforeValidator(_full_date_time)]


_PLAIN = frozenset({"modifier_extension", "extension", "url", "question", "operator", "initial_selected", "item"})


def _answer_alias(name: str) -> str:
    return to_camel(name) if name in _PLAIN else "answer" + to_pascal(name)


def _value_alias(name: str) -> str:
    return to_camel(name) if name in _PLAIN else "value" + to_pascal(name)


class FhirElement(BaseModel):
    """Camel-case names; whether other elements are refused is said when validating (`extra=`)."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel)
    modifier_extension: Any = None

    @field_validator("modifier_extension", mode="before")
    @classmethod
    def _refuse_modifier(cls, value: object) -> object:
        raise PydanticCustomError("unknown_modifier_extension", "this modifierExtension is not known here")


class FhirCoding(FhirElement):
    code: str
    system: str | None = None
    display: str = ""
    display_beside: "FhirBeside | None" = Field(default=None, alias="_display")


class FhirCodeableConcept(FhirElement):
    coding: tuple[FhirCoding, ...]


class FhirQuantity(FhirElement):
    value: FhirDecimal
    unit: str = ""


class FhirAttachment(FhirElement):
    content_type: str
    url: str
    title: str = ""
    size: Annotated[StrictInt, Field(ge=0)] = 0
    data: Any = None

    @field_validator("data", mode="before")
    @classmethod
    def _refuse_inline(cls, value: object) -> object:
        raise PydanticCustomError("inline_attachment", "join the file to the message, not inside the response")


class FhirTyped(FhirElement):
    """A `value[x]` or `answer[x]`: one field of the type that is meant."""

    LEAST: ClassVar[int] = 1

    boolean: StrictBool | None = None
    integer: FhirInteger | None = None
    decimal: FhirDecimal | None = None
    date: FhirDate | None = None
    date_time: FhirDateTime | None = None
    string: str | None = None
    coding: FhirCoding | None = None
    quantity: FhirQuantity | None = None
    attachment: FhirAttachment | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if not self.LEAST <= len(self._given()) <= 1:
            raise PydanticCustomError("one_value", "exactly one value of a type that is known here is expected")
        return self

    def _given(self) -> list[object]:
        return [given for name in FhirTyped.model_fields if (given := getattr(self, name)) is not None]

    @property
    def value(self) -> AnswerValue | None:
        """The value in our terms; None only where none need be given (an extension)."""
        match next(iter(self._given()), None):
            case FhirCoding() as coding:
                return Coding(coding.code, coding.display, coding.system)
            case FhirQuantity() as quantity:
                return Quantity(quantity.value, quantity.unit)
            case FhirAttachment() as file:
                return AttachmentRef(file.title, file.content_type, file.size, file.url)
            case (bool() | int() | Decimal() | str() | datetime() | date()) as plain:
                return plain
        return None


class FhirValue(FhirTyped):
    """`initial` of an item."""

    model_config = ConfigDict(alias_generator=_value_alias)


class FhirExtension(FhirValue):
    LEAST: ClassVar[int] = 0

    url: str
    extension: tuple["FhirExtension", ...] = ()
    code: str | None = None
    instant: FhirDateTime | None = None
    codeable_concept: FhirCodeableConcept | None = None


class FhirBeside(FhirElement):
    """What stands beside a primitive (`_text` beside `text`): its translations."""

    extension: tuple[FhirExtension, ...] = ()


class FhirAnswerOption(FhirValue):
    extension: tuple[FhirExtension, ...] = ()
    initial_selected: StrictBool = False


class FhirEnableWhen(FhirTyped):
    model_config = ConfigDict(alias_generator=_answer_alias)

    question: str
    operator: Operator


class FhirItem(FhirElement):
    link_id: str
    type: ItemType
    text: str = ""
    text_beside: FhirBeside | None = Field(default=None, alias="_text")
    required: StrictBool = False
    repeats: StrictBool = False
    read_only: StrictBool = False
    max_length: FhirInteger | None = None
    answer_option: tuple[FhirAnswerOption, ...] = ()
    initial: tuple[FhirValue, ...] = ()
    enable_when: tuple[FhirEnableWhen, ...] = ()
    enable_behavior: EnableBehavior | None = None
    extension: tuple[FhirExtension, ...] = ()
    item: tuple["FhirItem", ...] = ()


class FhirQuestionnaire(FhirElement):
    resource_type: Literal["Questionnaire"]
    id: str
    language: Literal["fr"]
    url: str
    version: str
    title: str
    title_beside: FhirBeside | None = Field(default=None, alias="_title")
    derived_from: tuple[str, ...] = ()
    status: FormStatus
    description: str | None = None
    description_beside: FhirBeside | None = Field(default=None, alias="_description")
    extension: tuple[FhirExtension, ...] = ()
    item: tuple[FhirItem, ...]


class FhirAnswer(FhirValue):
    item: tuple["FhirResponseItem", ...] = ()


class FhirResponseItem(FhirElement):
    link_id: str
    extension: tuple[FhirExtension, ...] = ()
    answer: tuple[FhirAnswer, ...] = ()
    item: tuple["FhirResponseItem", ...] = ()


class FhirQuestionnaireResponse(FhirElement):
    resource_type: Literal["QuestionnaireResponse"]
    questionnaire: str
    status: ResponseStatus
    authored: FhirDateTime | None = None
    item: tuple[FhirResponseItem, ...] = ()
