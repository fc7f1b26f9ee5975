"""A form and a response as plain text, for mail software and for the HPRIM body.

`mail_template` is what a requester pastes and fills in; `labelled_text` is a response in the same spirit.  Both are
read back by `parse_text`: whatever is answered in words and written here is found there, unchanged.
"""

import textwrap
from collections.abc import Iterator
from datetime import tzinfo

from miss.base.text import Language, Text
from teleexpertise.questionnaire.enable import all_hold
from teleexpertise.questionnaire.model import (
    CHOICES,
    Condition,
    EnableBehavior,
    Item,
    ItemType,
    Operator,
    Questionnaire,
    QuestionnaireResponse,
)
from teleexpertise.questionnaire.values import PARIS, SEPARATOR, show

WIDTH = 72
"""Columns of a template: mail software adds `> ` and wraps at 78."""
SUMMARY_MAX = 160
"""Characters of a summary."""
CONTINUED = "    "
"""Opens the second and later lines of an answer."""

_INTRODUCTION = (
    Text(
        fr="Répondez après les deux-points ; laissez vide ce qui est sans objet.",
        en="Answer after the colons; leave blank what does not apply.",
    ),
    Text(fr="* : réponse obligatoire.", en="*: an answer is required."),
    Text(
        fr="Plusieurs choix possibles : séparez-les par un point-virgule.",
        en="Several choices: put a semicolon between them.",
    ),
)
_END = Text(fr="Fin du formulaire", en="End of the form")
_FORM = Text(fr="Formulaire", en="Form")
_YES_NO = Text(fr="oui/non", en="yes/no")
_FILE = Text(fr="nom du fichier joint", en="name of the file attached")
_SEVERAL = Text(fr="plusieurs choix", en="several choices")
_LENGTH = Text(fr="{most} caractères au plus", en="{most} characters at most")
_DATE = Text(fr="JJ/MM/AAAA", en="DD/MM/YYYY")
_DATE_TIME = Text(fr="JJ/MM/AAAA HH:MM", en="DD/MM/YYYY HH:MM")
_ONLY_IF = Text(fr="Seulement si {conditions}", en="Only if {conditions}")
_AND, _OR = Text(fr=" et ", en=" and "), Text(fr=" ou ", en=" or ")
_ALERT = Text(fr="ALERTE", en="ALERT")
_OTHER = Text(fr="Autres réponses", en="Other answers")
_QUESTION_CODES = Text(fr="codes des questions, par exemple {example}", en="codes of questions, such as {example}")


def mail_template(form: Questionnaire, language: Language = Language.FR) -> str:
    """The form to paste in any mail software: `#` lines explain, the others end in a colon and wait for an answer."""
    lines = [f"# {form.title.in_(language)}", f"{_FORM.in_(language)} : {form.id} {form.version}"]
    for sentence in _INTRODUCTION:
        lines += _commented(sentence.in_(language))
    for item in form.items:
        lines += _template_lines(form, item, language)
    return "\n".join([*lines, "", f"# {_END.in_(language)}", ""])


def response_text(
    form: Questionnaire, response: QuestionnaireResponse, language: Language = Language.FR, zone: tzinfo = PARIS
) -> list[tuple[str, list[str]]]:
    """The answers under the headings of the form, `label : answer` a line; what is not answered is left out.

    The later lines of a long answer begin with four spaces.  Lines are not wrapped.
    """
    sections = []
    for item in form.items:
        heading = item.label.in_(language) if item.type is ItemType.GROUP else ""
        lines = [line for one in item.walk() for line in _answer_lines(one, response, language, zone)]
        if lines:
            sections.append((heading, lines))
    known = {item.link_id for item in form.walk() if item.is_question}
    strangers = [Item(name, ItemType.TEXT, Text(name, name)) for name in response.answers if name not in known]
    if strangers:
        lines = [line for one in strangers for line in _answer_lines(one, response, language, zone)]
        sections.append((_OTHER.in_(language), lines))
    return sections


def labelled_text(
    form: Questionnaire, response: QuestionnaireResponse, language: Language = Language.FR, zone: tzinfo = PARIS
) -> str:
    """`response_text` as one text, its headings on `#` lines, that `parse_labelled_answers` reads back."""
    lines = [f"{_FORM.in_(language)} : {form.id} {form.version}"]
    for heading, answered in response_text(form, response, language, zone):
        lines += ["", *([f"# {heading}"] if heading else []), *answered]
    return "\n".join([*lines, ""])


