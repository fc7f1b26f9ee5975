"""The five reader models break where the five programs were seen to break: otherwise they would prove nothing."""

from pathlib import Path

import pytest

from tests.miss.documents.hprim.readers import READERS

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.mark.parametrize(
    ("sample", "refused_by"),
    [
        ("ok_reponse_tele_expertise_latin1_crlf", set()),
        ("ok_latin1_lf", set()),
        ("ok_avec_lab", set()),
        ("edge_cr_only", {"MedShake", "Nautilus", "Mediboard"}),
        ("edge_date_iso", {"FreeMedForms", "Nautilus", "Doctolib"}),
        ("edge_nir_espace", set()),
        ("edge_sans_nir_ni_cp", set()),
        ("ko_sans_finfichier", {"FreeMedForms", "Mediboard"}),
        ("ko_11_lignes", {"MedShake", "FreeMedForms", "Nautilus", "Doctolib"}),
        ("ko_texte_apres_fin", {"FreeMedForms"}),
    ],
)
def test_what_each_reader_refuses(sample: str, refused_by: set[str]) -> None:
    data = (SAMPLES / f"{sample}.hpr").read_bytes()
    assert {name for name, read in READERS.items() if read(data) is None} == refused_by


def test_without_a_blank_line_mediboard_loses_the_first_line() -> None:
    data = (SAMPLES / "edge_sans_ligne13_vide.hpr").read_bytes()
    shown = {name: read(data) for name, read in READERS.items()}
    losing = {name for name, seen in shown.items() if seen and "AVIS DE TÉLÉ-EXPERTISE" not in seen.body_lines[0]}
    assert losing == {"Mediboard"}


def test_utf8_is_macroman_to_mediboard() -> None:
    shown = READERS["Mediboard"]((SAMPLES / "edge_utf8.hpr").read_bytes())
    assert shown
    assert shown.family_name != "ÎLEFICTIVE"


def test_an_rpps_as_code_leaks_into_the_name() -> None:
    shown = READERS["MedShake"]((SAMPLES / "edge_rpps_ligne11.hpr").read_bytes())
    assert shown
    assert shown.sender_name == "1 Dr MODELE Anne"
