"""From a letter to a mail: body, files beside it, subject and fields of MSSanté.  Pure.

What would make the mail larger than every operator takes stays out in this order: photographs, then joined files; the
letter then says on which page they are.  A letter that lacks what a CDA document needs (an author without a place of
practice in the register…) leaves as text and PDF: the answer is not kept back for its wrapping.

Source: APICEM, règles d'envoi (text in the body, PDF beside it only, 900 KB); MSSanté, référentiel socle 2, ECO.2.1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from miss.directory.practitioners.model import AcceptedFormat
from miss.documents.cda import compose_report, compose_request, version_id
from miss.documents.errors import LetterIncomplete
from miss.documents.hprim import compose_hprim
from miss.documents.letter import TLM_DA_CODE, Letter
from miss.documents.mssante import ARCHIVE_NAME, fields_for, pdf_name, subject_for
from miss.documents.nomenclatures.kinds import KINDS, Kind
from miss.documents.oids import submission_id_of
from miss.documents.pdf import PLAIN, LetterPhoto, Look, compose_letter_pdf
from miss.documents.xdm import Submission, compose_archive
from miss.mail.outbound.model import OutboundAttachment, OutboundMail, TextCharset
from miss.mail.rules import OUTBOUND_LIMIT_BYTES


def weight_of(room_bytes: int) -> int:
    """What all files of a mail may weigh that is composed within `room_bytes`: base64 and the text take the rest."""
    return room_bytes * 2 // 3


WEIGHT_BYTES: Final = weight_of(OUTBOUND_LIMIT_BYTES)
"""Of all files of a mail that every operator takes; less where it is encrypted as well (`Outbox.room_for`)."""
TEXT_ONLY: Final = frozenset({AcceptedFormat.HPRIM_TEXT})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Beside:
    """What there is beside the letter's text, and how it may travel."""

    formats: frozenset[AcceptedFormat]
    """What the recipient's software opens."""
    made_at: datetime
    """Aware: of the PDF."""
    photos: Sequence[LetterPhoto] = ()
    look: Look = PLAIN
    """Of the establishment in whose name it is written."""
    files: Sequence[OutboundAttachment] = ()
    page: str = ""
    """Where photographs and files can be seen by whoever may, for those that do not travel."""
    source_id: str = ""
    """OID of the platform, that hands the archive over."""
    weight_bytes: int = WEIGHT_BYTES
    """What all files of the mail may weigh."""
    product: str = ""
    """The software's reference at Convergence (`X-MSS-NIL`); empty: none yet."""


@dataclass(frozen=True, slots=True, repr=False)
class LetterMail:
    """The mail, and the letter as it says it."""

    mail: OutboundMail
    letter: Letter
    lacks: str = ""
    """What kept a CDA document from being made, for the log: the name of a field; empty: nothing, or none was due."""


def compose_letter_mail(mail: OutboundMail, letter: Letter, beside: Beside) -> LetterMail:
    """`mail` with the letter in it; its sender, recipient, thread and plain subject are those it has.

    Raises HprimCodeRefused, LetterIncomplete for what no format can do without, LetterPhotoRefused.
    """
    composed = LetterMail(mail, letter)
    for photos, files in _lighter(beside):
        is_whole = len(photos) == len(beside.photos) and len(files) == len(beside.files)
        said = letter if is_whole else _with_page(letter, beside.page)
        composed = _compose(mail, said, replace(beside, photos=photos, files=files))
        if sum(len(one.content) for one in composed.mail.attachments) <= beside.weight_bytes:
            break
    return composed


def _lighter(beside: Beside) -> Iterator[tuple[Sequence[LetterPhoto], Sequence[OutboundAttachment]]]:
    """What to try, the whole first."""
    if beside.formats <= TEXT_ONLY:
        yield (), ()
        return
    yield beside.photos, beside.files
    if beside.photos:
        yield (), beside.files
    if beside.files:
        yield (), ()


def _with_page(letter: Letter, page: str) -> Letter:
    said = f"Pièces et photographies de cet avis, consultables sur : {page}"
    return replace(letter, closing=(said, *letter.closing)) if page else letter


def _compose(mail: OutboundMail, letter: Letter, beside: Beside) -> LetterMail:
    filed = replace(
        mail,
        text=compose_hprim(letter).decode("iso-8859-1"),
        charset=TextCharset.LATIN_1,
        x_headers=(*mail.x_headers, *fields_for((), has_ins=False, product=beside.product).items()),
    )
    if beside.formats <= TEXT_ONLY:
        return LetterMail(filed, letter)
    printed = compose_pdf(letter, beside)
    attachments = (printed, *beside.files)
    if AcceptedFormat.XDM not in beside.formats:
        return LetterMail(replace(filed, attachments=attachments), letter)
    try:
        archive = compose_xdm(letter, printed.content, beside)
    except LetterIncomplete as error:
        return LetterMail(replace(filed, attachments=attachments), letter, lacks=str(error.params.get("field", "")))
    fields = fields_for([letter.code], has_ins=letter.patient.ins is not None, product=beside.product)
    whole = replace(
        filed,
        subject=subject_for([_kind(letter).type.label], letter.patient, replaces=bool(letter.replaces)),
        attachments=(archive, *attachments),
        x_headers=(*mail.x_headers, *fields.items()),
    )
    return LetterMail(whole, letter)


def compose_pdf(letter: Letter, beside: Beside) -> OutboundAttachment:
    """The letter on paper, under the name that MSSanté gives it.  Raises LetterIncomplete, LetterPhotoRefused."""
    content = compose_letter_pdf(letter, made_at=beside.made_at, photos=beside.photos, look=beside.look)
    begun = letter.began_at or beside.made_at
    name = pdf_name(begun.date(), _kind(letter).type.label, letter.patient, letter.number)
    return OutboundAttachment(name, "application/pdf", content)


def compose_xdm(letter: Letter, pdf: bytes, beside: Beside) -> OutboundAttachment:
    """`IHE_XDM.ZIP` of the letter: an answer around `pdf`, a request as a structured document.

    Raises LetterIncomplete naming what is missing.
    """
    if letter.written_at is None:
        raise LetterIncomplete(field="written_at")
    submission = Submission(
        unique_id=submission_id_of(version_id(letter)),
        source_id=beside.source_id,
        submitted_at=beside.made_at,
    )
    document = compose_request(letter) if letter.code == TLM_DA_CODE else compose_report(letter, pdf)
    return OutboundAttachment(ARCHIVE_NAME, "application/zip", compose_archive(letter, document, submission))


def _kind(letter: Letter) -> Kind:
    kind = KINDS.get(letter.code)
    if kind is None:
        raise LetterIncomplete(field="code")
    return kind
