"""Mails about an appointment that an expert proposes: the slots to the requester, their answer to the expert."""

from collections.abc import Sequence
from datetime import datetime

from miss.mail.outbound.model import OutboundMail
from teleexpertise.availability.places import Clocks
from teleexpertise.letters.envelope import Correspondent, Platform, Thread, say


def proposed(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    appointment_id: str,
    form_title: str,
    expert: str,
    clocks: Clocks,
    slots: Sequence[datetime],
    contact: str,
    is_other: bool,
) -> OutboundMail:
    """The expert would see the patient.  `clocks`: the requester's first; `is_other`: it replaces a proposal."""
    times = "\n".join(("Créneaux proposés :", *(f" - {clocks.moment(slot)}" for slot in slots)))
    return say(
        platform, to, thread,
        f"Comme votre demande {number} ({form_title}) l’autorise, {expert} propose de voir le patient en rendez-vous.",
        "Cette proposition remplace la précédente." if is_other else "",
        times if slots else "",
        f"Contact : {contact}" if contact else "",
        f"Accepter ou décliner, après accord du patient : {platform.page_of(number)}",
        number=number, kind=f"appointment-{appointment_id}", label="rendez-vous proposé",
    )  # fmt: skip


def settled(
    platform: Platform,
    to: Correspondent,
    *,
    number: str,
    appointment_id: str,
    form_title: str,
    clocks: Clocks,
    chosen: datetime | None,
    is_accepted: bool,
) -> OutboundMail:
    """What the requester said; `clocks`: the expert's first; `chosen`: the slot, None where a contact was given."""
    when = f" pour {clocks.moment(chosen)}" if chosen else ""
    said = f"est accepté{when}" if is_accepted else "est décliné"
    label = "rendez-vous accepté" if is_accepted else "rendez-vous décliné"
    return say(
        platform, to, None,
        f"Le rendez-vous que vous proposiez pour la demande {number} ({form_title}) {said}.",
        f"Revenir à la demande : {platform.page_of(number)}",
        number=number, kind=f"settled-{appointment_id}", label=label,
    )  # fmt: skip
