"""What may be wrong with an answer, in sentences that a nurse understands and can act on.

A sentence names the item and what is expected; it never quotes the answer (`model.Problem`).
"""

from miss.base.text import Language, Text
from teleexpertise.questionnaire.model import Item, Problem

LABEL_MAX = 80
"""Characters of an item's label that a sentence quotes: red flags are long."""

_SENTENCES = {
    "required": Text(
        fr="« {label} » ({link_id}) : une réponse est obligatoire.", en="“{label}” ({link_id}): an answer is required."
    ),
    "too_few": Text(
        fr="« {label} » ({link_id}) : au moins {least} réponses sont attendues.",
        en="“{label}” ({link_id}): at least {least} answers are expected.",
    ),
    "too_many": Text(
        fr="« {label} » ({link_id}) : {most} réponse(s) au plus ; retirez ce qui est en trop.",
        en="“{label}” ({link_id}): {most} answer(s) at most; take away what is too many.",
    ),
    "wrong_type": Text(
        fr="« {label} » ({link_id}) : réponse non comprise. Attendu : {expected}.",
        en="“{label}” ({link_id}): answer not understood. Expected: {expected}.",
    ),
    "not_an_option": Text(
        fr="« {label} » ({link_id}) : ce choix n'est pas dans la liste. Choix possibles : {expected}.",
        en="“{label}” ({link_id}): this is not in the list. Possible choices: {expected}.",
    ),
    "exclusive": Text(
        fr="« {label} » ({link_id}) : « {option} » ne va avec aucune autre réponse ; gardez l'un ou les autres.",
        en="“{label}” ({link_id}): “{option}” goes with no other answer; keep the one or the others.",
    ),
    "too_long": Text(
        fr="« {label} » ({link_id}) : {most} caractères au plus ; raccourcissez le texte.",
        en="“{label}” ({link_id}): {most} characters at most; shorten the text.",
    ),
    "too_small": Text(
        fr="« {label} » ({link_id}) : la valeur est inférieure au minimum ({least}) ; vérifiez-la.",
        en="“{label}” ({link_id}): the value is under the minimum ({least}); check it.",
    ),
    "too_great": Text(
        fr="« {label} » ({link_id}) : la valeur dépasse le maximum ({most}) ; vérifiez-la.",
        en="“{label}” ({link_id}): the value is over the maximum ({most}); check it.",
    ),
    "in_future": Text(
        fr="« {label} » ({link_id}) : cette date est dans le futur ; vérifiez-la.",
        en="“{label}” ({link_id}): this date is in the future; check it.",
    ),
    "wrong_mime": Text(
        fr="« {label} » ({link_id}) : ce type de fichier n'est pas accepté. Formats acceptés : {expected}.",
        en="“{label}” ({link_id}): this kind of file is not accepted. Accepted formats: {expected}.",
    ),
    "too_large": Text(
        fr="« {label} » ({link_id}) : le fichier dépasse {most} Mo ; réduisez-le.",
        en="“{label}” ({link_id}): the file is over {most} MB; make it smaller.",
    ),
    "not_a_question": Text(
        fr="« {label} » ({link_id}) n'est pas une question : répondez aux questions qui suivent.",
        en="“{label}” ({link_id}) is not a question: answer the questions that follow it.",
    ),
    "unknown_item": Text(
        fr="Le formulaire n'a pas de question « {link_id} ».", en="The form has no question “{link_id}”."
    ),
    "other_form": Text(
        fr="Ces réponses sont celles d'un autre formulaire, ou d'une autre version ; reprenez le modèle à jour.",
        en="These answers belong to another form or version; start again from the current template.",
    ),
}

PROBLEM_CODES = frozenset(_SENTENCES)


def problem(item: Item, code: str, **params: Text | str | int) -> Problem:
    """The problem `code` with the answer to `item`; `params` fill its sentence."""
    sentence = _SENTENCES[code]
    french = _fill(sentence, Language.FR, item.label.fr, item.link_id, params)
    english = _fill(sentence, Language.EN, item.label.en or item.label.fr, item.link_id, params)
    return Problem(item.link_id, code, Text(french, english))


def problem_at(link_id: str, code: str) -> Problem:
    """A problem with no item of the form."""
    sentence = _SENTENCES[code]
    texts = (_fill(sentence, language, "", _shortened(link_id), {}) for language in Language)
    return Problem(link_id, code, Text(*texts))


def _fill(sentence: Text, language: Language, label: str, link_id: str, params: dict[str, Text | str | int]) -> str:
    """The sentence, with braces doubled: a `Text` is a template, and this one is already filled."""
    words = {name: value.in_(language) if isinstance(value, Text) else value for name, value in params.items()}
    filled = sentence.in_(language, label=_shortened(label), link_id=link_id, **words)
    return filled.replace("{", "{{").replace("}", "}}")


def _shortened(label: str) -> str:
    return label if len(label) <= LABEL_MAX else label[: LABEL_MAX - 1].rstrip() + "…"
