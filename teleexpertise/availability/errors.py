"""What a calendar may refuse."""

from miss.base.errors import BadInput, Conflict
from miss.base.text import Text


class BadSlot(BadInput):
    """A slot that is not inside one day, or does not last."""

    code = "bad_slot"
    text = Text(
        fr="Le créneau « {start} – {end} » n'est pas possible : la fin doit suivre le début, le même jour. "
        "Pour une nuit, faites deux créneaux qui se touchent à minuit (fin à 00:00).",
        en="The slot {start} – {end} is not possible: its end must follow its start on the same day. "
        "For a night, make two slots that meet at midnight (end at 00:00).",
    )


class UnknownZone(BadInput):
    """Not a name of the IANA time zone database."""

    code = "unknown_zone"
    text = Text(
        fr="Le fuseau horaire « {zone} » est inconnu. Choisissez par exemple « Europe/Paris » ou « Indian/Reunion ».",
        en="The time zone {zone} is unknown. Choose for instance Europe/Paris or Indian/Reunion.",
    )


class BadLeave(BadInput):
    """A leave that ends before it begins."""

    code = "bad_leave"
    text = Text(
        fr="L'absence du {first_day} au {last_day} finit avant de commencer. Corrigez l'une des deux dates.",
        en="The leave from {first_day} to {last_day} ends before it begins. Correct one of the dates.",
    )


class BadLimit(BadInput):
    """A limit under one: whoever wants nothing says that they are away."""

    code = "bad_limit"
    text = Text(
        fr="Une limite est un nombre entier à partir de 1. Pour ne plus rien recevoir, déclarez une absence.",
        en="A limit is a whole number from 1. To receive nothing any more, declare an absence.",
    )


class NothingToUndo(Conflict):
    """No change is kept that could be undone."""

    code = "nothing_to_undo"
    text = Text(
        fr="Il n’y a pas de modification à annuler. Rechargez la page.",
        en="There is no change to undo. Reload the page.",
    )


class CalendarFull(BadInput):
    """More entries than anybody needs: something writes in a loop."""

    code = "calendar_full"
    text = Text(
        fr="Ce calendrier compte plus de {limit} lignes. Supprimez les absences et exceptions passées.",
        en="This calendar has more than {limit} lines. Remove past leave and exceptions.",
    )


class NeverOpen(Conflict):
    """The hours hold too little working time for what is asked of them."""

    code = "never_open"
    text = Text(
        fr="Ces horaires n'offrent pas assez d'heures ouvrées d'ici {days} jours. Complétez la semaine.",
        en="These hours do not offer enough working time within {days} days. Complete the week.",
    )
