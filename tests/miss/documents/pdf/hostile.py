"""PDFs that hold what strangers may hide in one, each made by pypdf or by hand, and harmless ones beside them."""

import io
import zlib
from collections.abc import Callable
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from miss.documents.pdf import compose_letter_pdf
from tests.miss.documents.pdf.letters import MADE_AT, PHOTO, THE_LETTER

PLAIN = compose_letter_pdf(THE_LETTER, made_at=MADE_AT)
WITH_PHOTO = compose_letter_pdf(THE_LETTER, made_at=MADE_AT, photos=(PHOTO,))


def rewritten(change: Callable[[PdfWriter], object], content: bytes = PLAIN) -> bytes:
    """The document as another program would save it, changed."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def action(kind: str, **more: str) -> DictionaryObject:
    held = {"/S": NameObject(kind)} | {f"/{key}": TextStringObject(value) for key, value in more.items()}
    return DictionaryObject({NameObject(key): value for key, value in held.items()})


def opening(what: DictionaryObject) -> Callable[[PdfWriter], object]:
    return lambda writer: writer.root_object.__setitem__(NameObject("/OpenAction"), writer._add_object(what))


def on_first_page(annotation: DictionaryObject) -> Callable[[PdfWriter], object]:
    return lambda writer: writer.pages[0].__setitem__(NameObject("/Annots"), ArrayObject([annotation]))


def _form(writer: PdfWriter) -> None:
    packet = DecodedStreamObject()
    packet.set_data(b"<xdp/>")
    form = DictionaryObject({NameObject("/XFA"): writer._add_object(packet), NameObject("/Fields"): ArrayObject()})
    writer.root_object[NameObject("/AcroForm")] = form


def _named_script(writer: PdfWriter) -> None:
    scripts = DictionaryObject(
        {NameObject("/Names"): ArrayObject([TextStringObject("a"), action("/JavaScript", JS="app.alert(1)")])}
    )
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): scripts})


def _film(subtype: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/Subtype"): NameObject(subtype), NameObject("/T"): TextStringObject("f")})


def _link() -> DictionaryObject:
    where = DictionaryObject(
        {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): ByteStringObject(b"https://miss.example")}
    )
    return DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): where})


def in_object_stream(content: bytes) -> bytes:
    """The document, then an update whose catalogue stands in a compressed object stream and opens with a script."""
    trailer: Any = PdfReader(io.BytesIO(content)).trailer
    size, pages = int(trailer["/Size"]), int(trailer["/Root"].raw_get("/Pages").idnum)
    catalogue = b"<</Type/Catalog/Pages %d 0 R/OpenAction<</S/J#61vaScript/JS(x)>>>>" % pages
    head = b"%d 0 " % size
    packed = zlib.compress(head + catalogue)
    stream = size + 1
    table = size + 2
    body = content + b"\n"
    at_stream = len(body)
    body += b"%d 0 obj\n<</Type/ObjStm/N 1/First %d/Length %d/Filter/FlateDecode>>\nstream\n" % (
        stream, len(head), len(packed),
    ) + packed + b"\nendstream\nendobj\n"  # fmt: skip
    at_table = len(body)
    rows = b"\x02" + stream.to_bytes(4, "big") + b"\0" + b"\x01" + at_stream.to_bytes(4, "big") + b"\0"
    rows += b"\x01" + at_table.to_bytes(4, "big") + b"\0"
    former = content.rsplit(b"startxref", 1)[1].split()[0]
    body += b"%d 0 obj\n<</Type/XRef/Size %d/W[1 4 1]/Index[%d 3]/Root %d 0 R/Prev %s/Length %d>>\nstream\n" % (
        table, table + 1, size, size, former, len(rows),
    )  # fmt: skip
    return body + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at_table


def orphaned(body: bytes) -> bytes:
    """The document with one more object, that no reference reaches."""
    return PLAIN.replace(b"startxref", b"99 0 obj\n" + body + b"\nendobj\nstartxref")


def minimal(opening: bytes = b"") -> bytes:
    """One blank page, written by hand; `opening`: more of the catalogue."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R" + opening + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    written, starts = b"%PDF-1.7\n", []
    for rank, held in enumerate(objects, start=1):
        starts.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (rank, held)
    rows = b"".join(b"%010d 00000 n \n" % start for start in starts)
    table = b"xref\n0 4\n0000000000 65535 f \n" + rows + b"trailer\n<</Size 4/Root 1 0 R>>\n"
    return written + table + b"startxref\n%d\n%%%%EOF\n" % len(written)


def nested(depth: int) -> bytes:
    """A catalogue holding arrays inside arrays."""
    return (
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/X " + b"[" * depth + b"]" * depth + b">>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
    )


HOSTILE: dict[str, tuple[bytes, str]] = {
    "script at opening": (rewritten(lambda writer: writer.add_open_action(JavaScript("app.alert(1)"))), "javascript"),
    "script by name": (rewritten(_named_script), "javascript"),
    "script in an object stream, escaped": (in_object_stream(PLAIN), "javascript"),
    "script that nothing reaches": (orphaned(b"<</S/J#61vaScript/JS(x)>>"), "javascript"),
    "program at opening": (rewritten(opening(action("/Launch", F="cmd.exe"))), "launch"),
    "form that sends": (rewritten(opening(action("/SubmitForm", F="https://x.example"))), "launch"),
    "file of a network": (rewritten(opening(action("/GoToR", F="//x.example/a.pdf"))), "launch"),
    "file inside": (rewritten(lambda writer: writer.add_attachment("autre.exe", b"MZ")), "embedded_file"),
    "file pinned to a page": (rewritten(on_first_page(_film("/FileAttachment"))), "embedded_file"),
    "dynamic form": (rewritten(_form), "xfa"),
    "film": (rewritten(on_first_page(_film("/RichMedia"))), "media"),
    "script by hand": (minimal(b"/OpenAction<</S/JavaScript/JS(x)>>"), "javascript"),
    "password": (rewritten(lambda writer: writer.encrypt("secret")), "encrypted"),
    "password, RC4": (rewritten(lambda writer: writer.encrypt("secret", algorithm="RC4-128")), "encrypted"),
    "nothing": (b"", "unreadable"),
    "other": (b"%PDF-1.7\n% rien", "unreadable"),
    "cut": (PLAIN[: len(PLAIN) // 3], "unreadable"),
    "no page": (minimal().replace(b"/Type/Page/", b"/Type/None/"), "unreadable"),
    "file in a specification": (minimal(b"/X<</EF<</F 2 0 R>>>>"), "embedded_file"),
}
HARMLESS: dict[str, bytes] = {
    "a letter of ours": PLAIN,
    "with a photograph": WITH_PHOTO,
    "by hand": minimal(),
    "saved by another program": rewritten(lambda writer: None),
    "with a link": rewritten(on_first_page(_link())),
    "restricted, without a password": rewritten(lambda writer: writer.encrypt("", owner_password="maître")),
    "spaces after its end": PLAIN + b"\r\n" * 40,
}
