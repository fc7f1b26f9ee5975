"""What the desk's store refuses, by name."""

from miss.base.errors import MissError
from miss.base.text import Text


class DeskError(MissError):
    """Something about this desk's own files."""

    code = "desktop"
    text = Text(
        fr="Les fichiers de MiSS sur ce poste ne peuvent pas être utilisés. Prévenez l’assistance.",
        en="The files of MiSS on this computer cannot be used. Tell support.",
    )


class WrongPin(DeskError):
    """Another code than the one that was set; `left` tries before a wait."""

    code = "desktop_wrong_pin"
    text = Text(
        fr="Ce n’est pas le bon code. Il reste {left} essai(s) avant une attente.",
        en="This is not the right code. {left} attempt(s) left before a wait.",
    )


class TooManyPins(DeskError):
    """Wrong codes in a row; `wait_s` seconds have to pass."""

    code = "desktop_too_many_pins"
    text = Text(
        fr="Trop de codes faux. Attendez {wait_s} secondes, puis réessayez.",
        en="Too many wrong codes. Wait {wait_s} seconds, then try again.",
    )


class WeakPin(DeskError):
    """A code that somebody would try first."""

    code = "desktop_weak_pin"
    text = Text(
        fr="Choisissez un code d’au moins {least} caractères, qui ne soit ni une suite ni une répétition.",
        en="Choose a code of at least {least} characters that is neither a sequence nor a repetition.",
    )


class KeyringChanged(DeskError):
    """The part of the key that the machine's keyring held is not there any more."""

    code = "desktop_keyring_changed"
    text = Text(
        fr="Le trousseau de ce poste ne contient plus la clé de MiSS. Ouvrez la session où ce compte a été relié, "
        "ou reliez de nouveau ce poste.",
        en="The keyring of this computer no longer holds the key of MiSS. Open the session in which this account was "
        "linked, or link this computer again.",
    )


class DeskDamaged(DeskError):
    """The index could not be read and was made again from the store."""

    code = "desktop_damaged"
    text = Text(
        fr="L’index de recherche de ce poste était abîmé ; il a été refait. Vos messages sont intacts.",
        en="The search index of this computer was damaged and was made again. Your messages are as they were.",
    )


class DeskFull(DeskError):
    """The disk takes nothing more, or fails."""

    code = "desktop_full"
    text = Text(
        fr="Le disque de ce poste est plein ou en panne : MiSS n’y écrit plus. Faites de la place, puis verrouillez et "
        "rouvrez votre compte. Vos messages restent sur le serveur.",
        en="The disk of this computer is full or failing: MiSS writes nothing more. Make room, then lock and open your "
        "account again. Your messages stay on the server.",
    )


class DeskNewer(DeskError):
    """A later version wrote these files; they are left as they are."""

    code = "desktop_newer"
    text = Text(
        fr="Ce poste a été utilisé avec une version plus récente de MiSS. Mettez MiSS à jour.",
        en="This computer was used with a later version of MiSS. Update MiSS.",
    )
