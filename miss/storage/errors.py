"""What storage may refuse."""

from miss.base.errors import Conflict, MissError, NotFound, Unavailable
from miss.base.text import Text


class DatabaseUnreachable(Unavailable):
    """The database does not answer, or its disk is full."""

    code = "database_unreachable"
    text = Text(
        fr="La base de données ne répond pas. Rien n'est perdu : réessayez dans un instant.",
        en="The database does not answer. Nothing is lost: try again in a moment.",
    )


class DatabaseNewer(MissError):
    """The database was written by a later version of MiSS; an older binary must not touch it."""

    code = "database_newer"
    text = Text(
        fr="La base « {database} » a été écrite par une version plus récente de MiSS ({revision}). "
        "Réinstallez cette version, ou restaurez la sauvegarde faite avant la mise à jour.",
        en="Database {database} was written by a later version of MiSS ({revision}). "
        "Install that version again, or restore the backup made before the upgrade.",
    )


class DatabaseOutdated(MissError):
    """Migrations are missing."""

    code = "database_outdated"
    text = Text(
        fr="La base « {database} » n'est pas à jour. Lancez « miss migrate », puis redémarrez.",
        en="Database {database} is out of date. Run « miss migrate », then start again.",
    )


class DatabaseBusy(MissError):
    """Tables were in use at every try to change them; nothing was changed."""

    code = "database_busy"
    text = Text(
        fr="La base « {database} » n'a pas été mise à jour : ses tables étaient occupées à chaque essai, pendant "
        "{seconds} s. Rien n'est changé ; recommencez à une heure plus calme.",
        en="Database {database} was not brought up to date: its tables were in use at every try, for {seconds} s. "
        "Nothing was changed; try again at a quieter hour.",
    )


class BlobMissing(NotFound):
    """No blob has that identifier (or it has expired)."""

    code = "blob_missing"
    text = Text(fr="Ce fichier n'existe pas ou a expiré.", en="This file does not exist or has expired.")


class BlobExists(Conflict):
    """A blob is written once."""

    code = "blob_exists"
    text = Text(fr="Ce fichier a déjà été déposé.", en="This file was uploaded already.")


class DataKeyDestroyed(NotFound):
    """The key of this content was destroyed: the content is gone, in backups too."""

    code = "data_key_destroyed"
    text = Text(
        fr="Ce contenu a été détruit à l'échéance de sa durée de conservation.",
        en="This content was destroyed at the end of its retention period.",
    )


class SealBroken(MissError):
    """Sealed content does not open under its key: it was altered, or belongs elsewhere."""

    code = "seal_broken"
    text = Text(
        fr="Un contenu chiffré est illisible ou a été altéré ; l'exploitant est prévenu.",
        en="Sealed content cannot be read or was altered; the operator has been told.",
    )


class MasterKeyLost(MissError):
    """The key store has keys wrapped by a master key that the file does not hold: another one would open nothing."""

    code = "master_key_lost"
    text = Text(
        fr="La clé maîtresse qui ouvre le magasin de clés n’est pas dans « {path} ». Rien n’a été écrit : remettez ce "
        "fichier depuis la sauvegarde des clés (« miss backup restore --to DOSSIER », puis keys/master.key).",
        en="The master key that opens the key store is not in {path}. Nothing was written: put that file back from the "
        "backup of the keys (“miss backup restore --to FOLDER”, then keys/master.key).",
    )


class MasterKeyUnsafe(MissError):
    """The master key file is missing, malformed, or readable by others."""

    code = "master_key_unsafe"
    text = Text(
        fr="La clé maîtresse « {path} » est inutilisable : {reason}.",
        en="The master key {path} cannot be used: {reason}.",
    )
