"""What invitations refuse.  Nothing here tells the bearer of a link, or an inviter, whether anybody has an account."""

from miss.base.errors import BadInput, Conflict, Forbidden, NotFound
from miss.base.text import Text


class InvitationNotFound(NotFound):
    """No invitation has that identifier there, or its link is unknown, spent, withdrawn or has run out: one answer."""

    code = "invitation_not_found"
    text = Text(
        fr="Cette invitation n’est pas ou plus valable. Demandez-en une autre à la personne qui vous a invité ; si "
        "vous avez déjà envoyé vos réponses, suivez votre demande avec le lien reçu depuis.",
        en="This invitation is not, or no longer, valid. Ask who invited you for another; if you have sent your "
        "answers already, follow your request with the link received since.",
    )


class InvitationRefused(Forbidden):
    """Not somebody who may invite there."""

    code = "invitation_refused"
    text = Text(
        fr="Seul un praticien invite sa secrétaire, et un administrateur le personnel de son établissement.",
        en="Only a practitioner invites their secretary, and an administrator the staff of their establishment.",
    )


class InvitedOneself(BadInput):
    """The mailbox is the inviter's own, or the bearer of the link is the inviter."""

    code = "invited_oneself"
    text = Text(
        fr="Personne ne s’invite soi-même : indiquez l’adresse personnelle de la personne invitée, qui ouvrira le lien "
        "elle-même.",
        en="Nobody invites themselves: give the personal address of whom you invite, who will open the link.",
    )


class InvitationExists(Conflict):
    """Somebody with that mailbox is invited there, or acts there already."""

    code = "invitation_exists"
    text = Text(
        fr="Cette adresse a déjà une invitation en cours ou un mandat. Renvoyez l’invitation depuis la liste.",
        en="This address has an invitation or a mandate already. Send the invitation again from the list.",
    )


class TooManyInvitations(Conflict):
    """As many as may be under way at once."""

    code = "too_many_invitations"
    text = Text(
        fr="Il y a déjà {limit} invitations en cours, le maximum. Retirez celles qui n’ont pas eu de suite.",
        en="There are {limit} invitations under way, the most there may be. Withdraw those that came to nothing.",
    )


class InvitationStateForbids(Conflict):
    """Where the invitation stands (`standing`) does not allow that act."""

    code = "invitation_state"
    text = Text(
        fr="Action impossible : cette invitation a changé d’état entre-temps ({standing}). Rechargez la page.",
        en="Not possible: this invitation has changed meanwhile ({standing}). Reload the page.",
    )


class EmployerNumberMissing(BadInput):
    """An establishment without a FINESS number numbers nobody."""

    code = "employer_number_missing"
    text = Text(
        fr="La fiche de l’établissement n’a pas de numéro FINESS valable : complétez-la avant d’inviter quelqu’un.",
        en="The establishment’s record has no valid FINESS number: complete it before you invite anybody.",
    )


class NobodyToName(BadInput):
    """Nobody of the register with an active account has that number."""

    code = "nobody_to_name"
    text = Text(
        fr="Aucun compte actif n’a ce numéro RPPS. Vérifiez les onze chiffres ; une personne sans numéro RPPS, ou sans "
        "compte, s’invite par son adresse.",
        en="No active account has this RPPS number. Check its eleven digits; somebody without a number, or without an "
        "account, is invited by their address.",
    )


class MandateNotFound(NotFound):
    """The account does not, or no longer, act there."""

    code = "mandate_not_found"
    text = Text(
        fr="Ce mandat n’existe pas, ou a pris fin. Rechargez la page.",
        en="This mandate does not exist, or has ended. Reload the page.",
    )
