"""What a backup or a restore may refuse."""

from miss.base.errors import BadInput, Conflict, MissError, NotFound, Unavailable
from miss.base.text import Text


class NoBackupConfigured(BadInput):
    """The settings name no repository."""

    code = "no_backup_configured"
    text = Text(
        fr="Aucune sauvegarde n’est réglée : donnez MISS_BACKUP_REPOSITORY, MISS_BACKUP_KEYS_REPOSITORY et leurs "
        "fichiers de mot de passe.",
        en="No backup is configured: give MISS_BACKUP_REPOSITORY, MISS_BACKUP_KEYS_REPOSITORY and their password "
        "files.",
    )


class ProgramMissing(Unavailable):
    """A program that backups need is not installed."""

    code = "program_missing"
    text = Text(
        fr="Le programme « {program} » est introuvable : installez le paquet « {package} ».",
        en="The program “{program}” was not found: install the package “{package}”.",
    )


class CopyFailed(Unavailable):
    """A database could not be copied; the backup was not made, the last one stands."""

    code = "copy_failed"
    text = Text(
        fr="« {program} » n’a pas pu copier la base : {reason}. La sauvegarde précédente reste valable.",
        en="“{program}” could not copy the database: {reason}. The backup before it stands.",
    )


class RepositoryFailed(Unavailable):
    """A repository does not answer, its password is wrong, it is full or damaged."""

    code = "repository_failed"
    text = Text(
        fr="Le dépôt de sauvegarde {repository} a refusé : {reason}. Vérifiez son adresse, son mot de passe et la "
        "place qui reste.",
        en="The backup repository {repository} refused: {reason}. Check its address, its password and the space left.",
    )


class NoSuchBackup(NotFound):
    """No backup is as old as what was asked for."""

    code = "no_such_backup"
    text = Text(
        fr="Aucune sauvegarde à cette date ou avant. « miss backup list » les donne toutes.",
        en="No backup at that time or before. “miss backup list” shows them all.",
    )


class BackupIncomplete(MissError):
    """A copy lacks a part: a truncated or foreign repository."""

    code = "backup_incomplete"
    text = Text(
        fr="Il manque « {part} » dans cette sauvegarde ({snapshot}) : n’en restaurez rien, prenez-en une autre.",
        en="This backup ({snapshot}) lacks “{part}”: restore nothing of it, take another one.",
    )


class FolderNotEmpty(Conflict):
    """A restore writes into an empty folder only: nothing is ever overwritten."""

    code = "folder_not_empty"
    text = Text(
        fr="{folder} n’est pas vide. Restaurez dans un dossier neuf : rien n’est jamais écrasé.",
        en="{folder} is not empty. Restore into a new folder: nothing is ever overwritten.",
    )


class LogOnlyForLatest(BadInput):
    """A log that survived leads to the latest point, which is not the one asked for."""

    code = "log_only_for_latest"
    text = Text(
        fr="--log mène au dernier état connu : donnez --at ou --log, pas les deux.",
        en="--log leads to the last known state: give --at or --log, not both.",
    )


class NoLogThere(BadInput):
    """The folder that was named holds no log."""

    code = "no_log_there"
    text = Text(
        fr="{folder} ne contient aucun segment du journal de PostgreSQL : nommez le dossier que pg_receivewal "
        "remplissait (MISS_BACKUP_WAL_DIR).",
        en="{folder} holds no segment of PostgreSQL’s log: name the folder that pg_receivewal filled "
        "(MISS_BACKUP_WAL_DIR).",
    )
