"""What the doctor receives: a few lines as an HPRIM text that their software files, and nothing to open.  Pure."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from miss.directory.establishments.model import Establishment
from miss.documents.hprim import compose_hprim
from miss.documents.identities import Sex
from miss.documents.letter import Letter, Party, Section
from miss.mail.addresses import Mailbox
from miss.mail.outbound.model import AutoSubmitted, OutboundMail, TextCharset, message_id_for
from movements.model import Movement, MovementKind

NOTE_CODE: Final = "34109-9"
"""LOINC: a note.  These letters are never sent as CDA, where the type of document is chosen from a closed list."""
_HEADS: Final = {
    MovementKind.ADMISSION: "admission",
    MovementKind.TRANSFER: "transfert",
    MovementKind.DISCHARGE: "sortie",
    MovementKind.DEATH: "décès",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """Who writes to whom."""

    establishment: Establishment
    sender: Mailbox
    """Ours, under the establishment's name."""
    reply_to: Mailbox
    """Somebody at the establishment who reads."""
    doctor: str
    """Whose patient it is."""
    to: Mailbox
    """Theirs, or their successor's."""
    successor: str = ""
    """Who reads it in their place, because they have left; empty: they do."""


def compose_letter(movement: Movement, number: str, who: Correspondence, zone: ZoneInfo) -> Letter:
    """The letter.  `number`: at most ten characters, the same in the cancellation.  Raises LetterIncomplete."""
    head = f"Mouvement de patient : {_HEADS[movement.kind]}"
    establishment = who.establishment
    place = f"{establishment.name}{f', {establishment.town}' if establishment.town else ''}"
    return Letter(
        code=NOTE_CODE,
        number=number,
        patient=movement.patient,
        document_date=movement.happened_at.astimezone(zone).date(),
        sender=Party(display_name=establishment.name),
        recipient=Party(display_name=who.successor or who.doctor),
        title=f"ANNULATION - {head}" if movement.is_cancelled else head,
        sections=(Section("", (_sentence(movement, zone),)),),
        closing=(
            *([f"Reçu en tant que successeur de {who.doctor}."] if who.successor else []),
            place,
            f"Pour toute question : {who.reply_to.address}",
            "Annonce faite par le système d’information de l’établissement ; elle ne remplace pas le compte rendu.",
        ),
    )


def compose_notice(letter: Letter, movement_id: str, who: Correspondence, *, is_cancelled: bool) -> OutboundMail:
    """The mail, once a movement and once its cancellation; its subject names no patient.

    Raises HprimCodeRefused, LetterIncomplete.
    """
    kind = "movement-cancelled" if is_cancelled else "movement"
    domain = who.sender.address.domain
    return OutboundMail(
        message_id=message_id_for(kind, movement_id, domain),
        sender=who.sender,
        to=who.to,
        reply_to=who.reply_to,
        subject=f"{letter.title} – {who.establishment.name}",
        text=compose_hprim(letter).decode("iso-8859-1"),
        charset=TextCharset.LATIN_1,
        in_reply_to=message_id_for("movement", movement_id, domain) if is_cancelled else "",
        auto_submitted=AutoSubmitted.GENERATED,
    )


def _sentence(movement: Movement, zone: ZoneInfo) -> str:
    e = "e" if movement.patient.sex is Sex.F else "" if movement.patient.sex is Sex.M else "(e)"
    family = movement.patient.used_family_name or movement.patient.birth_family_name
    name = f"{movement.patient.first_given_name} {family.upper()}"
    when = movement.happened_at.astimezone(zone)
    day = f"le {when:%d/%m/%Y} à {when:%H:%M}"
    yours = f"Votre patient{e} {name}"
    ward = f" « {movement.ward} »" if movement.ward else ""
    if movement.is_cancelled:
        return f"{yours} : l’annonce d’{_of(movement.kind)} du {when:%d/%m/%Y} à {when:%H:%M} est annulée."
    match movement.kind:
        case MovementKind.ADMISSION:
            return f"{yours} a été admis{e} dans notre {f'service{ward}' if ward else 'établissement'} {day}."
        case MovementKind.TRANSFER:
            origin = f" depuis le service « {movement.from_ward} »" if movement.from_ward else ""
            place = f"le service{ward}" if ward else "un autre service"
            return f"{yours} a été transféré{e}{origin} vers {place} {day}."
        case MovementKind.DISCHARGE:
            after = f" Destination : {movement.destination}." if movement.destination else ""
            return f"{yours} est sorti{e} {day}.{after}"
        case MovementKind.DEATH:
            return f"Nous avons le regret de vous informer du décès de votre patient{e} {name}, survenu {day}."


def _of(kind: MovementKind) -> str:
    return {
        MovementKind.ADMISSION: "admission",
        MovementKind.TRANSFER: "un transfert",
        MovementKind.DISCHARGE: "une sortie",
        MovementKind.DEATH: "un décès",
    }[kind]
