"""What the doctor receives: a few lines as an HPRIM text that their software files, and nothing to open.  Pure."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from miss.directory.establishments.model import Establishment
from miss.documents.hprim import compose_hprim
from miss.documents.identities import Sex
from miss.documents.letter import Letter, Party, Section
from miss.documents.nomenclatures.kinds import ADMINISTRATIVE
from miss.mail.addresses import Mailbox
from miss.mail.outbound.model import AutoSubmitted, OutboundMail, TextCharset, message_id_for
from movements.model import Movement, MovementKind, Purport

_HEADS: Final = {
    MovementKind.ADMISSION: "admission",
    MovementKind.TRANSFER: "transfert",
    MovementKind.DISCHARGE: "sortie",
    MovementKind.DEATH: "décès",
}
_TITLES: Final = {
    Purport.ANNOUNCES: "",
    Purport.CORRECTS: "RECTIFICATION - ",
    Purport.CANCELS: "ANNULATION - ",
    Purport.RECALLS: "REÇU PAR ERREUR - ",
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
    author: str = ""
    """Who sent it for the establishment (PS_IdNat), and may have its proof; empty: nobody in the directory."""
    successor: str = ""
    """Who reads it in their place, because they have left; empty: they do."""


def compose_letter(
    movement: Movement, number: str, who: Correspondence, zone: ZoneInfo, purport: Purport = Purport.ANNOUNCES
) -> Letter:
    """The letter.  `number`: at most ten characters, the same in what follows it.  Raises LetterIncomplete."""
    head = f"Mouvement de patient : {_HEADS[movement.kind]}"
    establishment = who.establishment
    place = f"{establishment.name}{f', {establishment.town}' if establishment.town else ''}"
    return Letter(
        code=ADMINISTRATIVE.code,
        number=number,
        patient=movement.patient,
        document_date=movement.happened_at.astimezone(zone).date(),
        sender=Party(display_name=establishment.name),
        recipient=Party(display_name=who.successor or who.doctor),
        title=f"{_TITLES[purport]}{head}",
        sections=(Section("", (_sentence(movement, zone, purport),)),),
        closing=(
            *(["Cette lettre remplace l’annonce précédente de ce mouvement."] if purport is Purport.CORRECTS else []),
            *([f"Reçu en tant que successeur de {who.doctor}."] if who.successor else []),
            place,
            f"Pour toute question : {who.reply_to.address}",
            "Annonce faite par le système d’information de l’établissement ; elle ne remplace pas le compte rendu.",
        ),
    )


def compose_notice(
    letter: Letter, movement_id: str, revision: int, who: Correspondence, purport: Purport = Purport.ANNOUNCES
) -> OutboundMail:
    """The mail, once for each letter; what corrects, cancels or recalls stands under the letter it is about, and no
    subject names a patient.

    Raises HprimCodeRefused, LetterIncomplete.
    """

    def named(kind: str, number: int) -> str:
        revised = f"-{number}" if number else ""
        return message_id_for(f"movement{revised}{kind}", movement_id, who.sender.address.domain)

    ends = purport in (Purport.CANCELS, Purport.RECALLS)
    before = named("", revision) if ends else named("", revision - 1) if purport is Purport.CORRECTS else ""
    return OutboundMail(
        message_id=named("-cancelled" if ends else "", revision),
        sender=who.sender,
        to=who.to,
        reply_to=who.reply_to,
        subject=f"{letter.title} – {who.establishment.name}",
        text=compose_hprim(letter).decode("iso-8859-1"),
        charset=TextCharset.LATIN_1,
        in_reply_to=before,
        references=(before,) if before else (),
        auto_submitted=AutoSubmitted.GENERATED,
        wants_receipt=True,
        author=who.author,
    )


def _sentence(movement: Movement, zone: ZoneInfo, purport: Purport) -> str:
    e = "e" if movement.patient.sex is Sex.F else "" if movement.patient.sex is Sex.M else "(e)"
    family = movement.patient.used_family_name or movement.patient.birth_family_name
    name = f"{movement.patient.first_given_name} {family.upper()}"
    when = movement.happened_at.astimezone(zone)
    day = f"le {when:%d/%m/%Y} à {when:%H:%M}"
    yours = f"Votre patient{e} {name}"
    ward = f" « {movement.ward} »" if movement.ward else ""
    if purport is Purport.RECALLS:
        return (
            f"La lettre de même numéro au sujet de {name} ({_HEADS[movement.kind]} du {when:%d/%m/%Y} à {when:%H:%M}) "
            "ne vous était pas destinée : n’en tenez pas compte et supprimez-la."
        )
    if purport is Purport.CANCELS:
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
