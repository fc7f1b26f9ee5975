"""Forms made of forms, so that each part stays a file of its own.

A specialty is published with the common part behind its alert; the answer form takes the questions of the request that
it answers as the options of its « items à compléter ».  What is assembled has a version that names the versions it came
from, so that a pinned `url|version` always means the same questions.  Source: teleexpertise.md §3.
"""

from dataclasses import replace

from miss.base.text import Text
from teleexpertise.questionnaire.model import AnswerOption, Coding, Item, Questionnaire


def assemble(specialty: Questionnaire, common: Questionnaire) -> Questionnaire:
    """The form that a requester fills: the alert of `specialty`, then `common`, then the rest of `specialty`.

    Its version reads `1.0.0+commun.1.0.0`.
    """
    alerts = tuple(item for item in specialty.items if item.alert)
    others = tuple(item for item in specialty.items if not item.alert)
    return replace(
        specialty,
        version=f"{specialty.version}+{_pinned(common)}",
        items=alerts + common.items + others,
        deadlines=specialty.deadlines + common.deadlines,
        blocks=specialty.blocks + common.blocks,
        derived_from=(specialty.canonical, common.canonical),
    )


def assemble_answer(answer_form: Questionnaire, request_form: Questionnaire) -> Questionnaire:
    """`answer_form` for a request made with `request_form`: the expert picks, by linkId, questions of that form.

    Its version reads `1.0.0+dermatologie.1.0.0.commun.1.0.0`.
    """
    options = tuple(
        AnswerOption(Coding(item.link_id, item.label.fr), item.label)
        for item in request_form.questions()
        if not item.hidden
    )
    return replace(
        answer_form,
        version=f"{answer_form.version}+{_pinned(request_form)}",
        title=_titled(answer_form.title, request_form.title),
        items=tuple(_with_options(item, options) for item in answer_form.items),
        derived_from=(answer_form.canonical, request_form.canonical),
    )


def _pinned(form: Questionnaire) -> str:
    """Identifier and version in the characters that semantic versioning allows after `+`."""
    return f"{form.id}.{form.version}".replace("+", ".")


def _titled(answer: Text, request: Text) -> Text:
    return Text(fr=f"{answer.fr} – {request.fr}", en=f"{answer.en} – {request.en}")


def _with_options(item: Item, options: tuple[AnswerOption, ...]) -> Item:
    return replace(
        item,
        options=options if item.options_from_request else item.options,
        items=tuple(_with_options(child, options) for child in item.items),
    )
