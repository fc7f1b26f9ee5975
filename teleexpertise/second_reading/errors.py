"""What may be refused about second readings."""

from miss.base.errors import BadInput, Conflict, NotFound
from miss.base.text import Text


class SecondReadingUnknown(NotFound):
    """No such reading, or not for this person: the two are not told apart."""

    code = "second_reading_unknown"
    text = Text(
        fr="Cette seconde lecture n’existe pas, ou elle ne vous est pas confiée.",
        en="This second reading does not exist, or is not yours.",
    )


class SecondReadingOver(Conflict):
    """It was given, passed on, or is not needed any more."""

    code = "second_reading_over"
    text = Text(
        fr="Cette seconde lecture n’est plus attendue de vous : elle a été rendue, passée à un confrère ou close.",
        en="This second reading is not expected of you any more: it was given, passed on or closed.",
    )


class SecondReadingUnderWay(Conflict):
    """One reading of a request at a time."""

    code = "second_reading_under_way"
    text = Text(
        fr="Une seconde lecture de la demande {number} est déjà demandée : attendez-la.",
        en="A second reading of request {number} has been asked for already: wait for it.",
    )


class NoSecondReader(Conflict):
    """Nobody else of the pool can read it now."""

    code = "second_reading_nobody"
    text = Text(
        fr="Aucun autre expert du groupe n’est disponible pour une seconde lecture de la demande {number}.",
        en="No other expert of the pool is available for a second reading of request {number}.",
    )


class WordsMissing(BadInput):
    """A question or an opinion without a word, or with too many."""

    code = "second_reading_words"
    text = Text(
        fr="Écrivez votre texte, en {limit} caractères au plus.",
        en="Write your text, in {limit} characters at most.",
    )
