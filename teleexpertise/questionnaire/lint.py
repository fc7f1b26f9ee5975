"""Every fault of a form, named with its path, before anybody fills it in.

fhir.resources accepts wrong types, duplicate linkIds and conditions on questions that do not exist, so these rules are
ours (teleexpertise.md §3).  `que-n` are the invariants of FHIR R4 Questionnaire.  Faults of JSON and unknown item
types are named by `parse`; `lint_json` gathers both.  What the rules say about conditions stands in `lint_conditions`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from miss.base.text import Text
from teleexpertise.questionnaire.errors import Fault, FormUnreadable
from teleexpertise.questionnaire.fold import fold
from teleexpertise.questionnaire.lint_conditions import answer_fits, condition_faults, cycle_faults
from teleexpertise.questionnaire.model import (
    CHOICES,
    FREE_TEXTS,
    Block,
    Deadline,
    FormStatus,
    Item,
    ItemType,
    Questionnaire,
)
from teleexpertise.questionnaire.parse import Json, parse_questionnaire

CONTROLS = frozenset({"help", "check-box", "radio-button", "drop-down", "text-box"})
"""Of the SDC item controls, those that our pages draw."""
LONGEST_SCALE = 11
"""Numbers that are chosen by one tap: 0 to 10."""
PHOTO_GUIDES = frozenset({"wide", "close", "dermoscope", "face", "eye", "retina", "ecg"})
"""Overlays that the camera page knows."""

_LINK_ID = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9]+)*", re.ASCII)
_VERSION = re.compile(r"\d+\.\d+\.\d+(\+[a-z0-9.-]+)?", re.ASCII)
_ID = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_NUMBERS = frozenset({ItemType.INTEGER, ItemType.DECIMAL, ItemType.QUANTITY})
_DATES = frozenset({ItemType.DATE, ItemType.DATE_TIME})

Found = Iterator[tuple[str, str]]
"""(code, message) of faults at one place."""


def lint_json(data: Json) -> tuple[Fault, ...]:
    """Every fault of the form written in `data`, those of the JSON first."""
    try:
        return lint(parse_questionnaire(data))
    except FormUnreadable as error:
        return error.faults


def lint(form: Questionnaire) -> tuple[Fault, ...]:
    """Every fault of `form`; empty if it is fit for use."""
    faults = [Fault("", code, message) for code, message in _form_faults(form)]
    for item, path, is_under_question in _paths(form):
        faults += (Fault(path, *fault) for fault in _item_faults(item, is_under_question))
        for condition in item.enable_when:
            faults += (Fault(path, code, message) for code, message in condition_faults(form, condition, item))
    rules: tuple[Deadline | Block, ...] = (*form.deadlines, *form.blocks)
    for condition in (one for rule in rules for one in rule.conditions):
        faults += (Fault("", code, message) for code, message in condition_faults(form, condition, None))
    return (*faults, *cycle_faults(form))


def _paths(form: Questionnaire) -> Iterator[tuple[Item, str, bool]]:
    """Every item with its path (`d.g.lesion/d.type`) and whether a question contains it."""

    def under(items: tuple[Item, ...], path: str, is_under_question: bool) -> Iterator[tuple[Item, str, bool]]:
        for item in items:
            here = f"{path}/{item.link_id}".lstrip("/")
            yield item, here, is_under_question
            yield from under(item.items, here, item.is_question)

    return under(form.items, "", False)


def _form_faults(form: Questionnaire) -> Found:
    if not _ID.fullmatch(form.id) or not form.url.endswith(f"/{form.id}"):
        yield "form_id", "the id is lower-case words, and the url ends in it"
    if not _VERSION.fullmatch(form.version):
        yield "form_version", "the version reads 1.0.0"
    if form.status is FormStatus.ACTIVE and not form.approved:
        yield "not_approved", "an active form names the clinician who approved it"
    texts = [("title", form.title), *([("description", form.description)] if form.description else [])]
    texts += [("deadline reason", deadline.reason) for deadline in form.deadlines]
    texts += [("block message", block.message) for block in form.blocks]
    for where, text in texts:
        yield from _text_faults(text, where)
    for link_id, count in Counter(item.link_id for item in form.walk()).items():
        if count > 1:
            yield "duplicate_link_id", f"{link_id} stands {count} times (que-2)"
    labels = Counter(fold(item.label.fr) for item in form.questions() if item.label.fr)
    for item in form.questions():
        if labels[fold(item.label.fr)] > 1:
            yield (
                "duplicate_label",
                f"{item.link_id} has the label of another question: mails could not tell them apart",
            )
    alerts = [item for item in form.walk() if item.alert]
    if len(alerts) > 1 or (alerts and form.items[0] is not alerts[0]):
        yield "alert_place", "there is one group of red flags at most, and it opens the form"


def _item_faults(item: Item, is_under_question: bool) -> Found:
    if not _LINK_ID.fullmatch(item.link_id):
        yield "link_id", "a linkId is lower-case letters and digits, with dots between"
    yield from _text_faults(item.label, "label")
    if item.entry_format is not None:
        yield from _text_faults(item.entry_format, "entryFormat")
    if is_under_question and item.type is not ItemType.DISPLAY:
        yield "nested_question", "under a question there is help (display) only"
    if item.control and item.control not in CONTROLS:
        yield "unknown_control", f"no page draws the control {item.control}"
    if item.type is ItemType.GROUP:
        yield from _group_faults(item)
    elif item.type is ItemType.DISPLAY:
        if item.required or item.repeats or item.read_only or item.items or item.initial:
            yield "display_flag", "a display takes no answer and holds nothing (que-1, que-6, que-9)"
    else:
        yield from _question_faults(item)
    if len(item.enable_when) > 1 and item.enable_behavior is None:
        yield "enable_behavior_missing", "several conditions need enableBehavior (que-12)"


def _group_faults(item: Item) -> Found:
    if not item.items:
        yield "empty_group", "a group holds items (que-1)"
    if item.repeats:
        yield "repeating_group", "a group does not repeat here: answers are kept by linkId"
    if item.initial:
        yield "initial_misplaced", "a group has no initial value (que-8)"


def _question_faults(item: Item) -> Found:
    yield from _option_faults(item)
    yield from _limit_faults(item)
    yield from _attachment_faults(item)
    if item.type is ItemType.INTEGER and item.control == "radio-button" and not 2 <= len(item.scale) <= LONGEST_SCALE:
        yield "scale_bounds", f"a scale to tap on has minValue and maxValue, and {LONGEST_SCALE} numbers at most"
    if item.alert:
        yield "alert_not_group", "the mark `alert` goes on the group of red flags"
    if item.hidden and item.required and not item.initial:
        yield "hidden_required", "nobody can answer a required question that is hidden"
    if len(item.initial) > 1 and not item.repeats:
        yield "initial_many", "only a repeating question has several initial values (que-13)"
    if not all(answer_fits(item, value) for value in item.initial):
        yield "initial_type", "an initial value is not an answer to this question"


def _option_faults(item: Item) -> Found:
    if item.type not in CHOICES:
        if item.options or item.options_from_request:
            yield "options_misplaced", "only choice and open-choice have options (que-5)"
        return
    if item.options_from_request:
        return
    if not item.options:
        yield "options_missing", "a choice lists its options"
    if item.options and all(option.exclusive for option in item.options):
        yield "exclusive_all", "exclusive options need others to exclude"
    if not item.repeats and any(option.exclusive for option in item.options):
        yield "exclusive_single", "where one option is chosen, all are exclusive already"
    names: dict[str, str] = {}
    for option in item.options:
        yield from _text_faults(option.label, f"option {option.value.code}")
        if not option.value.code:
            yield "option_code", "an option has a code"
        if any(separator in option.label.fr + option.label.en for separator in "·;"):
            yield "option_separator", f"the label of {option.value.code} holds `·` or `;`, which stand between answers"
        for name in {fold(name) for name in (option.value.code, option.label.fr, option.label.en) if name}:
            if names.setdefault(name, option.value.code) != option.value.code:
                yield "option_ambiguous", f"{option.value.code} and {names[name]} go by the same words"
    for code, count in Counter(option.value.code for option in item.options).items():
        if count > 1:
            yield "duplicate_option", f"{code} stands {count} times"


def _limit_faults(item: Item) -> Found:
    if item.max_length is not None and (item.type not in FREE_TEXTS | {ItemType.OPEN_CHOICE} or item.max_length < 1):
        yield "max_length", "maxLength is above 0, on a text (que-10)"
    for bound in (item.min_value, item.max_value):
        if bound is not None and not _bound_fits(item.type, bound):
            yield "bound_type", "minValue and maxValue have the type of the question"
    match item.min_value, item.max_value:
        case (Decimal() as least, Decimal() as most) if least > most:
            yield "bound_order", "minValue is above maxValue"
        case (date() as first, date() as last) if type(first) is type(last) and first > last:
            yield "bound_order", "minValue is after maxValue"
    if item.not_in_future and item.type not in _DATES:
        yield "not_in_future", "only a date can be in the future"
    if item.unit is not None and item.type not in _NUMBERS:
        yield "unit_misplaced", "only a number has a unit"
    if (item.min_occurs is not None or item.max_occurs is not None) and not item.repeats:
        yield "occurs_single", "minOccurs and maxOccurs need `repeats`"
    if (item.min_occurs or 0) < 0 or (item.max_occurs is not None and item.max_occurs < max(1, item.min_occurs or 0)):
        yield "occurs_order", "minOccurs is 0 or more, maxOccurs at least 1 and at least minOccurs"


def _bound_fits(item_type: ItemType, bound: Decimal | date) -> bool:
    match bound:
        case datetime():
            return item_type is ItemType.DATE_TIME
        case date():
            return item_type is ItemType.DATE
    whole = bound == bound.to_integral_value()
    return item_type in _NUMBERS and (item_type is not ItemType.INTEGER or whole)


def _attachment_faults(item: Item) -> Found:
    if item.type is not ItemType.ATTACHMENT:
        if item.mime_types or item.max_size_bytes is not None or item.photo_guide:
            yield "attachment_only", "mimeType, maxSize and photoGuide go on an attachment"
        return
    if not item.mime_types:
        yield "mime_missing", "an attachment says which types it takes (mimeType)"
    if item.max_size_bytes is None or item.max_size_bytes < 1:
        yield "max_size_missing", "an attachment says how large it may be (maxSize, MB)"
    if item.photo_guide and item.photo_guide not in PHOTO_GUIDES:
        yield "unknown_photo_guide", f"the camera page has no overlay {item.photo_guide}"


def _text_faults(text: Text, where: str) -> Found:
    if not text.fr.strip():
        yield "missing_label", f"the {where} has no French text"
    elif not text.en.strip():
        yield "missing_english", f"the {where} has no English translation"
    if "{" in text.fr + text.en or "}" in text.fr + text.en:
        yield "braces", f"the {where} holds a brace, which our sentences take for a placeholder"
