"""Letters judged by Apache PDFBox Preflight, a validator of PDF/A-1b, where Debian's packages are installed."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from miss.documents.letter import Section, document_id
from miss.documents.pdf import compose_letter_pdf
from tests.miss.documents.pdf.letters import MADE_AT, THE_LETTER, photo

JARS = [
    Path("/usr/share/java", f"{name}.jar")
    for name in (
        "preflight",
        "xmpbox",
        "pdfbox2",
        "fontbox2",
        "commons-logging",
        "bcprov",
        "javax.activation",
        "jaxb-api",
    )
]
"""Of libpdfbox2-java, libbcprov-java, libactivation-java, libjaxb-api-java."""

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not all(jar.exists() for jar in JARS), reason="libpdfbox2-java and its companions are missing"),
]


def judged(file: Path) -> str:
    command = ["java", "-cp", ":".join(map(str, JARS)), "org.apache.pdfbox.preflight.Validator_A1b", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_letters_are_pdf_a_1b(tmp_path: Path) -> None:
    photos = tuple(photo(width, height, f"vue {width}") for width, height in ((800, 600), (60, 900), (900, 60)))
    letters = {
        "plain": compose_letter_pdf(THE_LETTER, made_at=MADE_AT),
        "photographs": compose_letter_pdf(THE_LETTER, made_at=MADE_AT, photos=photos),
        "correction": compose_letter_pdf(
            replace(THE_LETTER, version=2, replaces=document_id("TE26000417", 1)), made_at=MADE_AT
        ),
        "pages": compose_letter_pdf(
            replace(THE_LETTER, sections=(Section("Avis", ("mot " * 900,) * 8),)), made_at=MADE_AT
        ),
    }
    for name, content in letters.items():
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(content)
        assert "is a valid PDF/A-1b file" in judged(file), judged(file)


def test_the_validator_sees_what_is_none(tmp_path: Path) -> None:
    file = tmp_path / "faux.pdf"
    file.write_bytes(compose_letter_pdf(THE_LETTER, made_at=MADE_AT).replace(b"/GTS_PDFA1", b"/GTS_PDFX1"))
    assert "is not a valid PDF/A-1b file" in judged(file)
