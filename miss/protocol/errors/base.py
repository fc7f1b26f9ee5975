"""What any part of the protocol may refuse: frames, and objects of another version."""

from miss.base.errors import BadInput, Unavailable
from miss.base.text import Text


class ProtocolError(BadInput):
    """Bytes, keys or signatures that the protocol does not accept."""

    code = "protocol"
    text = Text(
        fr="Une donnée reçue ne suit pas le protocole de MiSS ; elle a été écartée.",
        en="Something received does not follow the MiSS protocol; it was set aside.",
    )


class BadFrame(ProtocolError):
    """Not a frame of the wire protocol, or not one that this side may send now."""

    code = "bad_frame"
    text = Text(
        fr="Le logiciel a envoyé un message technique illisible ({reason}). Mettez-le à jour, puis reconnectez-vous.",
        en="The program sent an unreadable technical message ({reason}). Update it, then connect again.",
    )


class NotConnected(Unavailable):
    """A request made while no connection is open; the outbox keeps it for the next one."""

    code = "not_connected"
    text = Text(
        fr="La connexion est coupée. Ce message partira dès qu’elle sera rétablie.",
        en="The connection is down. This message will leave as soon as it is back.",
    )


class UnsupportedVersion(ProtocolError):
    """An object of a version this program does not know."""

    code = "unsupported_version"
    text = Text(
        fr="Ce contenu demande une version plus récente de MiSS (version {version}). Mettez MiSS à jour pour le lire.",
        en="This content needs a newer MiSS (version {version}). Update MiSS to read it.",
    )


class UnsupportedSuite(ProtocolError):
    """An object made with cryptography this program does not know, or other than the conversation's."""

    code = "unsupported_suite"
    text = Text(
        fr="Ce contenu emploie un chiffrement que votre version de MiSS ne connaît pas ({suite}). Mettez MiSS à jour.",
        en="This content uses encryption your version of MiSS does not know ({suite}). Update MiSS.",
    )
