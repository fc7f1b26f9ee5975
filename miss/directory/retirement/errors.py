"""What leaving refuses."""

from miss.base.errors import BadInput, Conflict, Forbidden, NotFound
from miss.base.text import Text


class RetirementNotFound(NotFound):
    """No retirement has that identifier."""

    code = "retirement_not_found"
    text = Text(
        fr="Ce départ n’existe pas. Revenez à la liste des départs.",
        en="This retirement does not exist. Go back to the list of retirements.",
    )


class RetirementRefused(Forbidden):
    """Asked for by somebody who is neither the person nor a technician; approved by somebody who is no technician."""

    code = "retirement_refused"
    text = Text(
        fr="Un départ est demandé par la personne elle-même ou par un technicien, et approuvé par des techniciens.",
        en="A retirement is asked for by the person or by a technician, and approved by technicians.",
    )


class RetirementExists(Conflict):
    """One at a time."""

    code = "retirement_exists"
    text = Text(
        fr="Un départ est déjà demandé pour ce compte. Retirez-le d’abord pour en demander un autre.",
        en="A retirement is already under way for this account. Withdraw it first to ask for another one.",
    )


class LeaveDateRefused(BadInput):
    """The day is over, or too far away: `earliest` and `latest` are ISO dates."""

    code = "leave_date_refused"
    text = Text(
        fr="La date de départ doit être comprise entre le {earliest} et le {latest}.",
        en="The day of leaving must lie between {earliest} and {latest}.",
    )


class RedirectionDatesRefused(BadInput):
    """A redirection ends after the day of leaving and lasts three months at most; `latest`: an ISO date."""

    code = "redirection_dates_refused"
    text = Text(
        fr="La redirection se termine après la date de départ et dure trois mois au plus, soit jusqu’au {latest}.",
        en="The redirection ends after the day of leaving and lasts three months at most, which is until {latest}.",
    )


class SuccessorRefused(BadInput):
    """The successor has no active account, or is the person who leaves."""

    code = "successor_refused"
    text = Text(
        fr="Le successeur doit être une autre personne, dont le compte est actif. Vérifiez son numéro RPPS, ou "
        "inscrivez-le d’abord.",
        en="The successor must be another person, whose account is active. Check the RPPS number, or have them sign "
        "up first.",
    )


class ReasonMissing(BadInput):
    """An act on somebody else's account says why."""

    code = "reason_missing"
    text = Text(
        fr="Indiquez un motif, de 300 caractères au plus et sans donnée de santé.",
        en="Say why, in 300 characters at most and without health data.",
    )


class ApprovalRefused(Forbidden):
    """Nobody approves their own leaving, what they will receive, or the same thing twice."""

    code = "approval_refused"
    text = Text(
        fr="Vous ne pouvez pas approuver ce départ : deux techniciens différents sont nécessaires, autres que la "
        "personne qui part et que son successeur.",
        en="You cannot approve this retirement: it takes two different technicians, neither of them the person who "
        "leaves nor the successor.",
    )


class StageForbids(Conflict):
    """The retirement has moved on: it is `stage`."""

    code = "retirement_stage_forbids"
    text = Text(
        fr="Ce départ a changé d’état entre-temps. Rechargez la page pour voir où il en est.",
        en="This retirement has moved on meanwhile. Reload the page to see where it stands.",
    )


class RetirementPast(Conflict):
    """It was not approved before it would have ended."""

    code = "retirement_past"
    text = Text(
        fr="La période demandée est passée. Retirez cette demande et refaites-en une.",
        en="The period that was asked for is over. Withdraw this request and make another one.",
    )
