"""What the local store refuses."""

from miss.base.text import Text
from miss.client.errors.base import ClientError


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


class StoreWiped(StoreError):
    """This device was revoked by its owner, and everything it held is deleted."""

    code = "store_wiped"
    text = Text(
        fr="Cet appareil a été retiré de votre compte ; ses messages ont été effacés. Reliez-le de nouveau si besoin.",
        en="This device was removed from your account; its messages were deleted. Link it again if you need it.",
    )


class DeviceLocked(StoreError):
    """The server turned this device away for good, without a proof that its owner wanted it; `reason` says how."""

    code = "device_locked"
    text = Text(
        fr="Cet appareil est verrouillé : le serveur ne le reconnaît plus ({reason}). Rien n'est effacé. "
        "Vérifiez vos appareils depuis un autre poste ou appelez l'opérateur.",
        en="This device is locked: the server no longer recognises it ({reason}). Nothing is deleted. "
        "Check your devices from another one or call the operator.",
    )
