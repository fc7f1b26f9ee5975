"""The mail to the members of an establishment in whose name something was asked: that there is news, and no more.

It may go to ordinary mailboxes (those of people without an RPPS number): no patient, no number, no specialty.
"""

from miss.mail.outbound.model import AutoSubmitted, OutboundMail
from teleexpertise.letters.envelope import Correspondent, Platform, greeting, paragraphs

PAGE = "/teleexpertise/demandes"


def news(platform: Platform, to: Correspondent, *, reference: str, establishment: str) -> OutboundMail:
    """`reference`: of what happened, and to whom it is told: the same is one mail."""
    text = paragraphs(
        greeting(to),
        f"Du nouveau vous attend sur une demande d’avis faite au nom de {establishment}.",
        f"Le voir, une fois connecté : {platform.link(PAGE)}",
        "Ce message ne dit rien du patient, et n’attend pas de réponse : écrivez à l’expert depuis la page.",
    )
    return OutboundMail(
        message_id=platform.message_id("members", reference),
        sender=platform.mailbox,
        to=to.box,
        subject="Téléexpertise : du nouveau",
        text=text,
        auto_submitted=AutoSubmitted.GENERATED,
    )
