"""The mail that brings images, or says where they are: HPRIM where the patient is named, else plain text.  Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from miss.documents.hprim import compose_hprim
from miss.documents.letter import Letter, Party, Section
from miss.documents.mssante import display_name
from miss.documents.nomenclatures.kinds import ILLUSTRATION
from miss.mail.addresses import Mailbox
from miss.mail.images.model import Words, image_name
from miss.mail.outbound.model import OutboundAttachment, OutboundMail, TextCharset


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Envelope:
    """Who writes to whom, beside the words."""

    message_id: str
    platform: Mailbox
    """From whose domain it leaves; answers go to the sender."""
    sender: str
    """A display name."""
    author: str
    """The sender, as the directory knows them: who may have the proof."""
    reply_to: Mailbox | None
    to: Mailbox
    recipient: str
    """The display name of whom the sender chose."""
    successor: str = ""
    """The display name of who gets it in their place; empty: they do."""
    reference: str = ""
    """Ten characters at most, for the HPRIM header."""


def compose_link_mail(
    envelope: Envelope, words: Words, images: int, page: str, until: str, at: datetime
) -> OutboundMail:
    """The images stay with us; `page`: where they are, `until`: how long, in words.  Raises HprimCodeRefused."""
    shown = "l’image" if images == 1 else f"les {images} images"
    closing = (
        f"Pour voir {shown}, jusqu’au {until} :",
        page,
        "Cette page demande votre connexion à MiSS. Vous seul pouvez l’ouvrir ; chaque ouverture est notée et "
        f"{envelope.sender} en voit la date.",
    )
    return _compose(envelope, words, closing, at)


def compose_attached_mail(envelope: Envelope, words: Words, images: Sequence[bytes], at: datetime) -> OutboundMail:
    """The images are in it.  Raises HprimCodeRefused."""
    closing = ("Image jointe à ce message." if len(images) == 1 else f"{len(images)} images jointes à ce message.",)
    attachments = tuple(
        OutboundAttachment(image_name(rank), "image/jpeg", content) for rank, content in enumerate(images, start=1)
    )
    return replace(_compose(envelope, words, closing, at), attachments=attachments)


def _compose(envelope: Envelope, words: Words, closing: tuple[str, ...], at: datetime) -> OutboundMail:
    subject = f"Images : {words.subject}"
    if envelope.successor:
        subject = f"[Pour {envelope.recipient}, remis à son successeur] {subject}"
    mail = OutboundMail(
        message_id=envelope.message_id,
        sender=Mailbox(envelope.platform.address, display_name(envelope.sender, envelope.platform.display_name)),
        to=envelope.to,
        subject=subject,
        text="",
        reply_to=envelope.reply_to,
        wants_receipt=True,
        author=envelope.author,
    )
    if words.patient is None:
        blocks = (*_redirected(envelope), f"{envelope.sender} vous écrit :", words.subject, words.text, *closing)
        return replace(mail, text="\n\n".join(block for block in blocks if block) + "\n")
    letter = Letter(
        code=ILLUSTRATION.code,
        number=envelope.reference,
        patient=words.patient,
        document_date=at.date(),
        sender=Party(display_name=envelope.sender),
        recipient=Party(display_name=envelope.successor or envelope.recipient),
        title=words.subject,
        sections=(Section("", (words.text,)),) if words.text else (),
        closing=(*_redirected(envelope), *closing),
    )
    return replace(mail, text=compose_hprim(letter).decode("iso-8859-1"), charset=TextCharset.LATIN_1)


def _redirected(envelope: Envelope) -> tuple[str, ...]:
    if not envelope.successor:
        return ()
    leaver = envelope.recipient
    return (f"Ce message était destiné à {leaver}, qui a cessé son activité ; il vous est remis, son successeur.",)
