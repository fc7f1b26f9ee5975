"""What this room refuses."""

from miss.base.errors import BadInput, Conflict, NotFound
from miss.base.text import Text


class RecoveryNone(NotFound):
    """This person has no recovery key."""

    code = "recovery_none"
    text = Text(
        fr="Ce compte n'a pas de clé de récupération. Ajoutez l'appareil depuis un autre de vos appareils ; "
        "si vous n'en avez plus, demandez une réinitialisation à l'assistance.",
        en="This account has no recovery key. Add the device from another of your devices; if you have none left, "
        "ask support for a reset.",
    )


class RecoveryExists(Conflict):
    """A person has one recovery key."""

    code = "recovery_exists"
    text = Text(
        fr="Ce compte a déjà une clé de récupération. Révoquez-la dans « Mes appareils », puis recommencez.",
        en="This account has a recovery key already. Revoke it under “My devices”, then try again.",
    )


class RecoveryTestRefused(BadInput):
    """The signature is not that of this person's recovery key, for this device and now."""

    code = "recovery_test_refused"
    text = Text(
        fr="L'essai n'a pas abouti : ce n'est pas la clé de récupération de ce compte, ou l'horloge de l'appareil est "
        "fausse. Vérifiez-la, puis recommencez.",
        en="The test failed: this is not the recovery key of this account, or the device's clock is wrong. "
        "Check it, then try again.",
    )
