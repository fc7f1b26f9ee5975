"""What the directory of practitioners refuses."""

from miss.base.errors import BadInput, NotFound
from miss.base.text import Text


class PractitionerNotFound(NotFound):
    """No practitioner has that identifier."""

    code = "practitioner_not_found"
    text = Text(
        fr="Ce professionnel n’est pas dans l’annuaire. Vérifiez le numéro, ou importez le registre à jour.",
        en="This practitioner is not in the directory. Check the number, or import the current register.",
    )


class ExtractionUnreadable(BadInput):
    """The file is not the extraction that was asked for: its header lacks `column`.  Nothing was imported."""

    code = "extraction_unreadable"
    text = Text(
        fr="Le fichier n’est pas l’extraction attendue : la colonne « {column} » manque dans sa première ligne. "
        "Rien n’a été importé. Téléchargez de nouveau le fichier, en UTF-8, sans le modifier.",
        en="The file is not the expected extraction: column “{column}” is missing from its first line. "
        "Nothing was imported. Download the file again, in UTF-8, and do not edit it.",
    )
