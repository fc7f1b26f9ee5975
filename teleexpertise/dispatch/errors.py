"""What dispatch may refuse."""

from miss.base.errors import BadInput, Conflict, Forbidden, NotFound
from miss.base.text import Text


class BadTerms(BadInput):
    """A weight, cap or quota outside its bounds."""

    code = "bad_terms"
    text = Text(
        fr="La valeur {value} de « {field} » n'est pas possible ({bounds}).",
        en="The value {value} of {field} is not possible ({bounds}).",
    )


class PoolUnknown(NotFound):
    """No pool has that identifier."""

    code = "pool_unknown"
    text = Text(
        fr="Aucun groupe d'experts ne reçoit ces demandes. Choisissez une autre spécialité, ou prévenez la plateforme.",
        en="No pool of experts receives these requests. Choose another specialty, or tell the platform.",
    )


class NotAnExpert(Forbidden):
    """A staff person acts for others, and gives no advice (ADR 41)."""

    code = "not_an_expert"
    text = Text(
        fr="Cette personne n’a pas de numéro RPPS : elle ne peut pas rendre d’avis.",
        en="This person has no RPPS number: they cannot give advice.",
    )


class AttemptUnknown(NotFound):
    """No attempt has that identifier."""

    code = "attempt_unknown"
    text = Text(
        fr="Cette proposition n'existe pas, ou ne vous est pas adressée.",
        en="This offer does not exist, or is not addressed to you.",
    )


class NotHolder(Forbidden):
    """Only the expert who was asked may accept or decline."""

    code = "not_holder"
    text = Text(
        fr="Cette demande a été confiée à un autre expert.",
        en="This request was given to another expert.",
    )


class AttemptEnded(Conflict):
    """The offer was declined, ran out, or was closed before."""

    code = "attempt_ended"
    text = Text(
        fr="Cette demande ne vous est plus confiée : elle a été rendue, reprise ou close. Rechargez votre liste.",
        en="This request is no longer yours: it was given back, taken back or closed. Reload your list.",
    )


class NotAssignable(Conflict):
    """Some reasons hold even against the coordinator's own choice."""

    code = "not_assignable"
    text = Text(
        fr="Cette demande ne peut pas être confiée à cette personne : elle n’est pas membre active du groupe, l’a "
        "demandée elle-même, a un lien déclaré avec le demandeur, ou le patient s’y oppose. Choisissez quelqu’un "
        "d’autre.",
        en="This request cannot be given to that person: they are no active member of the pool, asked for it "
        "themselves, declared a conflict with the requester, or the patient objects. Choose somebody else.",
    )


class AlreadyAssigned(Conflict):
    """The request has a live attempt; it is never offered to two experts."""

    code = "already_assigned"
    text = Text(
        fr="Cette demande est déjà confiée à un expert.",
        en="This request is with an expert already.",
    )
