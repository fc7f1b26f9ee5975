"""PDFs of strangers, inspected in a process of their own; Outlook's envelope, told apart."""

import re

import pytest

from miss.base.text import Language
from miss.documents.pdf.inspection import PdfHazard, inspect_pdf
from teleexpertise.attachments import errors, pdfs
from teleexpertise.attachments.errors import AttachmentRefused, PdfUnreadable
from teleexpertise.attachments.pdfs import PdfSandbox
from teleexpertise.attachments.service import IncomingFile, is_winmail
from tests.miss.documents.pdf.hostile import HOSTILE, PLAIN


@pytest.mark.parametrize("name", ["a letter of ours", "script in an object stream, escaped", "file inside"])
async def test_the_process_answers_as_the_function_does(name: str) -> None:
    content = HOSTILE[name][0] if name in HOSTILE else PLAIN
    assert await PdfSandbox().inspect(content) == inspect_pdf(content)


async def test_a_child_that_does_not_answer_met_something_too_complex() -> None:
    assert await PdfSandbox(timeout_s=0.0).inspect(PLAIN) == {PdfHazard.TOO_COMPLEX}


@pytest.mark.parametrize("hazard", PdfHazard)
async def test_every_hazard_is_refused_with_what_to_do(hazard: PdfHazard, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answered(_script: str, _said: bytes, _timeout_s: float) -> bytes:
        return b"+" + hazard.encode() + b" too_complex"

    monkeypatch.setattr(pdfs, "ask_child", answered)
    with pytest.raises(AttachmentRefused) as refused:
        await PdfSandbox().require_harmless(b"", 3)
    is_named = not isinstance(refused.value, PdfUnreadable)
    assert is_named == (hazard not in {PdfHazard.UNREADABLE, PdfHazard.TOO_COMPLEX})
    french = refused.value.sentence()
    assert french.startswith("La pièce n° 3 n’a pas été prise : ce PDF ")
    assert re.search(r"\b(r?[Ee]nvoye[zr])\b", french), "it says what to do"
    assert "no. 3" in refused.value.sentence(Language.EN)


def test_refusals_have_codes_of_their_own() -> None:
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, AttachmentRefused)]
    codes = [one.code for one in found if one is not AttachmentRefused]
    assert len(codes) == len(set(codes)) > 10


@pytest.mark.parametrize(
    ("name", "mime", "content", "is_one"),
    [
        ("winmail.dat", "application/ms-tnef", b"", True),
        ("ATT001.dat", "application/octet-stream", b"\x78\x9f\x3e\x22\x01\x00", True),
        ("piece.bin", "application/vnd.ms-tnef", b"x", True),
        ("winmail.dat", "application/octet-stream", b"autre chose", False),
        ("photo.jpg", "image/jpeg", b"\xff\xd8\xff", False),
    ],
)
def test_outlook_s_envelope_is_known_by_its_content_or_its_type(
    name: str, mime: str, content: bytes, is_one: bool
) -> None:
    assert is_winmail(IncomingFile(name, mime, content)) is is_one
