"""Letters and attestations, read back: what they say, how they are archived, whatever people are called."""

from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from miss.documents.pdf import ActivationLetter, AttestationSheet, Look, compose_activation_letter, compose_attestation
from miss.documents.pdf.activation_letter import WINDOW_WIDTH_MM, WINDOW_X_MM, WINDOW_Y_MM
from miss.documents.pdf.sheet import printable
from tests.miss.documents.pdf.letters import PHOTO

PARIS = ZoneInfo("Europe/Paris")
LETTER = ActivationLetter(
    operator_name="Association fictive MiSS",
    operator_lines=("1 rue de l’Exemple", "59800 LILLE"),
    recipient_lines=("Dr Inès BROUILLON", "Cabinet fictif de cardiologie", "11 Rue de l’Exemple", "59000 LILLE"),
    name="Dr Inès BROUILLON",
    rpps="99900000078",
    browser_code="7M3K-XQ2P-0V9T",
    device_code="4D8J-1NWC-ZR6B",
    expires_at=datetime(2026, 12, 22, 9, tzinfo=PARIS),
    written_at=datetime(2026, 11, 22, 9, tzinfo=PARIS),
    address="https://miss.example",
    support="assistance@miss.example, 03 53 01 00 00",
)
SHEET = AttestationSheet(
    operator_name="Association fictive MiSS",
    operator_lines=("1 rue de l’Exemple", "59800 LILLE"),
    name="Dr Inès BROUILLON",
    profession="Médecin",
    rpps="99900000078",
    place="Cabinet fictif de cardiologie, 59000 Lille",
    since=datetime(2026, 11, 22, 9, tzinfo=PARIS),
    issued_at=datetime(2026, 12, 1, 9, tzinfo=PARIS),
    number="7M3K-XQ2P-0V9T-4D8J",
    check_address="https://miss.example/attestation/7M3K-XQ2P-0V9T-4D8J",
)
DOCUMENTS = [compose_activation_letter(LETTER), compose_attestation(SHEET)]


def words(content: bytes) -> str:
    """The text of the one page, its runs of spaces made one."""
    [page] = PdfReader(BytesIO(content)).pages
    return " ".join(page.extract_text().split())


def test_the_letter_says_what_it_is_for() -> None:
    text = words(DOCUMENTS[0])
    for said in (
        "7M3K – XQ2P – 0V9T",
        "4D8J – 1NWC – ZR6B",
        "999 0000 0078",
        "Bonjour Dr Inès BROUILLON,",
        "22 novembre 2026",
        "jusqu’au 22 décembre 2026",
        "https://miss.example/activation",
        "Assistance : assistance@miss.example, 03 53 01 00 00",
    ):
        assert said in text, said
    assert "7M3K" not in repr(LETTER)


def test_the_address_stands_in_the_window() -> None:
    places: list[tuple[float, float]] = []

    def visit(text: str, _cm: object, tm: list[float], _font: object, _size: object) -> None:
        if text.strip() in LETTER.recipient_lines:
            places.append((tm[4] / 72 * 25.4, 297 - tm[5] / 72 * 25.4))

    PdfReader(BytesIO(DOCUMENTS[0])).pages[0].extract_text(visitor_text=visit)
    assert len(places) == 4
    for x_mm, y_mm in places:
        assert WINDOW_X_MM <= x_mm <= WINDOW_X_MM + WINDOW_WIDTH_MM
        assert WINDOW_Y_MM <= y_mm <= WINDOW_Y_MM + 35


def test_more_lines_than_the_window_shows_are_refused() -> None:
    compose_activation_letter(replace(LETTER, recipient_lines=("a",) * 6))
    with pytest.raises(ValueError, match="6 lines"):
        compose_activation_letter(replace(LETTER, recipient_lines=("a",) * 7))


def test_the_attestation_says_since_when_and_where_to_check() -> None:
    text = words(DOCUMENTS[1])
    for said in (
        "Dr Inès BROUILLON",
        "Médecin",
        "99900000078",
        "vérifié depuis le 22 novembre 2026",
        "Délivrée le 1er décembre 2026",
        "Numéro 7M3K-XQ2P-0V9T-4D8J",
        "https://miss.example/attestation/7M3K-XQ2P-0V9T-4D8J",
    ):
        assert said in text, said


@pytest.mark.parametrize("content", DOCUMENTS, ids=["letter", "attestation"])
def test_it_can_be_archived(content: bytes) -> None:
    reader = PdfReader(BytesIO(content))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "fr"
    [intent] = root["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>U</pdfaid:conformance>" in metadata
    assert "/Encrypt" not in reader.trailer
    assert "/JavaScript" not in str(root)
    page: Any = reader.pages[0]
    fonts = page["/Resources"]["/Font"]
    assert len(fonts) == 2
    for font in fonts.values():
        made = font.get_object()
        assert made["/Subtype"] == "/Type0"
        assert "/ToUnicode" in made, "level U: every glyph has its character"
        descendant = made["/DescendantFonts"][0].get_object()
        assert "/FontFile2" in descendant["/FontDescriptor"]


def test_the_same_value_gives_the_same_bytes() -> None:
    assert compose_activation_letter(LETTER) == DOCUMENTS[0]
    assert compose_attestation(SHEET) == DOCUMENTS[1]
    assert compose_attestation(replace(SHEET, number="0000-0000-0000-0000")) != DOCUMENTS[1]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Łucja Nguyễn Œuvrard-D’Hœur", "Łucja Nguyễn Œuvrard-D’Hœur"),
        ("Ἀθηνᾶ", "????"),
        ("王", "?"),
        ("e\u0301", "e?"),
        ("ﬁ", "fi"),
    ],
)
def test_what_the_font_lacks_is_written_with_what_it_has(text: str, printed: str) -> None:
    found = printable(text)
    assert len(found) >= 1
    if "?" not in printed:
        assert found == printed
    assert all(ord(char) < 0x2200 for char in found)


@given(st.text(max_size=60), st.text(max_size=200))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_letter_is_printed_whatever_somebody_is_called(name: str, line: str) -> None:
    letter = replace(LETTER, name=name, recipient_lines=(name, line), support=line)
    [*pages] = PdfReader(BytesIO(compose_activation_letter(letter))).pages
    assert pages
    assert "7M3K" in pages[0].extract_text()


def test_an_attestation_shows_the_establishment_beside_the_operator_who_attests() -> None:
    look = Look(name="CH fictif de Lille", logo=PHOTO.content, colour="#7a1f5c")
    shown = compose_attestation(replace(SHEET, look=look))
    [page] = PdfReader(BytesIO(shown)).pages
    assert len(page.images) == 1
    assert "CH fictif de Lille" in words(shown)
    assert "Association fictive MiSS atteste que" in words(shown)
    assert words(shown).replace(" CH fictif de Lille", "", 1) == words(DOCUMENTS[1]), "nothing else moves"
