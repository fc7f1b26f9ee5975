"""What the client refuses, by name.

    ClientError
    ├── StoreError: StoreNewer, StoreInUse, WrongStoreKey, StoreKeyUnsafe, StoreDamaged, StoreHasNoDevice,
    │               StoreHasDevice
    ├── IdentityError: RootMismatch, ChainWithdrawn, CertifiedIdentityMismatch
    ├── PhotoError: PhotoTooLarge, PhotoTooManyPixels, PhotoNotSupported, PhotoDamaged
    ├── NotInConversation, UnknownConversation, UnknownMessage, NotReachable, NoAttachment, MessageReplayed,
    │   MessageNotProvable
    ├── ServerRefused        the server's own named refusal: its code and its sentence
    ├── ServerUnreachable    no answer: try again
    └── DeviceRefused        the server does not accept this device any more; ClientClosed: `async with` is over

What the protocol refuses (signatures, keys, shapes) keeps its own names: `miss.protocol.errors`.
"""

from miss.base.errors import BadInput, Conflict, Forbidden, MissError, NotFound, TooLarge, Unavailable
from miss.base.text import Language, Text


class ClientError(MissError):
    """Something the client cannot do."""

    code = "client"
    text = Text(
        fr="L'application n'a pas pu terminer cette action. Réessayez ; si cela persiste, prévenez l'assistance.",
        en="The application could not finish this. Try again; if it happens again, tell support.",
    )


# Store


class StoreError(ClientError):
    """The local store cannot be used."""

    code = "client_store"


class StoreNewer(StoreError):
    """Written by a later version of MiSS."""

    code = "store_newer"
    text = Text(
        fr="Vos messages ont été enregistrés par une version plus récente de MiSS. Mettez MiSS à jour pour les ouvrir.",
        en="Your messages were saved by a later version of MiSS. Update MiSS to open them.",
    )


class StoreInUse(StoreError):
    """Another process has it open."""

    code = "store_in_use"
    text = Text(
        fr="MiSS est déjà ouvert sur cet appareil. Fermez l'autre fenêtre, puis réessayez.",
        en="MiSS is open on this device already. Close the other window, then try again.",
    )


class WrongStoreKey(StoreError):
    """The key or passphrase is not the one this store was made with."""

    code = "wrong_store_key"
    text = Text(
        fr="Cette phrase secrète n'ouvre pas vos messages. Vérifiez la saisie, puis réessayez.",
        en="This passphrase does not open your messages. Check what you typed, then try again.",
    )


class StoreKeyUnsafe(StoreError):
    """The key file is malformed, or readable by others."""

    code = "store_key_unsafe"
    text = Text(
        fr="Le fichier de clé « {path} » est inutilisable : {reason}.",
        en="The key file {path} cannot be used: {reason}.",
    )


class StoreDamaged(StoreError):
    """A sealed value does not open: it was altered, or moved from elsewhere."""

    code = "store_damaged"
    text = Text(
        fr="Les données enregistrées sur cet appareil sont altérées ({where}). Reliez de nouveau cet appareil.",
        en="The data saved on this device is damaged ({where}). Link this device again.",
    )


class StoreHasNoDevice(StoreError):
    """No device was linked with this store yet."""

    code = "store_has_no_device"
    text = Text(
        fr="Cet appareil n'est pas encore relié à votre compte. Saisissez le code de votre lettre d'activation.",
        en="This device is not linked to your account yet. Enter the code of your activation letter.",
    )


class StoreHasDevice(StoreError):
    """A store belongs to one device, for good."""

    code = "store_has_device"
    text = Text(
        fr="Cet appareil est déjà relié à un compte.",
        en="This device is linked to an account already.",
    )


# Identity


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


class CertifiedIdentityMismatch(IdentityError):
    """The signed identity is not that of the person asked for; `field` says where they differ."""

    code = "certified_identity_mismatch"
    text = Text(
        fr="L'identité attestée n'est pas celle qui était attendue ({field}). Prévenez l'opérateur.",
        en="The certified identity is not the expected one ({field}). Tell the operator.",
    )


# Photos


class PhotoError(ClientError, BadInput):
    """A picture that cannot be sent."""

    code = "client_photo"
    http_status = 400


class PhotoTooLarge(PhotoError, TooLarge):
    """The file is too heavy to be looked at."""

    code = "outgoing_photo_too_large"
    http_status = 413
    text = Text(
        fr="Cette photo est trop lourde ({size_bytes} octets, maximum {max_bytes}). Choisissez-en une plus légère.",
        en="This photo is too heavy ({size_bytes} bytes, at most {max_bytes}). Choose a lighter one.",
    )


