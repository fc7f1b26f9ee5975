"""Mails that say that time runs: to whoever has to move, and honestly to whoever waits.

To experts and coordinators a number, a specialty, a time and a link, nothing clinical; to the requester on their own
thread.  Source: teleexpertise.md §5.
"""

from collections.abc import Sequence
from datetime import datetime

from miss.mail.outbound.model import OutboundMail
from teleexpertise.letters.envelope import Correspondent, Platform, Thread, moment, say


def to_holder(
    platform: Platform,
    to: Correspondent,
    *,
    number: str,
    reference: str,
    form_title: str,
    deadline_at: datetime,
    expires_at: datetime | None,
) -> OutboundMail:
    """A request in somebody's hands has used up much of its time.  `expires_at`: they have yet to accept it."""
    accept = f"Elle attend que vous l’acceptiez ou la décliniez avant {moment(expires_at)}." if expires_at else ""
    return say(
        platform, to, None,
        f"La demande {number} ({form_title}) vous est confiée. Réponse attendue au plus tard {moment(deadline_at)}.",
        accept,
        f"La lire et y répondre : {platform.page_of(number)}",
        "Si vous ne pouvez pas y répondre à temps, déclinez-la : elle sera proposée à un confrère.",
        number=number, kind=f"reminder-{reference}", label="rappel d’échéance",
    )  # fmt: skip


def nobody_holds(
    platform: Platform,
    to: Correspondent,
    *,
    number: str,
    reference: str,
    form_title: str,
    pool_name: str,
    deadline_at: datetime,
) -> OutboundMail:
    """Most of the time is gone and the request is in nobody's hands: the coordinator has to act."""
    return say(
        platform, to, None,
        f"La demande {number} ({form_title}, groupe « {pool_name} ») n’est encore entre les mains d’aucun expert, et "
        f"son échéance approche : {moment(deadline_at)}.",
        f"La confier à quelqu’un : {platform.page_of(number)}",
        number=number, kind=f"nobody-{reference}", label="personne ne l’a prise",
    )  # fmt: skip


def overdue(
    platform: Platform,
    to: Correspondent,
    *,
    number: str,
    reference: str,
    form_title: str,
    pool_name: str,
    deadline_at: datetime,
    holder: str,
    is_told: bool,
) -> OutboundMail:
    """The deadline has passed.  `holder`: who has it, empty if nobody; `is_told`: the requester knows."""
    where = f"Elle est entre les mains de {holder}." if holder else "Elle n’est entre les mains de personne."
    return say(
        platform, to, None,
        f"L’échéance de la demande {number} ({form_title}, groupe « {pool_name} ») est dépassée : elle était attendue "
        f"{moment(deadline_at)}.\n{where}",
        "Le demandeur est prévenu de ce retard." if is_told else "",
        f"La confier à quelqu’un d’autre : {platform.page_of(number)}",
        "Tant qu’elle n’a pas de réponse, ce message revient chaque jour ouvré.",
        number=number, kind=f"overdue-{reference}", label="échéance dépassée",
    )  # fmt: skip


def delayed(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    reference: str,
    form_title: str,
    deadline_at: datetime,
    is_held: bool,
) -> OutboundMail:
    """The answer that was promised has not come.  `is_held`: an expert works on it."""
    where = (
        "Un expert l’a prise en charge, mais n’a pas encore rendu son avis."
        if is_held
        else "Aucun expert ne l’a encore prise en charge."
    )
    return say(
        platform, to, thread,
        f"Votre demande {number} ({form_title}) devait recevoir une réponse au plus tard {moment(deadline_at)}. "
        f"Ce délai n’est pas tenu, et nous vous prions de nous en excuser. {where}",
        "Le coordinateur du groupe d’experts est prévenu et s’en occupe. Si vous ne pouvez pas attendre, prenez avis "
        "par une autre voie ; en cas d’urgence, appelez le 15.",
        f"Suivre la demande, ou l’annuler : {platform.page_of(number)}",
        number=number, kind=f"delayed-{reference}", label="réponse en retard",
    )  # fmt: skip


def still_silent(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    reference: str,
    form_title: str,
    asked_at: datetime,
    closes_at: datetime,
    lines_to_fill: Sequence[str],
) -> OutboundMail:
    """The expert's question has had no answer for days."""
    lines = "\n".join(("Lignes à compléter dans votre réponse :", *(f"   {line}" for line in lines_to_fill)))
    return say(
        platform, to, thread,
        f"L’expert attend vos précisions sur la demande {number} ({form_title}) depuis {moment(asked_at)}.",
        lines if lines_to_fill else "",
        f"Répondez à ce message, ou sur le site : {platform.page_of(number)}",
        f"Sans nouvelle de vous, la demande sera close {moment(closes_at)}. Si elle n’a plus d’objet, vous pouvez "
        "l’annuler dès maintenant.",
        number=number, kind=f"silent-{reference}", label="vos précisions sont attendues",
    )  # fmt: skip


def closed_unclarified(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    reference: str,
    form_title: str,
    days: int,
) -> OutboundMail:
    """The requester never answered.  `days`: how long a word of theirs opens it again."""
    return say(
        platform, to, thread,
        f"Sans réponse à la question de l’expert, votre demande {number} ({form_title}) est close. Aucun avis n’a été "
        "rendu.",
        f"Elle se rouvre si vous répondez à ce message dans les {days} jours, ou sur le site :\n"
        f"{platform.page_of(number)}",
        number=number, kind=f"closed-{reference}", label="demande close",
    )  # fmt: skip


def closed_for_holder(
    platform: Platform, to: Correspondent, *, number: str, reference: str, form_title: str
) -> OutboundMail:
    """The expert who asked has nothing more to do."""
    return say(
        platform, to, None,
        f"Le demandeur n’a pas répondu à votre question sur la demande {number} ({form_title}) : elle est close, et "
        "vous n’avez plus rien à faire. S’il la rouvre, elle vous sera proposée d’abord.",
        number=number, kind=f"unclarified-{reference}", label="demande close",
    )  # fmt: skip
