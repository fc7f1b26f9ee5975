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


class ServerNotTrusted(ServerUnreachable):
    """Something else answers in the server's place: its certificate comes from nobody who is believed here.

    `issuer` signed it, as it says itself; most often the appliance of a network that opens TLS.
    """

    code = "server_not_trusted"
    text = Text(
        fr="La connexion à {host} est ouverte en chemin : son certificat vient de « {issuer} », que MiSS ne reconnaît "
        "pas. Rien n’a été envoyé. Demandez à votre service informatique d’exclure {host} de l’inspection TLS.",
        en="The connection to {host} is opened on its way: its certificate comes from “{issuer}”, whom MiSS does not "
        "recognise. Nothing was sent. Ask your IT department to exclude {host} from TLS inspection.",
    )


class ServerMisnamed(ServerUnreachable):
    """What answers shows a certificate of another name: a sign-in page of the network, or a wrong address."""

    code = "server_misnamed"
    text = Text(
        fr="Ce qui répond à la place de {host} porte un autre nom. Rien n’a été envoyé. Vérifiez l’adresse, ou "
        "ouvrez un navigateur : ce réseau demande peut-être de s’identifier.",
        en="What answers in place of {host} has another name. Nothing was sent. Check the address, or open a "
        "browser: this network may ask you to sign in.",
    )


class ServerCertificateOutOfDate(ServerUnreachable):
    """The certificate is not valid today: it was not renewed, or the clock of this machine is wrong."""

    code = "server_certificate_out_of_date"
    text = Text(
        fr="Le certificat de {host} n’est pas valable à la date de cet ordinateur. Rien n’a été envoyé. Vérifiez la "
        "date et l’heure ; si elles sont justes, prévenez l’opérateur.",
        en="The certificate of {host} is not valid at this computer's date. Nothing was sent. Check date and time; "
        "if they are right, tell the operator.",
    )


class ProxyWantsPassword(ServerUnreachable):
    """The network's proxy lets nobody through without a name and a password."""

    code = "proxy_wants_password"
    text = Text(
        fr="Le proxy de votre réseau demande un identifiant, ou refuse celui qui est réglé sur cet ordinateur. "
        "Demandez à votre service informatique de le régler pour MiSS.",
        en="The proxy of your network asks for a name and a password, or refuses those set on this computer. "
        "Ask your IT department to set them for MiSS.",
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
