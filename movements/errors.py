"""What the service refuses, in the words of who sent it."""

from miss.base.errors import BadInput, Conflict, Forbidden, NotAuthenticated, NotFound, TooLarge, TooMany
from miss.base.text import Text


class MovementRefused(BadInput):
    """One message or line that cannot be a movement: `field` and `why`, a Text."""

    code = "movement_refused"
    text = Text(fr="{field} : {why}.", en="{field}: {why}.")


class MovementsUnreadable(BadInput):
    """A whole delivery that cannot be taken apart: `why`, a Text."""

    code = "movements_unreadable"
    text = Text(
        fr="Le fichier ne peut pas être lu : {why}. Rien n’a été pris en compte.",
        en="The file cannot be read: {why}. Nothing was taken in.",
    )


class MovementColumnsMissing(BadInput):
    """A CSV file without columns that we need: `columns`, a Text."""

    code = "movement_columns_missing"
    text = Text(
        fr="Il manque des colonnes : {columns}. Rien n’a été pris en compte.",
        en="Columns are missing: {columns}. Nothing was taken in.",
    )


class MovementsTooLarge(TooLarge):
    """Over `limit_mb`, or over `limit` movements."""

    code = "movements_too_large"
    text = Text(
        fr="Un envoi contient au plus {limit} mouvements et {limit_mb} Mo : envoyez-le en plusieurs fois.",
        en="A delivery holds at most {limit} movements and {limit_mb} MB: send it in several.",
    )


class FormatUnknown(BadInput):
    """The Content-Type is none that the door reads."""

    code = "movements_format_unknown"
    http_status = 415
    text = Text(
        fr="Ce type de contenu n’est pas lu ici. Envoyez du HL7 v2 (application/hl7-v2) ou du CSV (text/csv).",
        en="This content type is not read here. Send HL7 v2 (application/hl7-v2) or CSV (text/csv).",
    )


class MovementsTokenMissing(NotAuthenticated):
    """No living token came."""

    code = "movements_token_missing"
    text = Text(
        fr="Un jeton d’établissement est demandé (Authorization: Bearer). Son administrateur en délivre.",
        en="An establishment’s token is asked for (Authorization: Bearer). Its administrator issues them.",
    )


class MovementsTokenForOtherUse(Forbidden):
    """The token is for something else."""

    code = "movements_token_for_other_use"
    text = Text(
        fr="Ce jeton ne permet pas d’annoncer des mouvements. Délivrez-en un qui le permet.",
        en="This token does not let movements be announced. Issue one that does.",
    )


class TooManyDeliveries(TooMany):
    """A program sends faster than the door answers."""

    code = "movements_too_many"
    text = Text(
        fr="Trop d’envois en peu de temps. Réessayez dans {retry_after_s} s : regroupez-les en un seul.",
        en="Too many deliveries in a short time. Try again in {retry_after_s} s: put them together.",
    )


class ReplyContactMissing(Conflict):
    """The establishment's record names no mailbox that doctors could answer to."""

    code = "movements_reply_contact_missing"
    text = Text(
        fr="La fiche de l’établissement ne nomme aucun contact médical ou administratif avec une adresse : les "
        "médecins ne pourraient pas répondre. Complétez-la (« Mon établissement », « Fiche et contacts »), puis "
        "renvoyez.",
        en="The establishment’s record names no medical or administrative contact with an address: doctors could not "
        "answer. Complete it (“My establishment”, “Record and contacts”), then send again.",
    )


class MovementNotFound(NotFound):
    """No such movement on this establishment's list."""

    code = "movement_not_found"
    text = Text(
        fr="Ce mouvement n’est pas, ou n’est plus, sur la liste de cet établissement.",
        en="This movement is not, or no longer, on this establishment’s list.",
    )


class DoctorNotReachable(BadInput):
    """Who was chosen on the work list is not in the directory, or has no secure mailbox."""

    code = "movement_doctor_not_reachable"
    text = Text(
        fr="Ce numéro ou cette adresse n’est pas celui d’un professionnel joignable par messagerie sécurisée. Cherchez "
        "le médecin dans l’annuaire.",
        en="This number or address is not that of a professional with a secure mailbox. Find the doctor in the "
        "directory.",
    )
