"""The mail that says that a coordinator opened what a request says; nothing of it stands here."""

from datetime import datetime

from miss.mail.outbound.model import OutboundMail
from teleexpertise.letters.envelope import Correspondent, Platform, moment, say


def opened(
    platform: Platform, to: Correspondent, *, number: str, reference: str, by: str, reason: str, at: datetime
) -> OutboundMail:
    """To the requester and to who holds the request.  `reason`: a sentence, French."""
    return say(
        platform, to, None,
        f"{by}, qui coordonne le groupe d’experts, a ouvert le contenu de la demande {number} {moment(at)}, par un "
        f"accès exceptionnel d’une heure. Motif : {reason.lower()}.",
        "Chaque lecture est inscrite au journal des accès. Si cet accès vous étonne, répondez à ce message.",
        f"Voir le suivi de la demande : {platform.page_of(number)}",
        number=number, kind=f"glass-{reference}", label="accès exceptionnel au contenu",
    )  # fmt: skip
