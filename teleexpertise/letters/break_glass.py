"""The mail that says that a coordinator opened what a request says; nothing of it stands here."""

from datetime import datetime

from miss.mail.outbound.model import AutoSubmitted, OutboundMail
from teleexpertise.letters.envelope import (
    SIGNATURE,
    Correspondent,
    Platform,
    greeting,
    moment,
    on_thread,
    paragraphs,
)


def opened(
    platform: Platform, to: Correspondent, *, number: str, reference: str, by: str, reason: str, at: datetime
) -> OutboundMail:
    """To the requester and to who holds the request.  `reason`: a sentence, French."""
    text = paragraphs(
        greeting(to),
        f"{by}, qui coordonne le groupe d’experts, a ouvert le contenu de la demande {number} {moment(at)}, par un "
        f"accès exceptionnel d’une heure. Motif : {reason.lower()}.",
        "Chaque lecture est inscrite au journal des accès. Si cet accès vous étonne, répondez à ce message.",
        f"Voir le suivi de la demande : {platform.link(f'/teleexpertise/demandes/{number}')}",
        SIGNATURE,
    )
    return on_thread(
        platform, to, None, number=number, kind=f"glass-{reference}", label="accès exceptionnel au contenu",
        text=text, auto=AutoSubmitted.GENERATED,
    )  # fmt: skip
