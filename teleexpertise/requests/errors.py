"""What can be refused about requests for advice.  None of these carries what was asked, nor of whom."""

from miss.base.errors import BadInput, Conflict, Forbidden, NotFound
from miss.base.text import Text


class RequestUnknown(NotFound):
    """No such request, or not for this reader: the two are not told apart (security.md §2, row 1)."""

    code = "request_unknown"
    text = Text(
        fr="Cette demande n’existe pas, ou elle ne vous concerne pas.",
        en="This request does not exist, or does not concern you.",
    )


class StateForbids(Conflict):
    """The request is in another state than the act needs."""

    code = "request_state_forbids"
    text = Text(
        fr="La demande {number} a changé d’état entre-temps : cette action n’est plus possible. Rechargez la page.",
        en="Request {number} has moved on meanwhile: this can no longer be done. Reload the page.",
    )


class NotHolder(Forbidden):
    """Only the expert who holds the request may do this."""

    code = "request_not_holder"
    text = Text(
        fr="La demande {number} n’est pas, ou n’est plus, entre vos mains.",
        en="Request {number} is not, or no longer, in your hands.",
    )


class NotRequester(Forbidden):
    """Only who asked may do this."""

    code = "request_not_requester"
    text = Text(
        fr="Seul le demandeur peut faire cela pour la demande {number}.",
        en="Only the requester may do this for request {number}.",
    )


class SubmissionDiffers(Conflict):
    """The same submission key came again with other content; the second was kept beside the first."""

    code = "request_submission_differs"
    text = Text(
        fr="Cette demande ({number}) a déjà été envoyée, avec un autre contenu. Les deux versions sont conservées ; "
        "pour une nouvelle demande, ouvrez un nouveau formulaire.",
        en="This request ({number}) was already sent, with other content. Both versions are kept; for a new request, "
        "open a new form.",
    )


class DraftMoved(Conflict):
    """The draft was completed from elsewhere at the same moment; nothing of either was lost, trying again merges."""

    code = "request_draft_moved"
    temporary = True
    text = Text(
        fr="La demande {number} vient d’être complétée par ailleurs. Rechargez la page : rien n’est perdu.",
        en="Request {number} was just completed from elsewhere. Reload the page: nothing is lost.",
    )


class ReasonMissing(BadInput):
    """A refusal says why."""

    code = "decline_reason_missing"
    text = Text(
        fr="Choisissez le motif pour lequel vous déclinez la demande {number}, puis confirmez.",
        en="Choose why you decline request {number}, then confirm.",
    )


class WordMissing(BadInput):
    """An addition without text or file."""

    code = "request_word_missing"
    text = Text(
        fr="Écrivez votre complément à la demande {number}, ou joignez un fichier, puis envoyez.",
        en="Write what you want to add to request {number}, or attach a file, then send.",
    )


class AnswerIncomplete(BadInput):
    """The saved answer does not pass its form yet."""

    code = "answer_incomplete"
    text = Text(
        fr="L’avis sur la demande {number} n’est pas complet : revenez au formulaire, les points manquants y sont "
        "indiqués.",
        en="The answer to request {number} is not complete: go back to the form, which names what is missing.",
    )


class ReopenTooLate(Conflict):
    """It was closed too long ago for a word to open it again."""

    code = "request_reopen_too_late"
    text = Text(
        fr="La demande {number} est close depuis plus de {days} jours : envoyez une nouvelle demande.",
        en="Request {number} was closed more than {days} days ago: send a new request.",
    )


class CallOffTooLate(Conflict):
    """The first minutes are over; it may still be withdrawn."""

    code = "request_call_off_too_late"
    text = Text(
        fr="La demande {number} est envoyée depuis plus de {minutes} minutes : vous pouvez encore l’annuler.",
        en="Request {number} was sent more than {minutes} minutes ago: you can still withdraw it.",
    )


class NotCoordinator(Forbidden):
    """Only the coordinator of the request's pool may do this."""

    code = "request_not_coordinator"
    text = Text(
        fr="Seul le coordinateur du groupe peut faire cela pour la demande {number}.",
        en="Only the coordinator of the pool may do this for request {number}.",
    )


class GlassReasonMissing(BadInput):
    """An exceptional access says why."""

    code = "glass_reason_missing"
    text = Text(
        fr="Choisissez le motif et dites en une phrase ({limit} caractères au plus) pourquoi vous ouvrez le contenu.",
        en="Choose the reason and say in a sentence (at most {limit} characters) why you open what was said.",
    )


class NothingAskedAfter(Conflict):
    """No question waits on the answer, or it was settled meanwhile."""

    code = "request_nothing_asked_after"
    text = Text(
        fr="Aucune question n’attend de réponse sur l’avis {number}. Pour changer l’avis, corrigez-le.",
        en="No question waits for a reply on the answer to {number}. To change the answer, correct it.",
    )


class ReplyMissing(BadInput):
    """A reply without words, or with too many."""

    code = "request_reply_missing"
    text = Text(
        fr="Écrivez votre réponse au demandeur ({limit} caractères au plus), puis envoyez.",
        en="Write your reply to the requester (at most {limit} characters), then send.",
    )


class NoOwnMailbox(Conflict):
    """Something was to be sent to one's own mailbox, and the directory knows of none."""

    code = "request_no_own_mailbox"
    text = Text(
        fr="L’annuaire ne connaît pas votre boîte de messagerie sécurisée. Déclarez-la dans votre fiche, ou "
        "téléchargez le document.",
        en="The directory knows no secure mailbox of yours. Declare it in your entry, or download the document.",
    )


class RequesterNotDescribed(Conflict):
    """The structured document needs more of the requester than the register says; `missing`: what, in French words."""

    code = "request_requester_not_described"
    text = Text(
        fr="Le document structuré ne peut pas être établi : le Répertoire ne dit pas {missing} du demandeur. Prenez la "
        "demande en PDF, ou faites compléter sa fiche au Répertoire.",
        en="The structured document cannot be made: the register does not say {missing} of the requester. Take the "
        "request as a PDF, or have their entry in the register completed.",
    )
