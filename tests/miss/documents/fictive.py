"""A fictive patient, two fictive physicians, and letters about them, fixed or drawn by hypothesis."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

from miss.documents.identities import InsOid, InsStatus, Matricule, PatientIdentity, Rpps, Sex
from miss.documents.letter import TLM_CR_CODE, Letter, Party, Section

PATIENT = PatientIdentity(
    birth_family_name="FICTIF",
    birth_given_names=("BASTIEN", "PAUL"),
    birth_date=date(1985, 7, 14),
    sex=Sex.M,
    birth_place_code="59183",
    matricule=Matricule("185075918304224"),
    oid=InsOid.TEST,
    status=InsStatus.QUALIFIEE,
    address_lines=("12 RUE DES TESTS",),
    postcode="59140",
    town="DUNKERQUE",
)
ANNE = Party(display_name="CH FICTIF - Dr MODELE Anne", code="DERMEXP", rpps=Rpps("99900000011"))
PAUL = Party(display_name="Dr EXEMPLE Paul", code="GPTEST", rpps=Rpps("99900000029"))

LETTER = Letter(
    code=TLM_CR_CODE,
    number="TE26000417",
    patient=PATIENT,
    document_date=date(2026, 11, 20),
    sender=ANNE,
    recipient=PAUL,
    title="AVIS DE TÉLÉ-EXPERTISE - DERMATOLOGIE",
    references=("Demande TE26000417 reçue le 18/11/2026, réponse du 20/11/2026",),
    sections=(
        Section("AVIS", ("Lésion mélanocytaire asymétrique, deux couleurs.",)),
        Section("CONDUITE À TENIR", ("1. Adresser en consultation.", "2. Pas de traitement local d'ici là.")),
    ),
    closing=("Document PDF joint au message (même contenu).",),
)


def a_letter(**changes: Any) -> Letter:
    return replace(LETTER, **changes)


def a_patient(**changes: Any) -> PatientIdentity:
    return replace(PATIENT, **changes)


LATIN = st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters=[chr(n) for n in range(0x7F, 0xA0)])
"""What Latin-1 prints."""
ANY = st.characters(exclude_categories=["Cs"])
MARKS = st.sampled_from(["****FIN****", "****FINFICHIER****", "****LAB****", "****", "***·*", "***··***", "*****"])


def texts(characters: st.SearchStrategy[str], max_size: int) -> st.SearchStrategy[str]:
    """Texts in which the HPRIM marks come up often."""
    return st.lists(st.text(characters, max_size=12) | MARKS, max_size=max_size).map("".join)


def named(characters: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from("ABCÎ"), st.text(characters, max_size=20)).map("".join)


@st.composite
def letters(draw: st.DrawFn, characters: st.SearchStrategy[str] = ANY) -> Letter:
    """Letters that their constructors accept."""
    codes = st.text("ABCXYZ0123456789-_/", max_size=10)
    lines = texts(characters, 4)
    patient = PatientIdentity(
        birth_family_name=draw(named(characters)),
        birth_given_names=(draw(named(characters)),),
        birth_date=draw(st.dates(date(1900, 1, 1), date(2026, 1, 1))),
        address_lines=tuple(draw(st.lists(lines, max_size=3))),
        postcode=draw(st.sampled_from(["", "59140", "20000", "2A004"])),
        town=draw(st.sampled_from(["", "DUNKERQUE", "L'ÎLE FICTIVE"])),
    )
    return Letter(
        code=TLM_CR_CODE,
        number=draw(codes.filter(bool)),
        patient=patient,
        document_date=draw(st.dates(date(2020, 1, 1), date(2060, 1, 1))),
        sender=Party(display_name=draw(named(characters)), code=draw(codes)),
        recipient=Party(display_name=draw(named(characters)), code=draw(codes)),
        title="AVIS " + draw(lines),
        references=tuple(draw(st.lists(lines, max_size=2))),
        sections=tuple(
            Section(draw(lines), tuple(draw(st.lists(texts(characters, 30), max_size=3))))
            for _ in range(draw(st.integers(0, 2)))
        ),
        closing=tuple(draw(st.lists(lines, max_size=2))),
    )
