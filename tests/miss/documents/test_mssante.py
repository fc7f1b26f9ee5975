"""Subjects, names of files and fields of MSSanté."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.documents.mssante import display_name, fields_for, pdf_name, read_subject, subject_for
from tests.miss.documents.fictive import ANY, PATIENT

LABEL = "CR de télémédecine"
ELODIE = replace(PATIENT, birth_family_name="L’Hœuvre-d'Été", birth_given_names=("Élodie",))


def test_a_subject() -> None:
    assert subject_for([LABEL], PATIENT) == "XDM/1.0/DDM+CR de télémédecine FICTIF BASTIEN 14/07/1985"


def test_a_correction_says_so_before() -> None:
    subject = subject_for([LABEL], PATIENT, replaces=True)
    assert subject == "[Annule et remplace] XDM/1.0/DDM+CR de télémédecine FICTIF BASTIEN 14/07/1985"
    read = read_subject(subject)
    assert read is not None
    assert (read.replaces, read.shown) == (True, "CR de télémédecine FICTIF BASTIEN 14/07/1985")


def test_several_documents_are_counted() -> None:
    assert subject_for([LABEL] * 3, PATIENT).startswith("XDM/1.0/DDM+3 documents FICTIF")


def test_names_lose_their_accents_and_labels_are_cut_at_forty() -> None:
    label = "Document encapsulant une image d'illustration non DICOM"
    assert subject_for([label], ELODIE) == (
        "XDM/1.0/DDM+Document encapsulant une image d'illustr L’HOEUVRE-D'ETE ELODIE 14/07/1985"
    )


def test_a_report_that_filing_failed() -> None:
    read = read_subject("[KO Intégration système !][902] XDM/1.0/DDM+CR de télémédecine FICTIF BASTIEN 14/07/1985")
    assert read is not None
    assert (read.refused, read.error, read.replaces) == (True, "902", False)


@pytest.mark.parametrize("subject", ["", "Bonjour", "Re: Bonjour XDM/1.0/DDM", "XDM/1.1/DDM+x"])
def test_other_subjects_are_not_in_the_grammar(subject: str) -> None:
    assert read_subject(subject) is None


def test_the_name_of_the_pdf() -> None:
    name = pdf_name(date(2026, 11, 20), LABEL, ELODIE, "TE26000417")
    assert name == "20261120_CR-de-telemedecine_L-HOEUVRE-D-ETE_ELODIE_TE26000417.pdf"
    assert pdf_name(date(2026, 11, 20), LABEL, PATIENT) == "20261120_CR-de-telemedecine_FICTIF_BASTIEN.pdf"


@settings(max_examples=60)
@given(family=st.text(ANY, min_size=1, max_size=60).filter(str.strip), label=st.text(ANY, max_size=90))
def test_whatever_somebody_is_called(family: str, label: str) -> None:
    patient = replace(PATIENT, birth_family_name=family)
    name = pdf_name(date(2026, 11, 20), label, patient)
    assert name.isascii()
    assert not set(name) - set("_-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    subject = subject_for([label], patient)
    assert subject.splitlines() == [subject]
    assert read_subject(subject) is not None


def test_fields_with_and_without_documents() -> None:
    assert fields_for(["85208-7", "85208-7", "52040-3"], has_ins=True, product="REF") == {
        "X-MSS-CODECDA": "85208-7,52040-3",
        "X-MSS-INS": "O",
        "X-MSS-NIL": "REF",
    }
    assert fields_for(["85208-7"], has_ins=False) == {"X-MSS-CODECDA": "85208-7", "X-MSS-INS": "N"}
    assert fields_for([], has_ins=True, is_last_word=True) == {"X-MSS-MES": "FIN"}


def test_who_a_mail_comes_from() -> None:
    assert display_name("Dr Anne MODÈLE", "CH FICTIF") == "Dr Anne MODÈLE - CH FICTIF"
    assert display_name("Anne MODÈLE", " ") == "Anne MODÈLE"
    assert display_name("Dr Anne\nMODÈLE", "CH\u202e <chef@fictif.example>") == "Dr Anne MODÈLE - CH cheffictif.example"
