"""Mails about a question that follows an answer: to the expert who gave it, their reply, and when it is late."""

from datetime import datetime

from miss.mail.outbound.model import OutboundMail
from teleexpertise.letters.envelope import Correspondent, Platform, Thread, moment, say


def asked(
    platform: Platform, to: Correspondent, *, number: str, reference: str, form_title: str, due_at: datetime
) -> OutboundMail:
    """The requester comes back to an answer."""
    return say(
        platform, to, None,
        f"Le demandeur revient sur votre avis {number} ({form_title}).\n"
        f"Réponse attendue au plus tard {moment(due_at)}.",
        f"Lire sa question, y répondre en un mot ou corriger l’avis : {platform.page_of(number)}",
        number=number, kind=f"after-{reference}", label="question sur votre avis",
    )  # fmt: skip


def replied(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    reference: str,
    form_title: str,
    expert: str,
    reply: str,
) -> OutboundMail:
    """What the expert says to it.  The answer itself has not changed."""
    return say(
        platform, to, thread,
        f"{expert} répond à votre question sur l’avis {number} ({form_title}) :",
        reply,
        f"L’avis rendu n’est pas modifié. Le relire : {platform.page_of(number)}",
        number=number, kind=f"replied-{reference}", label="réponse à votre question",
    )  # fmt: skip


def late(
    platform: Platform,
    to: Correspondent,
    *,
    number: str,
    reference: str,
    form_title: str,
    expert: str,
    asked_at: datetime,
) -> OutboundMail:
    """To the expert and to the coordinator of the pool: nobody has replied in time."""
    return say(
        platform, to, None,
        f"La question posée {moment(asked_at)} sur l’avis {number} ({form_title}), rendu par {expert}, attend "
        "toujours une réponse.",
        f"La voir : {platform.page_of(number)}",
        number=number, kind=f"after-late-{reference}", label="question sans réponse",
    )  # fmt: skip
