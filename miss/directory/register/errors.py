"""What an import of the national files refuses.  Nothing of the file was taken then."""

from miss.base.errors import BadInput, Conflict, NotFound, Unavailable
from miss.base.text import Text


class ExtractionUnreadable(BadInput):
    """The file is not the extraction that was asked for: its header lacks `column`.  Nothing was imported."""

    code = "extraction_unreadable"
    text = Text(
        fr="Le fichier n’est pas l’extraction attendue : la colonne « {column} » manque dans sa première ligne. "
        "Rien n’a été importé. Téléchargez de nouveau le fichier, en UTF-8, sans le modifier.",
        en="The file is not the expected extraction: column “{column}” is missing from its first line. "
        "Nothing was imported. Download the file again, in UTF-8, and do not edit it.",
    )


class ExtractionUnknown(BadInput):
    """The header is that of none of the four extractions."""

    code = "extraction_unknown"
    text = Text(
        fr="« {name} » n’est aucune des extractions connues (personne_activité, savoir-faire, diplômes, "
        "correspondance MSSanté). Rien n’a été importé. Téléchargez de nouveau le fichier, sans le modifier.",
        en="“{name}” is none of the known extractions (persons and activities, skills, diplomas, secure-mail "
        "correspondence). Nothing was imported. Download the file again, and do not edit it.",
    )


class ExtractionMissing(NotFound):
    """There is no such file, or it may not be read."""

    code = "extraction_missing"
    text = Text(
        fr="Le fichier « {name} » n’existe pas ou ne peut pas être lu. Vérifiez son nom et ses droits.",
        en="The file “{name}” does not exist or cannot be read. Check its name and its permissions.",
    )


class SkillsMissing(BadInput):
    """A register without its savoir-faire columns, and no file of savoir-faire: every specialty would be erased."""

    code = "extraction_without_skills"
    text = Text(
        fr="Cette extraction n’a pas de colonne de savoir-faire : la prendre seule effacerait toutes les spécialités. "
        "Rien n’a été importé. Donnez aussi le fichier PS_LibreAcces_SavoirFaire du même jour.",
        en="This extraction has no column of skills: taken alone it would erase every specialty. "
        "Nothing was imported. Give PS_LibreAcces_SavoirFaire of the same day too.",
    )


class ArchiveRefused(BadInput):
    """A zip that is broken, encrypted, holds no text, or swells beyond what an extraction may be."""

    code = "archive_refused"
    text = Text(
        fr="L’archive « {name} » est refusée : {why}. Rien n’a été importé. Téléchargez-la de nouveau.",
        en="The archive “{name}” is refused: {why}. Nothing was imported. Download it again.",
    )


class ReadingEnded(Unavailable):
    """The process that reads a large file was ended before the file: by the machine, for want of memory, or by hand."""

    code = "register_reading_ended"
    text = Text(
        fr="La lecture de « {name} » s’est arrêtée avant la fin : la mémoire manque peut-être. "
        "Rien n’a été importé. Libérez de la mémoire, puis relancez l’importation.",
        en="Reading “{name}” stopped before its end: memory may have run out. "
        "Nothing was imported. Free some memory, then start the import again.",
    )


class RegisterShrinks(Conflict):
    """The new extraction has far fewer entries than the directory: it may have been cut short."""

    code = "register_shrinks"
    text = Text(
        fr="L’extraction ne contient que {incoming} entrées sur {present} déjà connues : elle est peut-être "
        "incomplète. "
        "Rien n’a été importé. Si cette baisse est réelle, relancez avec --accept-shrink.",
        en="The extraction has only {incoming} entries where {present} are known: it may be incomplete. "
        "Nothing was imported. If the fall is real, run again with --accept-shrink.",
    )


class RegisterBusy(Conflict):
    """Another import is under way."""

    code = "register_busy"
    temporary = True
    text = Text(
        fr="Une autre importation du registre est en cours. Réessayez quand elle sera terminée "
        "(« miss directory status » le dit).",
        en="Another import of the register is under way. Try again when it has ended (“miss directory status” tells).",
    )
