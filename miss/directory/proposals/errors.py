"""What proposals refuse."""

from miss.base.errors import BadInput, Conflict, Forbidden, NotFound
from miss.base.text import Text


class NothingProposed(BadInput):
    """The form says what is there already, and no word beside."""

    code = "nothing_proposed"
    text = Text(
        fr="Rien ne change par rapport à votre fiche. Modifiez au moins un champ, ou décrivez ce qui est faux.",
        en="Nothing differs from your entry. Change at least one field, or describe what is wrong.",
    )


class PhoneMalformed(BadInput):
    """Not a telephone number."""

    code = "phone_malformed"
    text = Text(
        fr="Ce numéro de téléphone n’est pas lisible. Écrivez dix chiffres, ou un numéro international qui commence "
        "par +.",
        en="This telephone number cannot be read. Write ten digits, or an international number that begins with +.",
    )


class MailboxNotTheirs(BadInput):
    """An address that the directory does not give to this person."""

    code = "mailbox_not_theirs"
    text = Text(
        fr="Cette adresse n’est pas l’une de celles que l’annuaire vous connaît. Choisissez-en une dans la liste.",
        en="This address is not one that the directory has for you. Choose one from the list.",
    )


class RemarkTooLong(BadInput):
    """Over `limit` characters."""

    code = "remark_too_long"
    text = Text(
        fr="Votre explication compte au plus {limit} caractères. Raccourcissez-la.",
        en="Your explanation has {limit} characters at most. Shorten it.",
    )


class ReasonMissing(BadInput):
    """A refusal says why."""

    code = "refusal_reason_missing"
    text = Text(
        fr="Indiquez le motif du refus, en 500 caractères au plus : la personne le recevra.",
        en="Say why it is refused, in 500 characters at most: the person will receive it.",
    )


class ProposalOpen(Conflict):
    """One at a time."""

    code = "proposal_open"
    text = Text(
        fr="Une proposition est déjà à l’étude. Retirez-la pour en faire une autre.",
        en="A proposal is being looked at already. Withdraw it to make another one.",
    )


class ProposalSettled(Conflict):
    """It was accepted, refused or withdrawn meanwhile."""

    code = "proposal_settled"
    text = Text(
        fr="Cette proposition n’est plus à l’étude : elle a été traitée ou retirée. Rechargez la page.",
        en="This proposal is no longer open: it was dealt with or withdrawn. Reload the page.",
    )


class ProposalNotFound(NotFound):
    """There is no such proposal."""

    code = "proposal_not_found"
    text = Text(
        fr="Cette proposition n’existe pas. Revenez à la liste.",
        en="There is no such proposal. Go back to the list.",
    )


class OwnProposal(Forbidden):
    """A technician judges their own."""

    code = "own_proposal"
    text = Text(
        fr="Vous ne pouvez pas juger votre propre proposition : un autre technicien doit le faire.",
        en="You cannot judge your own proposal: another technician has to.",
    )
