"""What an establishment's record and its list of staff refuse."""

from miss.base.errors import BadInput, Conflict, NotFound, Unavailable
from miss.base.text import Text


class EstablishmentNotFound(NotFound):
    """No such establishment, or not one the caller may know of."""

    code = "establishment_not_found"
    text = Text(
        fr="Cet établissement n’a pas de fiche, ou vous n’y avez pas accès.",
        en="This establishment has no record, or is not yours to see.",
    )


class EstablishmentExists(Conflict):
    """There is a record under that identifier."""

    code = "establishment_exists"
    text = Text(
        fr="Un établissement a déjà une fiche sous l’identifiant {identifier}. Ouvrez-la depuis la liste.",
        en="An establishment has a record under the identifier {identifier} already. Open it from the list.",
    )


class EstablishmentRefused(BadInput):
    """A record without a name or with an identifier that is none."""

    code = "establishment_refused"
    text = Text(
        fr="Donnez le nom de l’établissement, et pour identifiant son numéro FINESS (9 caractères, clé juste) ou "
        "l’identifiant que lui donne le registre.",
        en="Give the establishment’s name, and as its identifier its FINESS number (9 characters, right key) or the "
        "identifier the register has for it.",
    )


class ContactRefused(BadInput):
    """An e-mail address or a phone number that is none."""

    code = "establishment_contact_refused"
    text = Text(
        fr="{contact} : l’adresse électronique ou le téléphone n’a pas la forme attendue "
        "(nom@domaine ; chiffres, espaces, + et points).",
        en="{contact}: the e-mail address or the phone number is not well-formed (name@domain; digits, spaces, + "
        "and dots).",
    )


class StaffNotFound(NotFound):
    """Nobody of that identifier works in this establishment."""

    code = "staff_not_found"
    text = Text(
        fr="Cette personne n’est pas, ou plus, dans la liste de l’établissement. Rechargez la liste.",
        en="This person is not, or no longer, on the establishment’s list. Reload the list.",
    )


class StaffRefused(BadInput):
    """What was said of somebody cannot be kept; `problems` says why, in words."""

    code = "staff_refused"
    text = Text(fr="{problems}", en="{problems}")


class StaffExists(Conflict):
    """Somebody on the list has that number, identifier or name of their own already."""

    code = "staff_exists"
    text = Text(
        fr="Une autre personne de la liste a déjà ce numéro ({field}). Corrigez sa fiche au lieu d’en créer une autre.",
        en="Somebody else on the list has this number already ({field}). Correct their entry instead of adding one.",
    )


class StaffChanged(Conflict):
    """Somebody else changed this entry since it was read."""

    code = "staff_changed"
    text = Text(
        fr="Cette fiche a changé entre-temps. Relisez-la, puis refaites votre modification.",
        en="This entry has changed meanwhile. Read it again, then make your change anew.",
    )


class TooManyStaff(Conflict):
    """The list is full."""

    code = "staff_too_many"
    text = Text(
        fr="La liste d’un établissement ne dépasse pas {limit} personnes. Retirez celles qui sont parties.",
        en="An establishment’s list holds {limit} people at most. Remove those who have left.",
    )


class UnitNotFound(NotFound):
    """No such site or department here."""

    code = "establishment_unit_not_found"
    text = Text(
        fr="Ce service n’existe pas, ou plus, dans l’établissement. Rechargez la page.",
        en="This department does not exist here, or no longer. Reload the page.",
    )


class UnitRefused(BadInput):
    """A site or department without a name, or with one too long."""

    code = "establishment_unit_refused"
    text = Text(
        fr="Donnez au service ou au site un nom de 120 caractères au plus.",
        en="Give the department or site a name of 120 characters at most.",
    )


class UnitExists(Conflict):
    """That name is taken there."""

    code = "establishment_unit_exists"
    text = Text(
        fr="Un service ou un site de ce nom existe déjà à cet endroit.",
        en="A department or site of that name exists there already.",
    )


class UnitInUse(Conflict):
    """People work there, or it has departments."""

    code = "establishment_unit_in_use"
    text = Text(
        fr="Des personnes ou des services y sont encore rattachés. Changez-les de service d’abord.",
        en="People or departments still belong to it. Move them first.",
    )


class TooManyUnits(Conflict):
    """The tree is full."""

    code = "establishment_units_too_many"
    text = Text(
        fr="Un établissement ne dépasse pas {limit} sites et services.",
        en="An establishment has {limit} sites and departments at most.",
    )


class UploadNotFound(NotFound):
    """No preview under that identifier: applied, given up, or a day old."""

    code = "staff_upload_not_found"
    text = Text(
        fr="Cet aperçu n’existe plus : il a été appliqué, abandonné, ou date de plus d’un jour. Envoyez le fichier "
        "de nouveau.",
        en="This preview no longer exists: it was applied, given up, or is more than a day old. Send the file again.",
    )


class UploadHasErrors(BadInput):
    """Lines of the file are wrong: nothing of it is applied."""

    code = "staff_upload_has_errors"
    text = Text(
        fr="{count} lignes du fichier sont refusées : rien n’a été appliqué. Corrigez-les, puis envoyez le fichier "
        "de nouveau.",
        en="{count} lines of the file are refused: nothing was applied. Correct them, then send the file again.",
    )


class StaffListChanged(Conflict):
    """What was previewed no longer holds."""

    code = "staff_list_changed"
    text = Text(
        fr="La liste a changé entre-temps : rien n’a été appliqué. Voici l’effet du fichier sur la liste "
        "d’aujourd’hui ; relisez-le, puis confirmez.",
        en="The list has changed meanwhile: nothing was applied. Here is what the file does to the list as it is now; "
        "read it, then confirm.",
    )


class StaffListBusy(Unavailable):
    """A file is being applied to the list."""

    code = "staff_list_busy"
    text = Text(
        fr="Un fichier est en cours d’application sur cette liste. Réessayez dans un instant.",
        en="A file is being applied to this list. Try again in a moment.",
    )


class RemovalUnconfirmed(Conflict):
    """Much of the list would go: a second confirmation is asked for."""

    code = "staff_removal_unconfirmed"
    text = Text(
        fr="Ce fichier retire {removed} personnes sur {total}. Si c’est voulu, cochez la case qui le confirme.",
        en="This file removes {removed} of {total} people. If that is meant, tick the box that confirms it.",
    )


# The file itself


class StaffFileRefused(BadInput):
    """The file is too large, or is none that can be read."""

    code = "staff_file_refused"
    text = Text(
        fr="Ce fichier ne peut pas être lu : {why}. Envoyez une liste au format CSV ou XLSX.",
        en="This file cannot be read: {why}. Send a list as CSV or XLSX.",
    )


class StaffColumnsMissing(BadInput):
    """The first line does not name the columns that every list has."""

    code = "staff_columns_missing"
    text = Text(
        fr="La première ligne du fichier doit nommer les colonnes ; il y manque : {columns}.",
        en="The first line of the file names the columns; it lacks: {columns}.",
    )


class MailboxNotOfEstablishment(BadInput):
    """An address that the register does not give to this establishment, or no longer."""

    code = "establishment_mailbox_unknown"
    text = Text(
        fr="Cette adresse n’est pas, ou n’est plus, l’une de celles que l’annuaire connaît à l’établissement. "
        "Choisissez-en une dans la liste.",
        en="This address is not, or no longer, one that the directory has for the establishment. Choose one from the "
        "list.",
    )
