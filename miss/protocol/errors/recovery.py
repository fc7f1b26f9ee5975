"""What is refused of the vault, the recovery key, pairing, safety words and codes typed by hand.  protocol §3, §5"""

from miss.base.text import Text
from miss.protocol.errors.base import ProtocolError


class VaultEntryUnreadable(ProtocolError):
    """A secret in the vault that the user key does not open; other devices may still have it."""

    code = "vault_entry_unreadable"
    text = Text(
        fr="Une clé gardée pour vos appareils ne s’ouvre pas (période {epoch} d’une conversation). "
        "Ouvrez cette conversation sur un autre de vos appareils.",
        en="A key kept for your devices does not open (epoch {epoch} of a conversation). "
        "Open that conversation on another of your devices.",
    )


class BadCode(ProtocolError):
    """Not a code of 26 characters; `position` (from 1, separators not counted) says where it goes wrong."""

    code = "bad_code"


class BadRecoveryCode(BadCode):
    """Typed as a recovery code."""

    code = "bad_recovery_code"
    text = Text(
        fr="Ce code de récupération n’est pas bon à partir du caractère n° {position}. "
        "Il compte 26 lettres et chiffres, sans U : relisez-le, puis saisissez-le à nouveau.",
        en="This recovery code goes wrong at character {position}. "
        "It has 26 letters and digits, never U: read it again, then type it once more.",
    )


class BadPairingCode(BadCode):
    """Typed or scanned as the code that another device shows."""

    code = "bad_pairing_code"
    text = Text(
        fr="Ce code de liaison n’est pas bon à partir du caractère n° {position}. "
        "Recopiez les 26 lettres et chiffres affichés par votre autre appareil.",
        en="This pairing code goes wrong at character {position}. "
        "Copy the 26 letters and digits that your other device shows.",
    )


class RecoveryError(ProtocolError):
    """The recovery key does not come out."""

    code = "recovery"
    text = Text(
        fr="La clé de récupération n’a pas pu être lue.",
        en="The recovery key could not be read.",
    )


class BadRecoveryPassphrase(RecoveryError):
    """Not eight words of one list; `position` (from 1) says which word is wrong, missing or too many."""

    code = "bad_recovery_passphrase"
    text = Text(
        fr="Cette phrase de récupération n’est pas bonne au mot n° {position}. "
        "Elle compte 8 mots : relisez-la, puis saisissez-la à nouveau.",
        en="This recovery phrase goes wrong at word {position}. It has 8 words: read it again, then type it once more.",
    )


class WrongRecoverySecret(RecoveryError):
    """Well formed, but it does not open this account's recovery key."""

    code = "wrong_recovery_secret"
    text = Text(
        fr="Ce n’est pas la clé de récupération de ce compte, ou elle a été remplacée depuis. "
        "Cherchez la plus récente, ou demandez à l’opérateur de réinitialiser le compte.",
        en="This is not the recovery key of this account, or it was replaced since. "
        "Look for the latest one, or ask the operator to reset the account.",
    )


class WrongRecoveryMethod(RecoveryError):
    """The recovery key is wrapped in another way than the one tried."""

    code = "wrong_recovery_method"
    text = Text(
        fr="Cette clé de récupération s’ouvre autrement ({method}).",
        en="This recovery key opens in another way ({method}).",
    )


class BadWrap(RecoveryError):
    """Not a wrapped recovery key, or too many of them; `reason` says which."""

    code = "bad_wrap"


class WrapTooCostly(RecoveryError):
    """Opening it would take more time or memory than any program of MiSS asks for: it is not tried."""

    code = "wrap_too_costly"
    text = Text(
        fr="La clé de récupération reçue demande un calcul démesuré ({ops} tours, {mem_bytes} octets) ; elle a été "
        "refusée. Prévenez l’opérateur.",
        en="The recovery key received asks for an excessive computation ({ops} passes, {mem_bytes} bytes); it was "
        "refused. Tell the operator.",
    )


class PairingError(ProtocolError):
    """Two devices do not come together."""

    code = "pairing"
    text = Text(
        fr="Les deux appareils n’ont pas pu être reliés. Recommencez avec un nouveau code.",
        en="The two devices could not be linked. Start again with a new code.",
    )


class BadPairing(PairingError):
    """Opened with the code's key, but not an offer or an answer."""

    code = "bad_pairing"


class BadPairingUri(PairingError):
    """A scanned text that is no invitation to pair."""

    code = "bad_pairing_uri"
    text = Text(
        fr="Ce code QR n’est pas une invitation à relier un appareil à MiSS ({reason}). "
        "Affichez-en un depuis les réglages d’un appareil déjà relié.",
        en="This QR code is no invitation to link a device to MiSS ({reason}). "
        "Show one from the settings of a device that is linked.",
    )


class PairingUnreadable(PairingError):
    """Sealed under another code, for another place, or altered."""

    code = "pairing_unreadable"
    text = Text(
        fr="La réponse de l’autre appareil ne s’ouvre pas avec ce code. Recommencez avec un nouveau code.",
        en="What the other device sent does not open with this code. Start again with a new code.",
    )


class PairingMismatch(PairingError):
    """The answer is for another device, or its user key is not the person's."""

    code = "pairing_mismatch"
    text = Text(
        fr="La réponse reçue ne concerne pas cet appareil ({part}). Recommencez avec un nouveau code.",
        en="The answer received is not for this device ({part}). Start again with a new code.",
    )


class SafetyError(ProtocolError):
    """Two persons cannot confirm that they see each other's true devices."""

    code = "safety"


class BadSafetyCard(SafetyError):
    """Not a safety code."""

    code = "bad_safety_card"
    text = Text(
        fr="Ce code QR n’est pas un code de vérification de MiSS ({reason}). "
        "Demandez à votre correspondant d’afficher le sien.",
        en="This QR code is no MiSS safety code ({reason}). Ask your contact to show theirs.",
    )


class SafetyMismatch(SafetyError):
    """The two sides do not see the same persons or the same devices; `reason`: "persons" or "devices"."""

    code = "safety_mismatch"
    text = Text(
        fr="Vos deux appareils ne voient pas la même chose ({reason}). Mettez-les à jour, puis comparez à nouveau ; "
        "si la différence demeure, n’écrivez pas à ce correspondant et prévenez l’opérateur.",
        en="Your two devices do not see the same thing ({reason}). Update both, then compare again; "
        "if they still differ, do not write to this contact and tell the operator.",
    )
