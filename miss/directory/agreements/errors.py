"""What agreements refuse."""

from miss.base.errors import BadInput, Conflict, NotFound
from miss.base.text import Text


class AgreementNotFound(NotFound):
    """There is no such text, or never was such a version of it."""

    code = "agreement_not_found"
    text = Text(
        fr="Ce texte, ou cette version, n’existe pas. Relisez l’adresse, ou lisez la version en vigueur.",
        en="There is no such text, or no such version. Check the address, or read the version in force.",
    )


class AgreementsNotAccepted(BadInput):
    """A text that has to be accepted was not."""

    code = "agreements_not_accepted"
    text = Text(
        fr="Pour continuer, acceptez la charte de bon usage et les conditions générales, après les avoir lues.",
        en="To go on, accept the charter of good use and the general conditions, after reading them.",
    )


class AgreementChanged(Conflict):
    """What was accepted is not the text in force any more: it changed while it was being read."""

    code = "agreement_changed"
    text = Text(
        fr="Un texte a changé pendant que vous le lisiez. Lisez la nouvelle version, puis acceptez-la.",
        en="A text changed while you were reading it. Read the new version, then accept it.",
    )
