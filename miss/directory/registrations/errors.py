"""What sign-up refuses.  Nothing here tells a stranger whether somebody has an account."""

from dataclasses import dataclass

from miss.base.errors import BadInput, Conflict, Forbidden, NotFound, TooLarge
from miss.base.text import Language, Text


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field, and what to do."""

    field: str
    text: Text
    limit: int = 0
    """Fills `{limit}` in the text."""

    def sentence(self, language: Language) -> str:
        """For the person who filled the form."""
        return self.text.in_(language, limit=self.limit)


class ApplicationRefused(BadInput):
    """The form has faults; `problems` names each field."""

    code = "application_refused"
    text = Text(
        fr="Votre demande n’a pas été envoyée : {count} point(s) à corriger, indiqués ci-dessous.",
        en="Your request was not sent: {count} thing(s) to correct, shown below.",
    )

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(count=len(problems))
        self.problems = problems


class RegistrationNotFound(NotFound):
    """No sign-up has that identifier or that link, or its link has run out."""

    code = "registration_not_found"
    text = Text(
        fr="Ce lien de suivi n’est pas ou plus valable. Ouvrez celui du dernier message que nous vous avons envoyé, "
        "demandez-en un autre à la page « J’ai perdu mon lien de suivi », ou contactez l’assistance.",
        en="This link is not, or no longer, valid. Open that of the last message we sent you, ask for another on the "
        "page “I lost my follow link”, or contact support.",
    )


class ContactMalformed(BadInput):
    """What was typed is not an address that a request may name."""

    code = "contact_malformed"
    text = Text(
        fr="Cette adresse n’est pas complète, par exemple : prenom.nom@cabinet.example.",
        en="This address is not complete, for example: first.last@surgery.example.",
    )


class LetterNotNeeded(Conflict):
    """The person has used their code for the pages: a letter would put a new one in its place."""

    code = "letter_not_needed"
    text = Text(
        fr="Cette personne a déjà activé son accès : une lettre ne sert plus, et son code remplacerait le sien. S’il "
        "lui faut un nouveau code, émettez-le depuis la page de son compte.",
        en="This person has activated their access already: a letter is of no use, and its code would replace theirs. "
        "If they need a new code, issue it from the page of their account.",
    )


class WrongStatus(Conflict):
    """The sign-up's `status` does not allow `act`."""

    code = "registration_wrong_status"
    text = Text(
        fr="Action impossible : la demande a changé d’état entre-temps ({status}). Rechargez la page.",
        en="Not possible: the request has changed meanwhile ({status}). Reload the page.",
    )


class SecondPersonNeeded(Forbidden):
    """Four eyes: who approved first cannot confirm."""

    code = "second_person_needed"
    text = Text(
        fr="Vous avez déjà donné votre accord : un autre technicien doit confirmer.",
        en="You have approved already: another technician has to confirm.",
    )


class NotInRegister(Conflict):
    """An account is opened for somebody whom the register knows by an RPPS number, and nobody else."""

    code = "not_in_register"
    text = Text(
        fr="Le répertoire ne connaît personne sous ce numéro RPPS : aucun compte ne peut être ouvert. Demandez un "
        "complément, ou attendez l’import d’un répertoire à jour.",
        en="The register knows nobody by this RPPS number: no account can be opened. Ask for more, or wait until a "
        "current register is imported.",
    )


class InvitationClosed(Conflict):
    """Who invited withdrew it, left, or may not invite any more: nobody vouches for the person."""

    code = "registration_invitation_closed"
    text = Text(
        fr="L’invitation à laquelle cette demande répond a été retirée, ou la personne qui invitait n’en a plus le "
        "droit : aucun compte ne peut être ouvert. Refusez la demande.",
        en="The invitation that this request answers was withdrawn, or who invited may no longer do so: no account can "
        "be opened. Refuse the request.",
    )


class AccountThere(Conflict):
    """The person has an account: the sign-up can only be joined to it."""

    code = "registration_account_there"
    text = Text(
        fr="Cette personne a déjà un compte. Si c’est bien elle, réunissez la demande à ce compte : il gardera ses "
        "données, et une nouvelle lettre remplacera ses codes.",
        en="This person has an account already. If it is them, join the request to it: it keeps its data, and a new "
        "letter replaces its codes.",
    )


class AccountClosed(Conflict):
    """The account to join is pending, suspended or revoked."""

    code = "registration_account_closed"
    text = Text(
        fr="Le compte de cette personne n’est pas actif. Réglez d’abord sa situation depuis la page du compte.",
        en="This person’s account is not active. Settle that first, on the account’s page.",
    )


class MergeRefused(Conflict):
    """The two sign-ups are one and the same, or the one to keep is decided already."""

    code = "registration_merge_refused"
    text = Text(
        fr="Ces deux demandes ne peuvent pas être réunies : celle à conserver doit être une autre, encore ouverte.",
        en="These two requests cannot be joined: the one to keep has to be another one, still open.",
    )


class WordsMissing(BadInput):
    """A refusal has a reason; a question has words."""

    code = "registration_words_missing"
    text = Text(
        fr="Dites à la personne ce qu’il en est : choisissez au moins un motif, ou écrivez quelques mots.",
        en="Tell the person how things stand: choose a reason at least, or write a few words.",
    )


class EvidenceTooLarge(TooLarge):
    """A file over the limit."""

    code = "evidence_too_large"
    text = Text(
        fr="Ce fichier dépasse {limit_mb} Mo. Réduisez-le, ou photographiez le document avec moins de détails.",
        en="This file is over {limit_mb} MB. Make it smaller, or photograph the document with less detail.",
    )


class EvidenceFormat(BadInput):
    """Content that is neither PDF, nor JPEG, nor PNG, whatever its name says."""

    code = "evidence_format"
    text = Text(
        fr="Ce fichier n’est ni un PDF, ni une image JPEG ou PNG. Envoyez le document sous l’un de ces formats.",
        en="This file is neither a PDF, nor a JPEG or PNG picture. Send the document as one of these.",
    )


class EvidenceMissing(NotFound):
    """No such file, or it was destroyed in its time."""

    code = "evidence_missing"
    text = Text(
        fr="Cette pièce n’existe pas, ou a été détruite après la décision.",
        en="This document does not exist, or was destroyed after the decision.",
    )


class TooMuchEvidence(BadInput):
    """As many files as a sign-up may have."""

    code = "too_much_evidence"
    text = Text(
        fr="Cette demande a déjà {limit} pièces, le maximum. Réunissez vos documents en un seul PDF, ou contactez "
        "l’assistance.",
        en="This request has {limit} documents already, the most there may be. Put yours into one PDF, or contact "
        "support.",
    )
