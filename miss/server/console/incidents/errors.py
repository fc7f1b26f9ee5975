"""What the page of incidents refuses."""

from miss.base.errors import BadInput, Conflict, NotFound, TooMany
from miss.base.text import Text


class IncidentNotFound(NotFound):
    """No incident has that identifier."""

    code = "incident_not_found"
    text = Text(
        fr="Cet incident n’existe pas. Revenez à la liste des incidents.",
        en="This incident does not exist. Go back to the list of incidents.",
    )


class IncidentIncomplete(BadInput):
    """The French title or text is missing, or one is too long: `field` of at most `maximum` characters."""

    code = "incident_incomplete"
    text = Text(
        fr="Le titre et le texte français sont nécessaires ; un titre fait {title} caractères au plus, un texte "
        "{body} au plus.",
        en="The French title and text are needed; a title has {title} characters at most, a text {body} at most.",
    )


class IncidentDatesRefused(BadInput):
    """A maintenance begins and ends, in that order, and is not over when it is announced."""

    code = "incident_dates_refused"
    text = Text(
        fr="Une maintenance a un début et une fin, dans cet ordre, et sa fin est à venir. Un incident ne commence pas "
        "dans le futur.",
        en="A maintenance has a beginning and an end, in this order, and ends in the future. An incident does not "
        "begin in the future.",
    )


class IncidentClosed(Conflict):
    """It is over: nothing is added any more."""

    code = "incident_closed"
    text = Text(
        fr="Cet incident est clos : ouvrez-en un autre s’il reprend.",
        en="This incident is closed: open another one if it comes back.",
    )


class SubscriptionLinkExpired(BadInput):
    """The link of a mail is unknown, was used, or is too old."""

    code = "subscription_link_expired"
    text = Text(
        fr="Ce lien n’est plus valable. Inscrivez de nouveau l’adresse depuis la page « Maintenance et travaux ».",
        en="This link is no longer valid. Subscribe the address again on the page “Maintenance and works”.",
    )


class TooManySubscriptions(TooMany):
    """Too many addresses from one network; the next one is possible in `retry_after_s` seconds."""

    code = "too_many_subscriptions"
    text = Text(
        fr="Trop d’inscriptions ont été demandées depuis votre réseau. Réessayez dans {retry_after_s} secondes.",
        en="Too many subscriptions were asked for from your network. Try again in {retry_after_s} seconds.",
    )
