"""What may be refused when an answer is corrected or a request is sent to another pool."""

from miss.base.errors import BadInput, Conflict
from miss.base.text import Text
from teleexpertise.attachments.errors import AttachmentRefused


class NothingCorrected(Conflict):
    """The correction says what the answer says already, or there is none under way."""

    code = "answer_nothing_corrected"
    text = Text(
        fr="L’avis sur la demande {number} n’est pas modifié : corrigez-le d’abord, puis envoyez.",
        en="The answer to request {number} is unchanged: correct it first, then send.",
    )


class CorrectionIsNoAnswer(BadInput):
    """A question or a refusal cannot take the place of an answer that has left."""

    code = "answer_correction_kind"
    text = Text(
        fr="L’avis sur la demande {number} est déjà parti : sa correction doit être un avis ou une réorientation.",
        en="The answer to request {number} has left: what corrects it has to be advice or a referral.",
    )


class PoolNotOther(BadInput):
    """A referral names no pool, or the one that has the request."""

    code = "reorientation_pool"
    text = Text(
        fr="Choisissez un autre groupe d’experts pour la demande {number}.",
        en="Choose another pool of experts for request {number}.",
    )


class PdfTooLarge(AttachmentRefused):
    """A prescription of more than the answer form takes."""

    code = "prescription_too_large"
    http_status = 413
    text = Text(
        fr="L’ordonnance (pièce n° {rank}) dépasse {limit_mb} Mo : exportez-la de nouveau, sans image de haute "
        "définition.",
        en="The prescription (attachment no. {rank}) is over {limit_mb} MB: export it again, without pictures of high "
        "definition.",
    )


class PdfDamaged(AttachmentRefused):
    """A prescription that is no whole PDF, or one that cannot be searched."""

    code = "prescription_damaged"
    text = Text(
        fr="L’ordonnance (pièce n° {rank}) n’est pas un PDF complet et lisible : exportez-la de nouveau, ou "
        "photographiez-la.",
        en="The prescription (attachment no. {rank}) is no whole and readable PDF: export it again, or take a "
        "photograph.",
    )


class PdfLocked(AttachmentRefused):
    """An encrypted prescription: neither we nor the requester's software could open it."""

    code = "prescription_locked"
    text = Text(
        fr="L’ordonnance (pièce n° {rank}) est protégée par un mot de passe ou chiffrée : enregistrez-la sans "
        "protection.",
        en="The prescription (attachment no. {rank}) is protected by a password or encrypted: save it without "
        "protection.",
    )


class PdfActs(AttachmentRefused):
    """A prescription that holds a script, a program to launch, a form that sends itself, or another file."""

    code = "prescription_acts"
    text = Text(
        fr="L’ordonnance (pièce n° {rank}) contient un script, un programme à lancer, un formulaire actif ou un autre "
        "fichier : imprimez-la en PDF (« Imprimer > Enregistrer au format PDF »), puis joignez ce nouveau fichier.",
        en="The prescription (attachment no. {rank}) holds a script, a program to launch, an active form or another "
        "file: print it to PDF (“Print > Save as PDF”), then attach that new file.",
    )
