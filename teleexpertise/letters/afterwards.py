"""Mails about a question that follows an answer: to the expert who gave it, their reply, and when it is late."""

from datetime import datetime

from miss.mail.outbound.model import AutoSubmitted, OutboundMail
from teleexpertise.letters.envelope import (
    SIGNATURE,
    Correspondent,
    Platform,
    Thread,
    greeting,
    moment,
    on_thread,
    paragraphs,
)


def asked(
    platform: Platform, to: Correspondent, *, number: str, reference: str, form_title: str, due_at: datetime
) -> OutboundMail:
    """The requester comes back to an answer."""
    text = paragraphs(
        greeting(to),
        f"Le demandeur revient sur votre avis {number} ({form_title}).\n"
        f"Réponse attendue au plus tard {moment(due_at)}.",
        f"Lire sa question, y répondre en un mot ou corriger l’avis : {platform.link(_page(number))}",
        SIGNATURE,
    )
    return _notice(platform, to, number, f"after-{reference}", "question sur votre avis", text)


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
    text = paragraphs(
        greeting(to),
        f"{expert} répond à votre question sur l’avis {number} ({form_title}) :",
        reply,
        f"L’avis rendu n’est pas modifié. Le relire : {platform.link(_page(number))}",
        SIGNATURE,
    )
    return on_thread(
        platform, to, thread, number=number, kind=f"replied-{reference}", label="réponse à votre question", text=text,
        auto=AutoSubmitted.GENERATED,
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
    text = paragraphs(
        greeting(to),
        f"La question posée {moment(asked_at)} sur l’avis {number} ({form_title}), rendu par {expert}, attend "
        "toujours une réponse.",
        f"La voir : {platform.link(_page(number))}",
        SIGNATURE,
    )
    return _notice(platform, to, number, f"after-late-{reference}", "question sans réponse", text)


def _notice(platform: Platform, to: Correspondent, number: str, kind: str, label: str, text: str) -> OutboundMail:
    return on_thread(platform, to, None, number=number, kind=kind, label=label, text=text, auto=AutoSubmitted.GENERATED)


def _page(number: str) -> str:
    return f"/teleexpertise/demandes/{number}"
