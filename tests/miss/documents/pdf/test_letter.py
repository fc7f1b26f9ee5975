"""Letters in PDF, read back: what each page says, what may not be on one, and that they can be archived."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pypdf import PageObject, PdfReader

from miss.documents.errors import LetterPhotoRefused
from miss.documents.identities import InsOid, InsStatus, Sex
from miss.documents.letter import TLM_DA_CODE, Letter, Party, Section, document_id
from miss.documents.pdf import LetterPhoto, Look, compose_letter_pdf
from miss.documents.pdf.sheet import printable
from tests.miss.documents.fictive import PATIENT, letters
from tests.miss.documents.pdf.letters import MADE_AT, PHOTO, THE_LETTER, photo

MATRICULE = "1 85 07 59 183 042 24"


def pages_of(letter: Letter, *photos: LetterPhoto) -> list[PageObject]:
    return list(PdfReader(BytesIO(compose_letter_pdf(letter, made_at=MADE_AT, photos=photos))).pages)


def words(page: PageObject) -> str:
    return " ".join(page.extract_text().split())


def text_of(letter: Letter) -> str:
    return " ".join(words(page) for page in pages_of(letter))


def test_a_sender_s_logo_stands_above_the_letterhead() -> None:
    look = Look(logo=PHOTO.content)
    made = compose_letter_pdf(THE_LETTER, made_at=MADE_AT, look=look)
    [page] = PdfReader(BytesIO(made)).pages
    assert len(page.images) == 1
    [placed] = re.findall(r"q \S+ 0 0 \S+ (\S+) \S+ cm", _drawn(page))
    assert float(placed) == pytest.approx(20 / 25.4 * 72, abs=0.1), "at the left, where the letterhead begins"
    assert words(page) == words(pages_of(THE_LETTER)[0]), "the letter itself does not move"
    assert made == compose_letter_pdf(THE_LETTER, made_at=MADE_AT, look=look)


def test_the_sender_s_colour_is_a_band_and_the_ink_of_its_name_where_that_can_be_read() -> None:
    dark, light = (
        PdfReader(BytesIO(compose_letter_pdf(THE_LETTER, made_at=MADE_AT, look=Look(colour=colour)))).pages[0]
        for colour in ("#7a1f5c", "#ffe600")
    )
    plain = pages_of(THE_LETTER)[0]
    assert words(dark) == words(light) == words(plain), "the letter itself does not move"
    purple, yellow = "0.4784 0.1216 0.3608 rg", "1 0.902 0 rg"
    assert _drawn(dark).count(purple) == 2, "the name and the band"
    assert _drawn(light).count(yellow) == 1, "the band alone"
    assert _drawn(plain).count(yellow) == _drawn(plain).count(purple) == 0


def _drawn(page: PageObject) -> str:
    content = page.get_contents()
    assert content is not None
    return content.get_data().decode("latin-1")


def test_the_page_says_who_asked_who_answered_about_whom_and_what() -> None:
    [page] = pages_of(THE_LETTER)
    said = words(page)
    for part in (
        "CH Fictif de Dunkerque 1 avenue de l’Exemple 59140 DUNKERQUE 03 53 01 00 00 dermatologie@ch-fictif.example",
        "Dossier TE26000417",
        "Compte rendu de téléexpertise : dermatologie",
        "Patient FICTIF BASTIEN",
        "Prénoms de naissance BASTIEN, PAUL",
        "Né le 14/07/1985",
        "Sexe masculin",
        "Lieu de naissance 59183 (code INSEE)",
        f"Matricule INS {MATRICULE} (matricule de test, OID 1.2.250.1.213.1.4.10)",
        "Identité qualifiée : pièce d’identité vue et téléservice INSi interrogé",
        "Demandé par Dr Paul EXEMPLE, Cabinet fictif (RPPS 999 0000 0029)",
        "Avis rendu par Dr Anne MODELE, Dermatologie et vénéréologie, CH Fictif de Dunkerque (RPPS 999 0000 0011)",
        "Question posée Lésion du dos, Ø ≥ 7 mm → évolution récente, β-bloquants.",
        "Document validé par Dr Anne MODELE RPPS 999 0000 0011",
        "Le 20 novembre 2026 à 11 h 05 (heure de Paris), version 1",
        "TE26000417 – FICTIF BASTIEN, 14/07/1985 page 1/1",
    ):
        assert part in said, part
    assert "ANNULE" not in said.upper()


def test_a_correction_says_what_it_replaces_above_and_below() -> None:
    said = text_of(replace(THE_LETTER, version=2, replaces=document_id("TE26000417", 1)))
    above, below = said.split("Compte rendu de téléexpertise")
    assert "ANNULE ET REMPLACE le document TE26000417.1" in above
    assert "version 2" in below
    assert "Annule et remplace le document TE26000417.1" in below


@pytest.mark.parametrize("status", [status for status in InsStatus if status is not InsStatus.QUALIFIEE])
def test_a_matricule_that_may_not_travel_is_on_no_page(status: InsStatus) -> None:
    said = text_of(replace(THE_LETTER, patient=replace(PATIENT, status=status)))
    assert "183 042 24" not in said
    assert status.value in said
    assert "matricule INS non transmis" in said


def test_traits_that_are_not_told_have_no_line() -> None:
    patient = replace(
        PATIENT, status=InsStatus.PROVISOIRE, sex=None, birth_place_code=None, birth_given_names=("BASTIEN",),
        matricule=None, oid=None,
    )  # fmt: skip
    said = text_of(replace(THE_LETTER, patient=patient))
    assert "Né(e) le 14/07/1985 Identité provisoire" in said
    assert "Née le 14/07/1985" in text_of(replace(THE_LETTER, patient=replace(PATIENT, sex=Sex.F)))
    nia = replace(PATIENT, oid=InsOid.NIA)
    assert f"{MATRICULE} (NIA," in text_of(replace(THE_LETTER, patient=nia))


def test_a_request_names_its_author_first_and_the_treatments() -> None:
    said = text_of(replace(THE_LETTER, code=TLM_DA_CODE, treatments=("Aspirine 75 mg",)))
    assert "Demandé par Dr Anne MODELE" in said
    assert "Adressé à Dr Paul EXEMPLE" in said
    assert "Traitements en cours Aspirine 75 mg" in said


def test_a_sender_known_by_a_display_name_only() -> None:
    said = text_of(replace(THE_LETTER, sender=Party(display_name="Téléexpertise - Dr MODELE Anne"), written_at=None))
    assert "Document validé par Téléexpertise - Dr MODELE Anne Le 20 novembre 2026 à 11 h 06" in said
    assert said.count("RPPS") == 1


def test_forty_pages_each_bear_number_patient_and_rank() -> None:
    paragraph = "Une phrase de lettre, assez longue pour remplir une ligne et la suivante aussi. " * 9 + "{nb}"
    sections = tuple(Section(f"Partie {rank}", (paragraph,) * 4) for rank in range(54))
    pages = [words(page) for page in pages_of(replace(THE_LETTER, sections=sections))]
    assert len(pages) >= 40
    for rank, page in enumerate(pages, start=1):
        assert f"TE26000417 – FICTIF BASTIEN, 14/07/1985 page {rank}/{len(pages)}" in page
    assert "{nb}" in pages[1], "what looks like fpdf2's own mark is text"
    for rank in range(54):
        [page] = [page for page in pages if f"Partie {rank} " in page]
        assert page.split(f"Partie {rank} ")[1].startswith("Une phrase de lettre"), "a heading stands above its text"


def test_the_signature_is_cut_by_no_page() -> None:
    for lines in range(15, 21):
        section = Section("Avis", tuple("ligne" for _ in range(lines)))
        pages = [words(page) for page in pages_of(replace(THE_LETTER, sections=(section,)))]
        [signed] = [page for page in pages if "Document validé par" in page]
        assert "sans signature manuscrite" in signed


def test_long_names_and_words_are_whole() -> None:
    long = "ABCDEFGHIJ" * 20
    patient = replace(PATIENT, birth_family_name=long, birth_given_names=(long,))
    letter = replace(
        THE_LETTER,
        patient=patient,
        sender=replace(THE_LETTER.sender, organization=f"{long} {long}"),
        sections=(Section("Avis", ("x" * 3000,)),),
    )
    pages = pages_of(letter)
    said = "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")
    assert said.count(long) >= 5, "letterhead twice, names, author"
    assert "x" * 3000 in re.sub(r"TE26000417–ABC\w+…,?.*?page\d+/\d+", "", said)
    for page in pages:
        assert_inside(page)


def assert_inside(page: PageObject) -> None:
    """No run of text begins outside the page's margins."""
    starts: list[float] = []
    page.extract_text(visitor_text=lambda text, _cm, tm, _font, _size: starts.append(tm[4]) if text.strip() else None)
    assert starts
    assert all(20 / 25.4 * 72 - 1 <= x <= 190 / 25.4 * 72 for x in starts)


