"""What a quota refuses."""

from miss.base.errors import BadInput, Conflict, TooMany
from miss.base.text import Text


class EstablishmentQuotaReached(TooMany):
    """The establishment's programs have asked for all that they may, together."""

    code = "establishment_quota_reached"
    text = Text(
        fr="Les logiciels de l’établissement ont atteint leur quota commun de {allowed} requêtes par minute. Réessayez "
        "dans {retry_after_s} s ; l’exploitant peut relever ce quota.",
        en="The establishment’s programs have reached their common quota of {allowed} requests a minute. Try again in "
        "{retry_after_s} s; the operator can raise it.",
    )


class QuotaRefused(BadInput):
    """No whole number, or one out of bounds."""

    code = "establishment_quota_refused"
    text = Text(
        fr="Un quota est un nombre entier de {least} à {most} ; laissez vide pour la valeur de la plateforme.",
        en="A quota is a whole number from {least} to {most}; leave it empty for the platform’s own.",
    )


class LimitRefused(BadInput):
    """No whole number, or one out of bounds, for what has no limit unless one is set."""

    code = "establishment_limit_refused"
    text = Text(
        fr="Une limite est un nombre entier de 1 à {most} ; laissez vide ou mettez 0 pour ne rien limiter.",
        en="A limit is a whole number from 1 to {most}; leave it empty or put 0 for no limit.",
    )


class EstablishmentStorageFull(Conflict):
    """The establishment's people keep as many bytes of attachments as they may."""

    code = "establishment_storage_full"
    text = Text(
        fr="Votre établissement garde déjà toutes les pièces jointes que son quota permet ({limit_mb} Mo). Rien n’est "
        "perdu : envoyez sans cette pièce, ou demandez à l’administrateur de votre établissement de faire relever ce "
        "quota, puis réessayez.",
        en="Your establishment already keeps as many attachments as its quota allows ({limit_mb} MB). Nothing is lost: "
        "send without this file, or ask your establishment’s administrator to have the quota raised, then try again.",
    )


class EstablishmentAdviceSpent(Conflict):
    """The establishment's people have sent as many requests for advice today as they may."""

    code = "establishment_advice_spent"
    text = Text(
        fr="Votre établissement a envoyé toutes les demandes d’avis que son quota permet par jour ({limit}). La vôtre "
        "est conservée en brouillon. Si elle ne peut pas attendre demain, appelez l’expert ou le centre 15, ou "
        "demandez à l’administrateur de votre établissement de faire relever ce quota.",
        en="Your establishment has sent all the requests for advice that its quota allows a day ({limit}). Yours is "
        "kept as a draft. If it cannot wait until tomorrow, call the expert or the emergency line (15), or ask your "
        "establishment’s administrator to have the quota raised.",
    )
