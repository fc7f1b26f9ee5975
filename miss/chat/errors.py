"""What the chat's own doors refuse: requests that are not what they should be."""

from miss.base.errors import BadInput, TooLarge, TooMany
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


class TooManyRequests(TooMany):
    """A device or an address asks more often than it may; `retry_after_s` says when to come back."""

    code = "too_many_requests"
    text = Text(
        fr="Trop de demandes à la fois. MiSS réessaiera dans {retry_after_s} s.",
        en="Too many requests at once. MiSS will try again in {retry_after_s} s.",
    )
