"""What can be refused about forms and responses.  None of these carries an answer."""

from typing import NamedTuple

from miss.base.errors import BadInput, MissError, NotFound
from miss.base.text import Text


class Fault(NamedTuple):
    """One thing wrong in a JSON document or a form: where, its code, a sentence (English).

    `path` reads `item[2].answerOption[0]` in JSON, and linkIds in a form (`d.g.lesion/d.type`).
    """

    path: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or 'form'}: {self.message} [{self.code}]"


class _Faulty(MissError):
    """An error that lists every fault found."""

    def __init__(self, faults: tuple[Fault, ...], **params: object) -> None:
        self.faults = faults
        super().__init__(faults="; ".join(map(str, faults)), **params)


class FormUnreadable(_Faulty, BadInput):
    """The JSON is not a Questionnaire of our subset."""

    code = "form_unreadable"
    text = Text(
        fr="Ce formulaire n'est pas lisible. À corriger : {faults}.",
        en="This form cannot be read. To be corrected: {faults}.",
    )


class ResponseUnreadable(_Faulty, BadInput):
    """The JSON is not a QuestionnaireResponse."""

    code = "response_unreadable"
    text = Text(
        fr="La réponse au formulaire jointe n'est pas lisible. Corrigez le fichier ou répondez dans le texte du "
        "message : {faults}.",
        en="The form response attached cannot be read. Correct the file, or answer in the text of the message: "
        "{faults}.",
    )


class FormsFaulty(_Faulty):
    """The server does not start with forms that have faults."""

    code = "forms_faulty"
    text = Text(
        fr="Des formulaires ont des défauts ; lancez « miss forms lint », corrigez-les puis relancez : {faults}.",
        en="Some forms have faults; run “miss forms lint”, correct them and start again: {faults}.",
    )


class UnknownForm(NotFound):
    """No such form, or not in that version."""

    code = "form_unknown"
    text = Text(
        fr="Le formulaire « {form} » n'existe pas ici, ou pas dans cette version. Téléchargez le modèle à jour.",
        en="The form “{form}” does not exist here, or not in that version. Download the current template.",
    )


class UnknownItem(NotFound):
    """The form has no item with that linkId."""

    code = "form_item_unknown"
    text = Text(
        fr="Le formulaire « {form} » n'a pas de question « {link_id} ».",
        en="The form “{form}” has no question “{link_id}”.",
    )
