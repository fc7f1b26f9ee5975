"""What can be refused about answer texts.  None of these carries their words."""

from miss.base.errors import BadInput, Conflict, NotFound
from miss.base.text import Text

_FIELDS = {"title": Text(fr="le titre", en="the title"), "text": Text(fr="le texte", en="the text")}


class TemplateUnknown(NotFound):
    """No such text, or not one that this person may use or change."""

    code = "template_unknown"
    text = Text(
        fr="Ce modèle n’existe pas, ou il n’est pas à vous. Revenez à la liste de vos modèles.",
        en="This template does not exist, or is not yours. Go back to the list of your templates.",
    )


class TemplateIncomplete(BadInput):
    """Title or text is blank."""

    code = "template_incomplete"
    text = Text(fr="Complétez {what} du modèle, puis enregistrez.", en="Complete {what} of the template, then save.")

    def __init__(self, *, field: str) -> None:
        super().__init__(field=field, what=_FIELDS[field])


class TemplateTooLong(BadInput):
    """Title or text is longer than an answer takes."""

    code = "template_too_long"
    text = Text(
        fr="Raccourcissez {what} du modèle : {limit} caractères au plus.",
        en="Shorten {what} of the template: {limit} characters at most.",
    )

    def __init__(self, *, field: str, limit: int) -> None:
        super().__init__(field=field, limit=limit, what=_FIELDS[field])


class TooManyTemplates(Conflict):
    """The owner has as many as anybody can find their way in."""

    code = "template_too_many"
    text = Text(
        fr="Vous avez déjà {limit} modèles : supprimez-en un avant d’en créer un autre.",
        en="You have {limit} templates already: delete one before you create another.",
    )
