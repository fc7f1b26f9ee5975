"""PDF files: told by their content, sent as they are, under a name that misleads nobody."""

import pytest

from miss.client.errors import FileDamaged, FileNotSupported, FileTooLarge
from miss.client.files.pdf import MAX_NAME_CHARS, check_pdf, clean_name
from miss.protocol.limits import MAX_BLOB_BYTES

PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def test_a_pdf_keeps_its_name() -> None:
    assert check_pdf(PDF, "Compte rendu d'échographie.pdf") == "Compte rendu d'échographie.pdf"
    assert check_pdf(b"\xef\xbb\xbf garbage before " + PDF, "scan.pdf") == "scan.pdf"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a docx", b"<html>", b"MZ\x90", bytes(2000) + PDF])
def test_what_is_no_pdf_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(FileNotSupported) as refused:
        check_pdf(content, "ordonnance.pdf")
    assert "ordonnance.pdf" in refused.value.sentence()


def test_a_cut_pdf() -> None:
    with pytest.raises(FileDamaged):
        check_pdf(PDF[:-8], "coupé.pdf")


def test_too_heavy_a_pdf() -> None:
    with pytest.raises(FileTooLarge):
        check_pdf(b"%PDF-1.7" + bytes(MAX_BLOB_BYTES) + b"%%EOF", "lourd.pdf")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\Users\\anne\\lettre.pdf", "lettre.pdf"),
        ("../../etc/passwd", "passwd"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        ("ligne\n2.pdf", "ligne2.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * (MAX_NAME_CHARS - 4) + ".pdf"),
        ("e\u0301cho.pdf", "écho.pdf"),
    ],
)
def test_names(name: str, shown: str) -> None:
    assert clean_name(name) == shown