def images_of(page: PageObject) -> list[Any]:
    objects: Any = page["/Resources"].get_object().get("/XObject", {})  # type: ignore[union-attr]
    return [held.get_object() for held in objects.values() if held.get_object()["/Subtype"] == "/Image"]


@pytest.mark.parametrize(("count", "a_page"), [(0, []), (1, [1]), (2, [2]), (4, [4]), (6, [4, 2])])
def test_photographs_are_captioned_several_a_page(count: int, a_page: list[int]) -> None:
    photos = [photo(60 + rank, 40, f"vue {rank}") for rank in range(1, count + 1)]
    letter_page, *pages = pages_of(THE_LETTER, *photos)
    assert [words(page).count("Photo ") for page in pages] == a_page
    said = " ".join(words(page) for page in pages)
    for rank in range(1, count + 1):
        assert f"Photo {rank} : vue {rank}" in said
    told = "2 photographies en annexe" if count == 2 else "1 photographie en annexe" if count == 1 else "en annexe"
    assert (told in words(letter_page)) == bool(count)


def test_photographs_carry_no_metadata_and_stand_upright() -> None:
    content = compose_letter_pdf(THE_LETTER, made_at=MADE_AT, photos=(photo(4000, 3000),))
    assert b"SECRET" in photo(60, 40).content
    assert b"SECRET" not in content
    assert b"Exif" not in content
    [image] = images_of(PdfReader(BytesIO(content)).pages[1])
    assert (image["/Width"], image["/Height"]) == (1050, 1400), "turned, and at the size of print"
    assert image["/ColorSpace"] == "/DeviceRGB"
    shared = compose_letter_pdf(THE_LETTER, made_at=MADE_AT, photos=(photo(2000, 1500),) * 3)
    [image] = images_of(PdfReader(BytesIO(shared)).pages[1])
    assert image["/Height"] == 1000, "half a page wide; the same photograph is stored once"


