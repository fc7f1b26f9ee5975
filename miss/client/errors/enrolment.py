"""What is refused when a device is paired, recovered or reset, or a recovery key made."""

from miss.base.errors import BadInput, Conflict, Forbidden
from miss.base.text import Text
from miss.client.errors.base import ClientError


class EnrolmentError(ClientError):
    """This device was not linked, or the recovery key not put in place."""

    code = "client_enrolment"


class PairingExpired(EnrolmentError, Conflict):
    """The pairing code is unknown to the server, cancelled, or more than ten minutes old."""

    code = "pairing_expired"
    http_status = 409
    text = Text(
        fr="Ce code d'association n'est plus valable. Affichez-en un nouveau sur votre autre appareil.",
        en="This pairing code is no longer valid. Show a new one on your other device.",
    )


class PairingTaken(EnrolmentError, Conflict):
    """Another device answered this pairing code first."""

    code = "pairing_already_used"
    http_status = 409
    text = Text(
        fr="Un autre appareil a déjà utilisé ce code. Si ce n'est pas le vôtre, refusez-le sur votre premier appareil, "
        "puis affichez un nouveau code.",
        en="Another device has already used this code. If it is not yours, refuse it on your first device, "
        "then show a new code.",
    )


class PairingRefused(EnrolmentError, Forbidden):
    """The answer of the other device does not hold; `reason` says what."""

    code = "pairing_refused"
    http_status = 403
    text = Text(
        fr="L'association a échoué : la réponse reçue n'est pas celle de votre autre appareil ({reason}). "
        "Recommencez avec un nouveau code.",
        en="Pairing failed: the answer is not your other device's ({reason}). Start over with a new code.",
    )


class PairingOutdated(EnrolmentError, Conflict):
    """Another change of the account came in between."""

    code = "pairing_outdated"
    http_status = 409
    text = Text(
        fr="Votre compte a changé pendant l'association. Affichez un nouveau code et recommencez.",
        en="Your account changed while pairing. Show a new code and start over.",
    )


class TooManyDevices(EnrolmentError, Conflict):
    """An account has room for `most` devices, the recovery key among them."""

    code = "too_many_devices"
    http_status = 409
    text = Text(
        fr="Votre compte a déjà {most} appareils, clé de récupération comprise. Retirez-en un dont vous ne vous servez "
        "plus, puis recommencez.",
        en="Your account already has {most} devices, the recovery key included. Remove one you no longer use, then "
        "try again.",
    )


class RecoveryKeyMissing(EnrolmentError, Conflict):
    """The account has no recovery key, or the one the server shows is not in the verified chain."""

    code = "recovery_key_missing"
    http_status = 409
    text = Text(
        fr="Votre compte n'a pas de clé de récupération. Créez-en une depuis l'un de vos appareils.",
        en="Your account has no recovery key. Make one on one of your devices.",
    )


class RecoveryKeyExists(EnrolmentError, Conflict):
    """There is one recovery key at a time."""

    code = "recovery_key_exists"
    http_status = 409
    text = Text(
        fr="Votre compte a déjà une clé de récupération. Remplacez-la si vous n'avez plus son code.",
        en="Your account already has a recovery key. Replace it if you no longer have its code.",
    )


class RecoverySecretMistyped(EnrolmentError, BadInput):
    """What was typed back is not what was shown."""

    code = "recovery_secret_mistyped"
    http_status = 400
    text = Text(
        fr="Ce n'est pas le code affiché. Comparez-le avec votre copie, puis saisissez-le de nouveau.",
        en="This is not the code that was shown. Compare it with your copy, then type it again.",
    )


class RecoveryNotProven(EnrolmentError, Conflict):
    """The round trip failed: what the server kept does not give the recovery key back; `reason` says where."""

    code = "recovery_not_proven"
    http_status = 409
    text = Text(
        fr="La clé de récupération n'a pas pu être vérifiée ({reason}). Ne comptez pas sur elle : remplacez-la.",
        en="The recovery key could not be verified ({reason}). Do not rely on it: replace it.",
    )
