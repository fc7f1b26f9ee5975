"""Any Questionnaire as a page: what each field shows, holds and complains of.

Values for templates (`_form.html`), nothing of HTML.  Closed items are shown too, with their condition in words, so
that the page works without script; `form.js` hides them, and the check strips their answers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from miss.base.text import Language, Text
from teleexpertise.attachments.service import RefusedFile
from teleexpertise.intake.identity_notes import Note
from teleexpertise.questionnaire.model import (
    CHOICES,
    Answers,
    AnswerValue,
    AttachmentRef,
    Coding,
    Condition,
    EnableBehavior,
    Item,
    ItemType,
    Operator,
    Problem,
    Quantity,
    Questionnaire,
)
from teleexpertise.questionnaire.values import PARIS, show

_INPUTS: Mapping[ItemType, str] = {
    ItemType.GROUP: "group",
    ItemType.DISPLAY: "display",
    ItemType.BOOLEAN: "radio",
    ItemType.STRING: "text",
    ItemType.TEXT: "textarea",
    ItemType.INTEGER: "number",
    ItemType.DECIMAL: "decimal",
    ItemType.DATE: "date",
    ItemType.DATE_TIME: "datetime-local",
    ItemType.QUANTITY: "text",
    ItemType.ATTACHMENT: "file",
}
_YES, _NO = Text(fr="Oui", en="Yes"), Text(fr="Non", en="No")
_ONLY_IF = Text(fr="Seulement si : {conditions}", en="Only if: {conditions}")
_SEVERAL_FILES = Text(fr="{least} à {most} fichiers", en="{least} to {most} files")
_ONE_FILE = Text(fr="Un seul fichier", en="One file only")
_ANY_FILES = Text(fr="{most} fichiers au plus", en="At most {most} files")
HEIC = ("image/heic", "image/heif")
"""Taken wherever a photograph is: a telephone's own format becomes a JPEG on its way."""
_AND, _OR = Text(fr=" et ", en=" and "), Text(fr=" ou ", en=" or ")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option."""

    value: str
    label: str
    is_chosen: bool
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One item, ready to be shown."""

    id: str
    """Of the field's first control, and the target of links in the error summary."""
    name: str
    kind: str
    """`group`, `display`, `radio`, `checkbox`, `select`, `text`, `textarea`, `number`, `decimal`, `date`,
    `datetime-local` or `file`."""
    label: str
    help: str = ""
    condition: str = ""
    """When the item applies, in words."""
    enable_when: str = ""
    """The same as JSON for `form.js`; empty: always."""
    required: bool = False
    repeats: bool = False
    is_alert: bool = False
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    files: tuple[AttachmentRef, ...] = ()
    """Files given before, which may be taken away."""
    unit: str = ""
    max_length: int | None = None
    accept: str = ""
    opens_camera: bool = False
    guide: str = ""
    """Which overlay the camera shows: `wide`, `close`, `dermoscope`, `face`, `eye`, `retina` or `ecg`."""
    at_most: int | None = None
    """How many files it takes; None for no limit."""
    limits: str = ""
    """The same in words, and in which formats."""
    calls_15: bool = False
    """A line under the red flags that says to call the emergency service: it comes with its telephone link."""
    note: Note | None = None
    """A remark on the patient's identity."""
    errors: tuple[str, ...] = ()
    fields: tuple["FieldView", ...] = ()

    @property
    def described_by(self) -> str:
        """The ids of help and errors, for `aria-describedby`."""
        parts = [
            ("help", self.help),
            ("limits", self.limits),
            ("condition", self.condition),
            ("note", self.note),
            ("error", self.errors),
        ]
        return " ".join(f"{self.id}-{part}" for part, present in parts if present)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of the error summary."""

    text: str
    target: str
    """The id of the field; empty: the form as a whole."""


def compose_fields(
    form: Questionnaire,
    answers: Answers,
    *,
    language: Language,
    problems: Sequence[Problem] = (),
    raw: Mapping[str, Sequence[str]] | None = None,
    notes: Sequence[Note] = (),
    zone: tzinfo = PARIS,
) -> tuple[FieldView, ...]:
    """The fields of `form`.  `raw`: what was typed, shown again as it was where it could not be understood; `zone`: of
    the times shown."""
    composer = _Composer(form, answers, language, problems, raw or {}, notes, zone)
    return tuple(composer.field(item) for item in form.items if not item.hidden)


def complaints(problems: Sequence[Problem], language: Language) -> list[Complaint]:
    """The error summary."""
    return [Complaint(problem.text.in_(language), field_id(problem.link_id)) for problem in problems]


def refused_complaints(refused: Sequence[RefusedFile], language: Language) -> list[Complaint]:
    """Files that were not taken, as lines of the error summary."""
    return [Complaint(f"« {file.name} » : {file.error.sentence(language)}", field_id(file.link_id)) for file in refused]


def field_id(link_id: str) -> str:
    """`d.photo.large` is at `f-d-photo-large`; empty for a problem with the whole form."""
    return f"f-{link_id.replace('.', '-')}" if link_id else ""


class _Composer:
    def __init__(
        self,
        form: Questionnaire,
        answers: Answers,
        language: Language,
        problems: Sequence[Problem],
        raw: Mapping[str, Sequence[str]],
        notes: Sequence[Note],
        zone: tzinfo,
    ) -> None:
        self._form = form
        self._answers = answers
        self._language = language
        self._raw = raw
        self._notes = {note.link_id: note for note in notes}
        self._zone = zone
        self._alerts = {item.link_id for group in form.items if group.alert for item in group.walk()}
        self._errors: dict[str, list[str]] = {}
        for problem in problems:
            self._errors.setdefault(problem.link_id, []).append(problem.text.in_(language))

    def field(self, item: Item) -> FieldView:
        children = [child for child in item.items if not child.hidden and child.control != "help"]
        return FieldView(
            id=field_id(item.link_id),
            name=item.link_id,
            kind=self._kind(item),
            label=item.label.in_(self._language) or item.label.fr,
            help=item.help.in_(self._language) if item.help else "",
            condition=self._condition(item),
            enable_when=_enable_when(item),
            required=item.required,
            repeats=item.repeats,
            is_alert=item.alert,
            values=self._values(item),
            choices=self._choices(item),
            files=tuple(value for value in self._answers.get(item.link_id, ()) if isinstance(value, AttachmentRef)),
            unit=item.unit.display if item.unit and item.unit.display not in item.label.fr else "",
            max_length=item.max_length,
            accept=",".join(_accepted(item)),
            opens_camera=bool(item.photo_guide),
            guide=item.photo_guide,
            at_most=item.at_most,
            limits=self._limits(item),
            calls_15=item.type is ItemType.DISPLAY and item.link_id in self._alerts,
            note=self._notes.get(item.link_id),
            errors=tuple(self._errors.get(item.link_id, ())),
            fields=tuple(self.field(child) for child in children),
        )

    @staticmethod
    def _kind(item: Item) -> str:
        if item.type in CHOICES:
            if item.type is ItemType.OPEN_CHOICE:
                return "text"
            return "checkbox" if item.repeats else "radio"
        return "radio" if item.scale else _INPUTS[item.type]

    def _values(self, item: Item) -> tuple[str, ...]:
        if item.link_id in self._raw and item.type is not ItemType.ATTACHMENT:
            return tuple(self._raw[item.link_id])
        return tuple(_as_value(value, self._zone) for value in self._answers.get(item.link_id, ()))

    def _limits(self, item: Item) -> str:
        """How many files and of which kind, before anybody chooses them."""
        if item.type is not ItemType.ATTACHMENT:
            return ""
        least, most = max(int(item.required), item.min_occurs or 0), item.at_most
        if most == 1:
            count = _ONE_FILE.in_(self._language)
        elif most is None:
            count = ""
        else:
            count = (_SEVERAL_FILES if least else _ANY_FILES).in_(self._language, least=least, most=most)
        kinds = ", ".join(dict.fromkeys(mime.rpartition("/")[2].upper() for mime in _accepted(item) if mime != HEIC[1]))
        return " · ".join(part for part in (count, kinds) if part)

    def _choices(self, item: Item) -> tuple[Choice, ...]:
        chosen = self._values(item)
        if item.type is ItemType.BOOLEAN:
            pairs = (("true", _YES), ("false", _NO))
            return tuple(Choice(value, label.in_(self._language), value in chosen) for value, label in pairs)
        if item.scale:
            return tuple(Choice(str(number), str(number), str(number) in chosen) for number in item.scale)
        return tuple(
            Choice(
                option.value.code,
                option.label.in_(self._language) or option.label.fr,
                option.value.code in chosen,
                option.exclusive,
            )
            for option in item.options
        )

    def _condition(self, item: Item) -> str:
        """In words, where the item hangs on what others are equal to, as all those of our forms do."""
        told = [self._told(condition) for condition in item.enable_when if condition.operator is Operator.EQUAL]
        if not told:
            return ""
        joint = _OR if item.enable_behavior is EnableBehavior.ANY else _AND
        return _ONLY_IF.in_(self._language, conditions=joint.in_(self._language).join(told))

    def _told(self, condition: Condition) -> str:
        question = self._form.item(condition.question)
        label = question.label.in_(self._language) or question.label.fr
        answer = show(question, condition.answer, self._language)
        return f"{label if len(label) <= 60 else label[:59].rstrip() + '…'} = {answer}"


def _accepted(item: Item) -> tuple[str, ...]:
    """What the file chooser offers: a HEIC where a JPEG is taken."""
    pictures = "image/jpeg" in item.mime_types
    return (*item.mime_types, *(HEIC if pictures else ()))


def _as_value(value: AnswerValue, zone: tzinfo = PARIS) -> str:
    """As a control of the page holds it."""
    match value:
        case bool():
            return "true" if value else "false"
        case Coding():
            return value.code
        case datetime():
            return value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
        case Quantity():
            return f"{value.value} {value.unit}".strip()
        case AttachmentRef():
            return value.ref
        case _:
            return str(value)


def condition_value(condition: Condition) -> str:
    """What the script compares with what the controls hold."""
    return _as_value(condition.answer)


def _enable_when(item: Item) -> str:
    if not item.enable_when:
        return ""
    conditions = [
        {"question": one.question, "operator": one.operator.value, "answer": condition_value(one)}
        for one in item.enable_when
    ]
    return json.dumps({"any": item.enable_behavior is EnableBehavior.ANY, "conditions": conditions})