def test_a_portrait_a_panorama_and_a_long_caption_share_a_page() -> None:
    photos = (photo(20, 900, "mot " * 200), photo(900, 20, ""), photo(50, 50, "x" * 500))
    [_, page] = pages_of(THE_LETTER, *photos)
    assert len(images_of(page)) == 3
    assert words(page).count("…") == 2
    assert_inside(page)


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0", PHOTO.content[:60], b"%PDF-1.7"])
def test_what_is_no_photograph_is_refused_by_its_rank(content: bytes) -> None:
    with pytest.raises(LetterPhotoRefused) as refused:
        compose_letter_pdf(THE_LETTER, made_at=MADE_AT, photos=(PHOTO, LetterPhoto(content)))
    assert refused.value.params == {"rank": 2}


def test_it_claims_pdf_a_1b_and_keeps_what_that_asks() -> None:
    content = compose_letter_pdf(THE_LETTER, made_at=MADE_AT, photos=(PHOTO,))
    reader = PdfReader(BytesIO(content))
    root: Any = reader.trailer["/Root"]
    assert content.startswith(b"%PDF-1.4")
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>1</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert "2026-11-20T11:06:00+01:00" in metadata
    assert "Compte rendu de téléexpertise : dermatologie – TE26000417" in metadata
    assert root["/OutputIntents"][0].get_object()["/S"] == "/GTS_PDFA1"
    for word in (b"/Encrypt", b"/ObjStm", b"/XRef", b"/SMask", b"/JavaScript", b"/EmbeddedFile", b"/LZWDecode"):
        assert word not in content, word
    for font in reader.pages[0]["/Resources"]["/Font"].values():  # type: ignore[index]
        descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/CIDSet"} <= set(descriptor), "embedded, and which glyphs of it"
        assert "/ToUnicode" in font.get_object(), "its text can be read out"


def test_the_same_arguments_give_the_same_bytes() -> None:
    once, again = (compose_letter_pdf(THE_LETTER, made_at=MADE_AT, photos=(PHOTO,)) for _ in range(2))
    assert once == again
    assert compose_letter_pdf(THE_LETTER, made_at=MADE_AT + timedelta(minutes=1)) != compose_letter_pdf(
        THE_LETTER, made_at=MADE_AT
    )


def test_the_hour_is_that_of_paris_in_summer_too() -> None:
    summer = replace(THE_LETTER, document_date=date(2026, 7, 1), written_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    assert "Le 2 juillet 2026 à 0 h 30" in text_of(summer)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(letters())
def test_every_letter_is_printed(letter: Letter) -> None:
    said = "".join(page.extract_text() for page in pages_of(letter))
    assert letter.number in said
    squeezed = re.sub(r"\s", "", said)
    for section in letter.sections:
        for word in printable(section.heading).split()[:2]:
            assert word[:20] in squeezed or not word.isascii()
