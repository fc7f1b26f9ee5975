"""Notices to an expert about their own affairs: no request, nothing clinical."""

from datetime import datetime

from miss.mail.outbound.model import AutoSubmitted, OutboundMail
from teleexpertise.letters.envelope import SIGNATURE, Correspondent, Platform, greeting, moment, paragraphs


def calendar_fails(
    platform: Platform,
    to: Correspondent,
    *,
    calendar_id: str,
    name: str,
    problem: str,
    read_at: datetime | None,
    tries: int,
    tried_at: datetime,
) -> OutboundMail:
    """A calendar they subscribed to cannot be read any more; what it said last still counts."""
    kept = (
        f"La copie du {moment(read_at)} compte toujours : vos rendez-vous plus récents ne sont pas pris en compte."
        if read_at
        else ""
    )
    text = paragraphs(
        greeting(to),
        f"L’agenda « {name} » que vous avez relié à la téléexpertise n’a pas pu être lu, {tries} fois de suite.\n"
        f"{problem}",
        kept,
        f"Le relire, le remplacer ou le retirer : {platform.link('/teleexpertise/disponibilites/agendas')}",
        SIGNATURE,
    )
    return OutboundMail(
        message_id=platform.message_id("calendar-fails", f"{calendar_id}-{tried_at:%Y%m%d%H%M%S}"),
        sender=platform.mailbox,
        to=to.box,
        subject="Téléexpertise : votre agenda ne peut plus être lu",
        text=text,
        auto_submitted=AutoSubmitted.GENERATED,
    )
