"""What this room refuses."""

from miss.base.errors import BadInput, Conflict
from miss.base.text import Text


class BoxSizeRefused(BadInput):
    """Not the size of a sealed user key."""

    code = "box_size_refused"
    text = Text(
        fr="La clé transmise à un appareil n'a pas la bonne taille ({size_bytes} octets au lieu de {wanted_bytes}). "
        "Mettez MiSS à jour, puis recommencez.",
        en="The key passed on to a device has the wrong size ({size_bytes} bytes instead of {wanted_bytes}). "
        "Update MiSS, then try again.",
    )


class BoxesIncomplete(Conflict):
    """The new user key is not sealed to exactly the devices that count after the change (`missing`, `surplus`)."""

    code = "boxes_incomplete"
    text = Text(
        fr="Vos appareils ont changé pendant l'opération : la nouvelle clé doit être remise à chacun des {count} "
        "appareils actifs. Actualisez, puis recommencez.",
        en="Your devices changed meanwhile: the new key has to reach each of the {count} active devices. "
        "Refresh, then try again.",
    )


class VaultIncomplete(Conflict):
    """Something this person can read would become unreadable; `missing` names the first thousand of `count` epochs."""

    code = "vault_incomplete"
    text = Text(
        fr="Rien n'a été changé : {count} clés de conversations manquent à cet appareil et seraient perdues. "
        "Laissez-le se synchroniser, puis recommencez.",
        en="Nothing was changed: this device lacks {count} conversation keys, which would be lost. "
        "Let it synchronise, then try again.",
    )


class VaultEntryRefused(BadInput):
    """A vault entry that is neither empty nor of the one right size, or two for the same epoch."""

    code = "vault_entry_refused"
    text = Text(
        fr="Une clé de conversation transmise est mal formée (attendu : {wanted_bytes} octets, une seule fois). "
        "Mettez MiSS à jour, puis recommencez.",
        en="A conversation key sent is malformed (expected: {wanted_bytes} bytes, once). Update MiSS, then try again.",
    )
