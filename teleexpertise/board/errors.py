"""What the boards may refuse."""

from miss.base.errors import NotFound, TooMany
from miss.base.text import Text


class BoardUnknown(NotFound):
    """No such pool, or not this reader's to coordinate: the two look alike."""

    code = "board_unknown"
    text = Text(
        fr="Vous ne coordonnez aucun groupe d’experts sous cette adresse. Revenez à la coordination.",
        en="You coordinate no pool of experts at this address. Go back to coordination.",
    )


class TooManyListeners(TooMany):
    """This process tells as many people as it can, or this person listens from too many places."""

    code = "too_many_listeners"
    text = Text(
        fr="Trop de pages suivent les demandes en direct. Fermez-en, ou rechargez celle-ci de temps en temps.",
        en="Too many pages follow requests live. Close some, or reload this one now and then.",
    )
