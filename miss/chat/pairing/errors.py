"""What this room refuses."""

from miss.base.errors import Conflict, NotFound
from miss.base.text import Text


class PairingUnknown(NotFound):
    """No such slot, or not any more, or another device's."""

    code = "pairing_unknown"
    text = Text(
        fr="Ce code de liaison n'existe pas, a expiré ou a été annulé. "
        "Affichez-en un nouveau sur votre autre appareil.",
        en="This pairing code does not exist, has expired or was cancelled. Show a new one on your other device.",
    )


class PairingTaken(Conflict):
    """Something else was left there first."""

    code = "pairing_taken"
    text = Text(
        fr="Ce code de liaison a déjà servi. Si ce n'était pas vous, annulez-le sur votre autre appareil ; "
        "sinon affichez-y un nouveau code.",
        en="This pairing code was used already. If that was not you, cancel it on your other device; "
        "otherwise show a new code there.",
    )


class PairingNoOffer(Conflict):
    """An answer before there is anything to answer."""

    code = "pairing_no_offer"
    text = Text(
        fr="Le nouvel appareil ne s'est pas encore présenté. Saisissez-y le code affiché ici.",
        en="The new device has not shown up yet. Type the code shown here on it.",
    )


class PairingNoAnswer(Conflict):
    """A link before the other device agreed."""

    code = "pairing_no_answer"
    text = Text(
        fr="Votre autre appareil n'a pas encore accepté celui-ci. Acceptez-le sur cet autre appareil.",
        en="Your other device has not accepted this one yet. Accept it there.",
    )


class PairingTooMany(Conflict):
    """Open slots of one device."""

    code = "pairing_too_many"
    text = Text(
        fr="{max} codes de liaison sont déjà ouverts sur cet appareil. Annulez-en un, ou attendez dix minutes.",
        en="{max} pairing codes are open on this device already. Cancel one, or wait ten minutes.",
    )
