"""What is refused because it cannot be told for sure who is speaking."""

from miss.base.errors import Conflict
from miss.base.text import Text
from miss.client.errors.base import ClientError


class IdentityError(ClientError):
    """Who is speaking cannot be told for sure."""

    code = "client_identity"


class RootMismatch(IdentityError):
    """The server's root key is not the one printed on the activation letter."""

    code = "root_mismatch"
    text = Text(
        fr="L'empreinte du serveur ({seen}) n'est pas celle de votre lettre d'activation ({expected}). "
        "Ne continuez pas : vérifiez l'adresse du serveur, puis appelez l'opérateur.",
        en="The server's fingerprint ({seen}) is not the one on your activation letter ({expected}). "
        "Do not go on: check the server's address, then call the operator.",
    )


class ChainWithdrawn(IdentityError):
    """The server shows a shorter or different list of devices than the one seen before."""

    code = "chain_withdrawn"
    text = Text(
        fr="La liste des appareils d'un correspondant a été réécrite. N'écrivez pas avant de l'avoir appelé.",
        en="A contact's list of devices was rewritten. Do not write before calling them.",
    )


class RestorationWithdrawn(IdentityError):
    """The server says that it saw fewer restores than it has told before."""

    code = "restoration_withdrawn"
    text = Text(
        fr="Le serveur retire une restauration qu'il avait annoncée ({shown} au lieu de {known}). Rien n'est changé "
        "ici ; prévenez l'opérateur.",
        en="The server takes back a restore that it had announced ({shown} instead of {known}). Nothing is changed "
        "here; tell the operator.",
    )


class RestorationForked(IdentityError):
    """The server shows another statement of the same restore than before, or not the one it announces."""

    code = "restoration_forked"
    text = Text(
        fr="Le serveur montre deux versions de sa restauration n° {epoch}. Rien n'est changé ici ; prévenez "
        "l'opérateur.",
        en="The server shows two versions of its restore no. {epoch}. Nothing is changed here; tell the operator.",
    )


class RollbackNotCovered(IdentityError):
    """The server's log ends before the time that its operator says it was restored to."""

    code = "rollback_not_covered"
    text = Text(
        fr="Le serveur a perdu plus que ce que son opérateur atteste : la conversation s'arrête au message {last_seq}, "
        "et vous en aviez {held}. Prévenez l'opérateur.",
        en="The server has lost more than its operator certifies: the conversation ends at message {last_seq}, and you "
        "had {held}. Tell the operator.",
    )


class CertifiedIdentityMismatch(IdentityError):
    """The signed identity is not that of the person asked for; `field` says where they differ."""

    code = "certified_identity_mismatch"
    text = Text(
        fr="L'identité attestée n'est pas celle qui était attendue ({field}). Prévenez l'opérateur.",
        en="The certified identity is not the expected one ({field}). Tell the operator.",
    )


class UserKeyWithheld(IdentityError):
    """The server does not hand this device the user key that its own chain names."""

    code = "user_key_withheld"
    temporary = True
    text = Text(
        fr="La nouvelle clé de votre compte n'est pas encore parvenue à cet appareil. Elle sera redemandée ; "
        "si cela dure, reliez l'appareil de nouveau.",
        en="The new key of your account has not reached this device yet. It will be asked for again; "
        "if this lasts, link the device again.",
    )


class UserKeyForged(IdentityError):
    """The user key that came is not the one that the verified chain names."""

    code = "user_key_forged"
    text = Text(
        fr="Le serveur a présenté une clé de compte qui n'est pas la vôtre ; elle est écartée. Prévenez l'opérateur.",
        en="The server presented an account key that is not yours; it was set aside. Tell the operator.",
    )


class ContactReset(IdentityError, Conflict):
    """Somebody's devices were all started over by the operator: nothing is sent until the owner accepts it."""

    code = "contact_reset"
    http_status = 409
    text = Text(
        fr="Les clés d'un correspondant ont été réinitialisées. Vérifiez son identité, par téléphone par exemple, "
        "puis acceptez ses nouvelles clés pour lui écrire.",
        en="The keys of a contact were reset. Check their identity, by telephone for instance, "
        "then accept their new keys to write to them.",
    )
