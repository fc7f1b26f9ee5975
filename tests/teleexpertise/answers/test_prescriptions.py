"""A prescription in PDF is kept as it is, or refused by its name."""

import io
import zlib

import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript

from teleexpertise.answers.errors import PdfActs, PdfDamaged, PdfLocked, PdfTooLarge
from teleexpertise.answers.prescriptions import MAX_BYTES, check_prescription, fit_prescriptions
from teleexpertise.attachments.service import IncomingFile


def plain() -> bytes:
    """What a practice's software prints."""
    document = FPDF()
    document.add_page()
    document.set_font("helvetica", size=12)
    document.cell(text="Betamethasone creme, 1 application par jour")
    return bytes(document.output())


def rewritten(change: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain())))
    match change:
        case "script":
            writer.add_open_action(JavaScript("app.alert('bonjour')"))
        case "file":
            writer.add_attachment("autre.exe", b"MZ")
        case "password":
            writer.encrypt("secret")
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def with_object(body: bytes) -> bytes:
    """The plain document with one more object before its end."""
    return plain().replace(b"xref", b"99 0 obj\n" + body + b"\nendobj\nxref", 1)


def object_stream(held: bytes, extra: bytes = b"/Filter /FlateDecode") -> bytes:
    packed = zlib.compress(held)
    return b"<< /Type /ObjStm /N 1 /First 4 " + extra + b" >>\nstream\n" + packed + b"\nendstream"


def pdf(content: bytes, name: str = "ordonnance.pdf") -> IncomingFile:
    return IncomingFile(name, "application/pdf", content, "r.prescription")


def test_a_plain_prescription_is_taken_with_or_without_object_streams() -> None:
    assert check_prescription(pdf(plain()), 1) is None
    assert check_prescription(pdf(rewritten("nothing")), 1) is None
    assert check_prescription(pdf(with_object(object_stream(b"1 0 << /Type /Annot >>"))), 1) is None


@pytest.mark.parametrize(
    "content",
    [
        rewritten("script"),
        rewritten("file"),
        with_object(b"<< /S /Launch /F (cmd.exe) >>"),
        with_object(b"<< /S /J#61vaScript >>"),
        with_object(object_stream(b"1 0 << /S /JavaScript /JS (x) >>")),
        with_object(object_stream(b"1 0 << /S /Launch >>", b"/Filter [/Fl]")),
        with_object(
            object_stream(b"1 0 << /S /Launch >>")
            .replace(b"/ObjStm", b"/Obj#53tm")
            .replace(b"stream\n", b"stream\r\n", 1)
        ),
        with_object(object_stream(b"1 0 << /S /Launch >>").replace(b"/Type /ObjStm", b"/Type /XObject")),
        with_object(b"<< /S /SubmitForm /F (https://x.example) >>"),
    ],
)
def test_what_acts_by_itself_is_refused_however_it_hides(content: bytes) -> None:
    assert isinstance(check_prescription(pdf(content), 1), PdfActs)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\nrien",
        b"ceci n'est pas un PDF %%EOF",
        with_object(object_stream(b"1 0 <<>>", b"/Filter [/ASCII85Decode /FlateDecode]")),
        with_object(object_stream(b"1 0 <<>>", b"/Filter /FlateDecode /DecodeParms << /Predictor 12 >>")),
        with_object(object_stream(b"1 0 <<>>").replace(b"endstream", b"")).replace(b"endstream", b""),
        with_object(b"<< /Type /ObjStm /First 4 /Filter /FlateDecode >>\nstream\nxx\nendstream"),
        with_object(object_stream(b"0" * 61_000_000)),
    ],
    ids=["cut", "other", "two filters", "predictor", "endless", "not deflated", "bomb"],
)
def test_what_cannot_be_searched_whole_is_refused(content: bytes) -> None:
    assert isinstance(check_prescription(pdf(content), 1), PdfDamaged)


def test_a_locked_one_and_a_large_one_say_so() -> None:
    assert isinstance(check_prescription(pdf(rewritten("password")), 1), PdfLocked)
    assert isinstance(check_prescription(pdf(plain() + bytes(MAX_BYTES)), 1), PdfTooLarge)


def test_only_prescriptions_are_judged_here() -> None:
    bad = with_object(b"<< /S /Launch >>")
    other = IncomingFile("piece.pdf", "application/pdf", bad, "c.piece")
    photo = IncomingFile("photo.jpg", "image/jpeg", b"\xff\xd8\xff", "r.prescription")
    fit, unfit = fit_prescriptions([other, photo, pdf(bad)])
    assert fit == [other, photo]
    assert [(one.name, type(one.error)) for one in unfit] == [("ordonnance.pdf", PdfActs)]
    assert "Enregistrer au format PDF" in unfit[0].error.sentence()


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_get_a_verdict(data: bytes) -> None:
    check_prescription(pdf(b"%PDF-1.4\n" + data + b"\n%%EOF"), 1)
