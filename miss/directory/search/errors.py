"""What a search of the directory refuses."""

from miss.base.errors import BadInput, TooMany
from miss.base.text import Text


class SearchTooBroad(BadInput):
    """Two letters would list half the register."""

    code = "directory_search_too_broad"
    text = Text(
        fr="Tapez au moins {min} lettres d’un nom, d’une spécialité ou d’une ville.",
        en="Type at least {min} letters of a name, a specialty or a town.",
    )


class SearchQuotaReached(TooMany):
    """Somebody has seen as much of the directory as they may for now."""

    code = "directory_quota_reached"
    text = Text(
        fr="Vous avez beaucoup consulté l’annuaire en peu de temps. Pour protéger les données de chacun, les "
        "consultations sont limitées : réessayez dans {minutes} min. Si votre travail en demande davantage, dites-le à "
        "l’assistance.",
        en="You have looked at much of the directory in a short time. To protect everybody’s data, consultations are "
        "limited: try again in {minutes} min. If your work needs more, tell support.",
    )