class PhotoTooManyPixels(PhotoError, TooLarge):
    """Its dimensions would exhaust the device's memory; nothing was decoded."""

    code = "outgoing_photo_too_many_pixels"
    http_status = 413
    text = Text(
        fr="Cette photo a des dimensions excessives (maximum {max_megapixels} mégapixels). Réduisez-la avant l'envoi.",
        en="This photo's dimensions are excessive (at most {max_megapixels} megapixels). Reduce it before sending.",
    )


class PhotoNotSupported(PhotoError):
    """Not a JPEG or a PNG."""

    code = "outgoing_photo_not_supported"
    text = Text(
        fr="Ce fichier n'est pas une photo JPEG ou PNG. Choisissez une photo dans l'un de ces formats.",
        en="This file is not a JPEG or PNG photo. Choose a photo in one of these formats.",
    )


class PhotoDamaged(PhotoError):
    """Begins like a photo, and cannot be decoded to the end."""

    code = "outgoing_photo_damaged"
    text = Text(
        fr="Cette photo est incomplète ou altérée. Reprenez-la ou choisissez-en une autre.",
        en="This photo is incomplete or damaged. Take it again or choose another one.",
    )


# Conversations


class UnknownConversation(ClientError, NotFound):
    """This device knows no such conversation."""

    code = "conversation_not_here"
    http_status = 404
    text = Text(
        fr="Cette conversation n'existe pas sur cet appareil.",
        en="There is no such conversation on this device.",
    )


class UnknownMessage(ClientError, NotFound):
    """This device knows no such message."""

    code = "message_not_here"
    http_status = 404
    text = Text(fr="Ce message n'existe pas sur cet appareil.", en="There is no such message on this device.")


class NoAttachment(ClientError, NotFound):
    """The message carries no photo."""

    code = "message_without_photo"
    http_status = 404
    text = Text(fr="Ce message ne contient pas de photo.", en="This message holds no photo.")


class MessageNotProvable(ClientError, Conflict):
    """There is nothing here that would prove it; `reason`: `not_shown` (refused or deleted), `expired`."""

    code = "message_not_provable"
    http_status = 409
    text = Text(
        fr="Ce message ne peut pas être prouvé : il a été refusé, supprimé, ou a expiré ({reason}).",
        en="This message cannot be proved: it was refused, deleted, or has expired ({reason}).",
    )


class MessageReplayed(ClientError):
    """An envelope that stands at another place of the log already."""

    code = "message_replayed"
    text = Text(
        fr="Un message déjà reçu a été présenté une seconde fois ; il est écarté.",
        en="A message already received was presented a second time; it was set aside.",
    )


class NotInConversation(ClientError, Forbidden):
    """The account was removed from the conversation: it stays readable, nothing can be sent."""

    code = "conversation_left"
    http_status = 403
    text = Text(
        fr="Vous ne faites plus partie de cette conversation ; vous pouvez la relire, pas y écrire.",
        en="You are no longer in this conversation; you can read it, not write in it.",
    )


class NotReachable(ClientError, Conflict):
    """The person has no linked device."""

    code = "contact_without_device"
    http_status = 409
    text = Text(
        fr="Cette personne n'a pas encore installé MiSS ; joignez-la par messagerie sécurisée.",
        en="This person has not installed MiSS yet; reach them by secure mail.",
    )


# Server


class ServerRefused(ClientError):
    """The server said no; `server_code` is its stable code, and its own sentence is what the person reads."""

    code = "server_refused"
    http_status = 502
    text = Text(
        fr="Le serveur a refusé cette action ({server_code}).",
        en="The server refused this ({server_code}).",
    )

    def __init__(self, server_code: str, said: str = "", **params: object) -> None:
        """`said`: the server's sentence, in the language that was asked for; empty if it gave none."""
        super().__init__(server_code=server_code, **params)
        self.server_code = server_code
        self.said = said

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


class DeviceRefused(ClientError):
    """The connection was closed in a way that another attempt would not change; `reason` says how."""

    code = "device_refused"
    http_status = 401
    text = Text(
        fr="Le serveur n'accepte plus la connexion de cet appareil ({reason}). Vos messages restent lisibles ici ; "
        "reliez de nouveau l'appareil ou appelez l'opérateur.",
        en="The server no longer accepts this device's connection ({reason}). Your messages stay readable here; "
        "link the device again or call the operator.",
    )


class ClientClosed(ClientError):
    """Asked of a client that is not running."""

    code = "client_closed"
