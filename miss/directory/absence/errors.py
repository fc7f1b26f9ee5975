"""What absences refuse."""

from miss.base.errors import BadInput, Conflict, NotFound
from miss.base.text import Text


class AbsenceUpsideDown(BadInput):
    """The last day is before the first."""

    code = "absence_upside_down"
    text = Text(
        fr="Le dernier jour d’absence précède le premier. Corrigez les dates.",
        en="The last day of the absence is before the first. Correct the dates.",
    )


class AbsencePast(BadInput):
    """It is over already."""

    code = "absence_past"
    text = Text(
        fr="Cette absence est déjà terminée. Indiquez un dernier jour à venir.",
        en="This absence is over already. Give a last day to come.",
    )


class AbsenceTooLong(BadInput):
    """Over `days` days: somebody who leaves for longer has their account suspended."""

    code = "absence_too_long"
    text = Text(
        fr="Une absence dure au plus {days} jours. Au-delà, demandez à l’assistance de suspendre votre compte.",
        en="An absence lasts {days} days at most. For longer, ask support to suspend your account.",
    )


class AbsenceMessageTooLong(BadInput):
    """Over `limit` characters."""

    code = "absence_message_too_long"
    text = Text(
        fr="Le message d’absence compte au plus {limit} caractères. Raccourcissez-le.",
        en="The message has {limit} characters at most. Shorten it.",
    )


class AbsenceOverlaps(Conflict):
    """Another one covers some of these days."""

    code = "absence_overlaps"
    text = Text(
        fr="Une autre absence couvre déjà une partie de ces jours. Retirez-la d’abord, ou changez les dates.",
        en="Another absence covers some of these days. Remove it first, or change the dates.",
    )


class AbsencesFull(Conflict):
    """Over `limit` to come."""

    code = "absences_full"
    text = Text(
        fr="Vous avez déjà {limit} absences à venir. Retirez-en pour en ajouter.",
        en="You have {limit} absences to come already. Remove some to add others.",
    )


class AbsenceNotFound(NotFound):
    """Over and forgotten, removed, or somebody else's."""

    code = "absence_not_found"
    text = Text(
        fr="Cette absence n’existe plus. Rechargez la page.",
        en="This absence is no longer there. Reload the page.",
    )


class ColleagueUnknown(BadInput):
    """Not a number or an address of somebody else whom everybody may find."""

    code = "colleague_unknown"
    text = Text(
        fr="Aucun confrère visible dans l’annuaire n’a ce numéro RPPS ou cette adresse. Vérifiez la saisie.",
        en="No colleague shown in the directory has this RPPS number or address. Check what you typed.",
    )
