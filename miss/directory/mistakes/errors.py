"""What reports of mistakes refuse."""

from miss.base.errors import BadInput, Conflict, NotFound, TooMany
from miss.base.text import Text


class MistakeWordsRefused(BadInput):
    """A report that says nothing, or too much."""

    code = "mistake_words_refused"
    text = Text(
        fr="Dites en quelques mots ce qui est inexact ({max} caractères au plus), sans rien dire d’un patient.",
        en="Say in a few words what is wrong (at most {max} characters), and nothing of a patient.",
    )


class TooManyMistakes(TooMany):
    """Somebody reports one entry after the other."""

    code = "mistakes_too_many"
    text = Text(
        fr="Vous avez déjà envoyé plusieurs signalements. Réessayez dans {minutes} min, ou écrivez à l’assistance.",
        en="You have sent several reports already. Try again in {minutes} min, or write to support.",
    )


class MistakeNotFound(NotFound):
    """No report has that identifier."""

    code = "mistake_not_found"
    text = Text(
        fr="Ce signalement n’existe pas. Revenez à la liste.",
        en="This report does not exist. Go back to the list.",
    )


class MistakeAlreadyClosed(Conflict):
    """Another technician was faster."""

    code = "mistake_already_closed"
    text = Text(
        fr="Ce signalement a déjà été traité. Revenez à la liste.",
        en="This report was dealt with already. Go back to the list.",
    )
