"""What every refusal of the client is."""

from miss.base.errors import MissError
from miss.base.text import Text


class ClientError(MissError):
    """Something the client cannot do."""

    code = "client"
    text = Text(
        fr="L'application n'a pas pu terminer cette action. Réessayez ; si cela persiste, prévenez l'assistance.",
        en="The application could not finish this. Try again; if it happens again, tell support.",
    )
