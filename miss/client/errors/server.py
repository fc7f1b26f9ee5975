"""What the server refuses, or does not answer."""

from collections.abc import Mapping
from typing import Any

from miss.base.errors import Unavailable
from miss.base.text import Language, Text
from miss.client.errors.base import ClientError


class ServerRefused(ClientError):
    """The server said no; `server_code` is its stable code, and its own sentence is what the person reads."""

    code = "server_refused"
    http_status = 502
    text = Text(
        fr="Le serveur a refusé cette action ({server_code}).",
        en="The server refused this ({server_code}).",
    )

    def __init__(
        self, server_code: str, said: str = "", *, details: Mapping[str, Any] | None = None, **params: object
    ) -> None:
        """`said`: the server's sentence, in the language that was asked for; empty if it gave none.

        `details`: the parameters it gave, as it gave them: of any shape, to be checked by whoever uses them.
        """
        super().__init__(server_code=server_code, **params)
        self.server_code = server_code
        self.said = said
        self.details: Mapping[str, Any] = details or {}

    def sentence(self, language: Language = Language.FR) -> str:
        return self.said or super().sentence(language)


class ServerUnreachable(ClientError, Unavailable):
    """No answer, or one that is not MiSS's."""

    code = "server_unreachable"
    http_status = 503
    temporary = True
    text = Text(
        fr="Le serveur MiSS ne répond pas. Vérifiez votre connexion ; rien n'est perdu.",
        en="The MiSS server does not answer. Check your connection; nothing is lost.",
    )


class DeletionsWithoutEnd(ClientError):
    """The server lists what was deleted and does not come to an end."""

    code = "deletions_without_end"
    http_status = 502
    text = Text(
        fr="Le serveur énumère sans fin des messages supprimés ; la suite sera redemandée à la prochaine connexion. "
        "Si cela dure, prévenez l'opérateur.",
        en="The server lists deleted messages without end; the rest is asked for at the next connection. "
        "If this lasts, tell the operator.",
    )


class DeviceRefused(ClientError):
    """The connection was closed in a way that another attempt would not change; `reason` says how."""

    code = "device_refused"
    http_status = 401
    text = Text(
        fr="Le serveur n'accepte plus la connexion de cet appareil ({reason}). Rien n'est effacé ici ; "
        "reliez de nouveau l'appareil ou appelez l'opérateur.",
        en="The server no longer accepts this device's connection ({reason}). Nothing is deleted here; "
        "link the device again or call the operator.",
    )


class ClientClosed(ClientError):
    """Asked of a client that is not running."""

    code = "client_closed"
