"""What the identity operator refuses."""

from miss.base.errors import BadInput, Forbidden, MissError
from miss.base.text import Text


class OperatorKeysUnusable(MissError):
    """A key or certificate of the identity operator is missing, malformed, expired or readable by others."""

    code = "operator_keys_unusable"
    text = Text(
        fr="La clé d'opérateur « {path} » est inutilisable : {reason}.",
        en="The operator's key {path} cannot be used: {reason}.",
    )


class IdentityMismatch(Forbidden):
    """The link names somebody other than the directory entry of the account; `field` says where they differ."""

    code = "identity_mismatch"
    text = Text(
        fr="L'identité présentée ne correspond pas à celle de l'annuaire ({field}). Recommencez l'activation ; "
        "si l'annuaire est inexact, prévenez l'opérateur.",
        en="The identity presented is not the one in the directory ({field}). Start the activation again; "
        "if the directory is wrong, tell the operator.",
    )


class DeviceClockWrong(BadInput):
    """The link is dated far from the operator's clock."""

    code = "device_clock_wrong"
    text = Text(
        fr="L'horloge de cet appareil est décalée de {off_by_s} secondes. Réglez-la, puis recommencez.",
        en="This device's clock is off by {off_by_s} seconds. Set it, then start again.",
    )
