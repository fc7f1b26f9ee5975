"""What imported calendars refuse."""

from miss.base.errors import BadInput, Conflict, NotFound, TooLarge, TooMany, Unavailable
from miss.base.text import Text


class CalendarUnreadable(BadInput):
    """Not iCalendar."""

    code = "calendar_unreadable"
    text = Text(
        fr="Ce fichier n’est pas un agenda lisible (.ics, iCalendar). Exportez-le de nouveau depuis votre logiciel.",
        en="This file is not a calendar that can be read (.ics, iCalendar). Export it again from your software.",
    )


class CalendarZoneUnknown(BadInput):
    """A TZID that is neither an IANA or Windows name, nor described by the calendar itself."""

    code = "calendar_zone_unknown"
    text = Text(
        fr="L’agenda emploie le fuseau horaire « {zone} », qui est inconnu et qu’il ne décrit pas. "
        "Choisissez un fuseau courant (« Europe/Paris ») dans votre logiciel, puis exportez-le de nouveau.",
        en="The calendar uses the time zone {zone}, which is unknown and which it does not describe. "
        "Choose a common one (Europe/Paris) in your software, then export it again.",
    )


class CalendarRuleTooDense(BadInput):
    """An event that repeats within the day."""

    code = "calendar_rule_too_dense"
    text = Text(
        fr="L’agenda contient un événement répété plusieurs fois par jour ({rule}). "
        "Supprimez cette répétition, puis exportez-le de nouveau.",
        en="The calendar holds an event that repeats several times a day ({rule}). "
        "Remove that repetition, then export it again.",
    )


class CalendarTooMany(TooLarge):
    """More events than are read."""

    code = "calendar_too_many"
    text = Text(
        fr="L’agenda compte plus de {limit} événements. N’exportez que l’année en cours.",
        en="The calendar has more than {limit} events. Export the current year only.",
    )


class CalendarTooLarge(TooLarge):
    """More bytes than are read."""

    code = "calendar_too_large"
    text = Text(
        fr="L’agenda dépasse {limit_mb} Mo. N’exportez que l’année en cours, sans pièces jointes.",
        en="The calendar is over {limit_mb} MB. Export the current year only, without attachments.",
    )


class CalendarTooHeavy(TooLarge):
    """Its repetitions take too long to count."""

    code = "calendar_too_heavy"
    text = Text(
        fr="Les répétitions de cet agenda sont trop nombreuses pour être calculées. "
        "Retirez celles qui remontent à des années, puis exportez-le de nouveau.",
        en="The repetitions of this calendar are too many to be counted. "
        "Remove those that go back for years, then export it again.",
    )


class CalendarsFull(Conflict):
    """As many as somebody may import."""

    code = "calendars_full"
    text = Text(
        fr="Vous importez déjà {limit} agendas. Retirez-en un pour en ajouter un autre.",
        en="You import {limit} calendars already. Remove one to add another.",
    )


class CalendarNotFound(NotFound):
    """Removed, or somebody else's."""

    code = "calendar_not_found"
    text = Text(
        fr="Cet agenda n’existe plus. Rechargez la page.",
        en="This calendar is no longer there. Reload the page.",
    )


class CalendarMissing(BadInput):
    """A form without its file."""

    code = "calendar_missing"
    text = Text(
        fr="Choisissez le fichier .ics de votre agenda.",
        en="Choose the .ics file of your calendar.",
    )


class AddressRefused(BadInput):
    """Not an https address of the public Internet."""

    code = "calendar_address_refused"
    text = Text(
        fr="Cette adresse ne peut pas être suivie. Il faut une adresse https:// publique, sans nom d’utilisateur : "
        "copiez l’« adresse iCal » que donne votre agenda.",
        en="This address cannot be subscribed to. It must be a public https:// address without a user name: "
        "copy the iCal address that your calendar gives.",
    )


class CalendarUnreachable(Unavailable):
    """The address does not answer, or not with a calendar."""

    code = "calendar_unreachable"
    text = Text(
        fr="L’adresse de l’agenda ne répond pas comme il faut ({reason}). Vérifiez-la dans votre logiciel.",
        en="The address of the calendar does not answer as it should ({reason}). Check it in your software.",
    )


class FeedAskedTooOften(TooMany):
    """Software reads a calendar's address more often than it changes."""

    code = "calendar_asked_too_often"
    text = Text(
        fr="Cet agenda est lu trop souvent. Réglez votre logiciel sur une lecture toutes les quinze minutes au plus ; "
        "la prochaine est possible dans {retry_after_s} s.",
        en="This calendar is read too often. Set your software to read it every fifteen minutes at most; the next time "
        "is possible in {retry_after_s} s.",
    )