def summary(form: Questionnaire, response: QuestionnaireResponse, language: Language = Language.FR) -> str:
    """One line for lists: the title, whether a red flag is up, then the answers that the form marks `inSummary`.

    It holds health data: for people who may read the request, not for subjects of mails or logs.
    """
    parts = [form.title.in_(language)]
    if any(_is_alert(form, condition.question) for condition in _forced(form, response)):
        parts.append(_ALERT.in_(language))
    told = (item for item in form.questions() if item.in_summary and response.all(item.link_id))
    parts += (", ".join(show(item, value, language) for value in response.all(item.link_id)) for item in told)
    line = " ".join(SEPARATOR.join(parts).split())
    return line if len(line) <= SUMMARY_MAX else line[: SUMMARY_MAX - 1].rstrip() + "…"


def instructions(form: Questionnaire) -> Iterator[str]:
    """The `#` lines that `mail_template` and `labelled_text` may write, in either language: never answers."""
    for language in Language:
        yield from (line for line in mail_template(form, language).split("\n") if line.startswith("#"))
        yield from (f"# {item.label.in_(language)}" for item in form.items if item.type is ItemType.GROUP)
        yield f"# {_OTHER.in_(language)}"


def _forced(form: Questionnaire, response: QuestionnaireResponse) -> Iterator[Condition]:
    """The conditions of the deadlines that this response forces."""
    for deadline in form.deadlines:
        if all_hold(deadline.conditions, response.answers):
            yield from deadline.conditions


def _is_alert(form: Questionnaire, link_id: str) -> bool:
    return any(item.link_id == link_id for group in form.items if group.alert for item in group.walk())


def _answer_lines(item: Item, response: QuestionnaireResponse, language: Language, zone: tzinfo) -> list[str]:
    values = response.all(item.link_id)
    shown = [show(item, value, language, zone) for value in values]
    if shown and (item.type in CHOICES or item.type is ItemType.ATTACHMENT):
        shown = [SEPARATOR.join(shown)]
    label = item.label.in_(language)
    return [line for words in shown for line in f"{label} : {words}".replace("\n", f"\n{CONTINUED}").split("\n")]


def _template_lines(form: Questionnaire, item: Item, language: Language) -> list[str]:
    if item.hidden or item.type is ItemType.DISPLAY:
        return []
    if item.type is ItemType.GROUP:
        lines = ["", f"# {item.label.in_(language).upper()}"]
        lines += _commented(item.help.in_(language)) if item.help else []
        return lines + [line for child in item.items for line in _template_lines(form, child, language)]
    label = item.label.in_(language)
    mark = " *" if item.required else ""
    hint = _hint(item, language)
    line = f"{item.link_id} {label}{mark}{hint} : "
    about = _options_line(item, language)
    if ":" in label or len(line) > WIDTH or about:
        about = f"{label} : {about}" if about else label
        line = f"{item.link_id}{mark}{hint} : "
    condition = _condition_line(form, item, language)
    return [*(_commented(about) if about else []), *(_commented(condition) if condition else []), line]


def _hint(item: Item, language: Language) -> str:
    hints = {
        ItemType.BOOLEAN: _YES_NO,
        ItemType.ATTACHMENT: _FILE,
        ItemType.DATE: _DATE,
        ItemType.DATE_TIME: _DATE_TIME,
    }
    if item.type is ItemType.TEXT and item.max_length is not None:
        return f" ({_LENGTH.in_(language, most=item.max_length)})"
    hint = _SEVERAL if item.type in CHOICES and item.repeats else hints.get(item.type)
    return f" ({hint.in_(language)})" if hint else ""


def _options_line(item: Item, language: Language) -> str:
    if item.options_from_request:
        example = item.options[-1].value.code if item.options else "c.question"
        return _QUESTION_CODES.in_(language, example=example)
    return SEPARATOR.join(option.label.in_(language) for option in item.options)


def _condition_line(form: Questionnaire, item: Item, language: Language) -> str:
    """When an item applies, in words, where it hangs on what others are equal to."""
    values: dict[str, list[str]] = {}
    for condition in item.enable_when:
        if condition.operator is not Operator.EQUAL:
            return ""
        shown = show(form.item(condition.question), condition.answer, language)
        values.setdefault(condition.question, []).append(shown)
    if not values:
        return ""
    joint = (_OR if item.enable_behavior is EnableBehavior.ANY else _AND).in_(language)
    told = (f"{question} = {joint.join(shown)}" for question, shown in values.items())
    return _ONLY_IF.in_(language, conditions=joint.join(told))


def _commented(words: str) -> list[str]:
    return textwrap.wrap(
        words, WIDTH, initial_indent="# ", subsequent_indent="#   ", break_long_words=False, break_on_hyphens=False
    )
