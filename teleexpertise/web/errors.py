"""What the pages may refuse before anything is judged."""

from miss.base.errors import BadInput, Forbidden, TooLarge
from miss.base.text import Text


class FormTooLarge(TooLarge):
    """More bytes than the pages take in one form."""

    code = "form_too_large"
    text = Text(
        fr="Votre envoi dépasse {limit_mb} Mo. Réduisez le nombre ou la taille des fichiers, puis recommencez.",
        en="What you sent is over {limit_mb} MB. Reduce the number or size of the files, then try again.",
    )


class TimeUnreadable(BadInput):
    """Not a time of the day."""

    code = "time_unreadable"
    text = Text(
        fr="Une heure manque ou ne peut pas être lue (« {typed} »). Écrivez-la comme 09:30.",
        en="A time is missing or cannot be read ({typed}). Write it like 09:30.",
    )


class DayUnreadable(BadInput):
    """Not a date."""

    code = "day_unreadable"
    text = Text(
        fr="Une date manque ou ne peut pas être lue (« {typed} »). Écrivez-la comme 2026-12-24.",
        en="A date is missing or cannot be read ({typed}). Write it like 2026-12-24.",
    )


class NumberUnreadable(BadInput):
    """Not a number that makes sense there."""

    code = "number_unreadable"
    text = Text(
        fr="La valeur de « {field} » manque ou ne peut pas être lue (« {typed} »). Écrivez un nombre.",
        en="The value of {field} is missing or cannot be read ({typed}). Write a number.",
    )


class OwnNameNeeded(Forbidden):
    """Asked for while acting for somebody, or by a staff person, who has nothing in their own name."""

    code = "own_name_needed"
    text = Text(
        fr="Cela se fait en son propre nom : qui agit pour un autre prépare et suit des demandes ; rendre ou juger un "
        "avis et régler son compte restent au praticien. Pour revenir à vos propres pages : « Je travaille pour… ».",
        en="This is done in one’s own name: who acts for another prepares and follows requests; to give or to judge "
        "advice and to set up an account stay with the practitioner. To go back to your own pages: “I work for…”.",
    )


class NobodyToAskFor(Forbidden):
    """A staff person who acts for nobody now: nothing chosen, or the mandate has ended."""

    code = "nobody_to_ask_for"
    text = Text(
        fr="Vous n’agissez pour personne en ce moment : votre mandat a pris fin, ou vous n’avez pas choisi. "
        "Ouvrez « Je travaille pour… ».",
        en="You act for nobody at the moment: your mandate has ended, or you have not chosen. Open “I work for…”.",
    )
