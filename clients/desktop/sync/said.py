"""What a person reads about something that was refused.  Quick to import: windows need it."""

from clients.desktop.words import _, spoken
from miss.base.errors import MissError, error_table
from miss.client.errors import ClientError


def sentence_of(code: str) -> str:
    """What a person reads about a code of refusal."""
    known = error_table().get(code)
    if known is None:
        return _("Le serveur a refusé cet envoi ({code}).").format(code=code)
    try:
        return known.text.in_(spoken())
    except KeyError:  # a sentence with particulars that were not kept
        return _("L’envoi a été refusé ({code}).").format(code=code)


def said_by(error: MissError) -> str:
    """What a person reads about an error."""
    try:
        return error.sentence(spoken())
    except KeyError:
        return ClientError.text.in_(spoken())
