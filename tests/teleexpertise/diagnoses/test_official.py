"""The official file, in the shapes in which it is downloaded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teleexpertise.diagnoses.errors import TableUnreadable
from teleexpertise.diagnoses.model import Diagnosis
from teleexpertise.diagnoses.official import parse_table

ECZEMA = Diagnosis("L20.9", "Dermite atopique, sans précision")


@pytest.mark.parametrize(
    "text",
    [
        "Code;Libellé\nL20.9;Dermite atopique, sans précision\n",
        "code\tlibellé court\tLIBELLE LONG\nL209\tDermite\tDermite atopique, sans précision\n",
        '"notation","skos:prefLabel"\n"L20.9","Dermite atopique, sans précision"\n',
        "L209  |0|0|0|DERMITE ATOPIQUE|Dermite atopique, sans précision\n",
        "\n\nCode | Libellé\nL20.9 |  Dermite   atopique, sans précision \n",
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp1252"])
def test_every_shape_gives_the_same(text: str, charset: str) -> None:
    assert parse_table(text.encode(charset)).diagnoses == (ECZEMA,)


def test_lines_without_a_code_are_counted_and_a_code_counts_once() -> None:
    table = parse_table(b"code;libelle\nXII;Maladies de la peau\nL20-L30;Dermites\nL20.9;Une\nL209;Deux\nL30.9\n")
    assert [one.label for one in table.diagnoses] == ["Une"]
    assert table.skipped == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no_columns"),
        (b"rien du tout", "no_columns"),
        (b"a;b\nL20.9;x\n", "no_header"),
        (b"code;libelle\nXII;Peau\n", "no_codes"),
        (b"PK\x03\x04" + bytes(200), "no_columns"),
    ],
)
def test_what_is_no_table_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(TableUnreadable) as caught:
        parse_table(data)
    assert caught.value.params["reason"] == reason
    assert "n’a pas changé" in caught.value.sentence()


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_named_error(data: bytes) -> None:
    try:
        parse_table(b"code;libelle\n" + data)
    except TableUnreadable:
        return
