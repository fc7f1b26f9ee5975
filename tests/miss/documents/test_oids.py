"""OIDs of documents, with and without an arc of the operator's."""

import pytest

from miss.documents.errors import LetterIncomplete
from miss.documents.letter import TLM_CR_CODE, TLM_DA_CODE
from miss.documents.oids import derived_root, set_id_of, submission_id_of

ROOT = "1.2.250.1.999"


def test_a_number_makes_an_oid_in_the_branch_of_its_type() -> None:
    assert set_id_of(ROOT, TLM_DA_CODE, "TE26000417") == "1.2.250.1.999.1.26000417"
    assert set_id_of(ROOT, TLM_CR_CODE, "TE26000417") == "1.2.250.1.999.2.26000417"


def test_no_component_begins_with_a_zero() -> None:
    assert set_id_of(ROOT, TLM_CR_CODE, "TE05000417") == "1.2.250.1.999.2.5000417"


def test_an_arc_follows_from_the_address_and_registries_take_what_hangs_below() -> None:
    root = derived_root("https://miss.example")
    assert root == derived_root("https://miss.example") != derived_root("https://other.example")
    assert root.startswith("2.25.")
    assert len(submission_id_of(set_id_of(root, TLM_CR_CODE, "TE26000417") + ".99")) <= 64


@pytest.mark.parametrize(("code", "number", "field"), [(TLM_CR_CODE, "TE", "number"), ("11488-4", "TE1", "code")])
def test_what_makes_no_oid_is_named(code: str, number: str, field: str) -> None:
    with pytest.raises(LetterIncomplete) as refused:
        set_id_of(ROOT, code, number)
    assert refused.value.params["field"] == field
