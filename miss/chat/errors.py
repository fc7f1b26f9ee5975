"""What the chat's own doors refuse: requests that are not what they should be."""

from miss.base.errors import BadInput, TooLarge
from miss.base.text import Text


class BadRequest(BadInput):
    """Not MessagePack, or not the fields that were asked for."""

    code = "bad_request"
    text = Text(
        fr="La demande du logiciel est illisible. Mettez MiSS à jour, puis recommencez.",
        en="The program's request cannot be read. Update MiSS, then try again.",
    )


class BodyTooLarge(TooLarge):
    """A request body over its cap."""

    code = "body_too_large"
    text = Text(
        fr="L'envoi dépasse la taille admise ({max_bytes} octets).",
        en="What was sent is over the size allowed ({max_bytes} bytes).",
    )


class SearchTooShort(BadInput):
    """Two letters would list half the register."""

    code = "search_too_short"
    text = Text(
        fr="Tapez au moins {min} caractères.",
        en="Type at least {min} characters.",
    )
