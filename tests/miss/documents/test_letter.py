"""The neutral letter and its plain text."""

import pytest

from miss.documents.errors import LetterIncomplete
from miss.documents.letter import Party, Section, letter_text
from tests.miss.documents.fictive import LETTER, a_letter

TEXT = """AVIS DE TÉLÉ-EXPERTISE - DERMATOLOGIE
Demande TE26000417 reçue le 18/11/2026, réponse du 20/11/2026

AVIS
Lésion mélanocytaire asymétrique, deux couleurs.

CONDUITE À TENIR
1. Adresser en consultation.
2. Pas de traitement local d'ici là.

Document PDF joint au message (même contenu)."""


def test_blocks_stand_in_order_with_a_blank_line_between() -> None:
    assert letter_text(LETTER) == TEXT


def test_empty_parts_leave_no_hole() -> None:
    letter = a_letter(
        references=("", " "), sections=(Section("", ("Un mot.  \r\nDeux.",)), Section("", ())), closing=()
    )
    assert letter_text(letter) == "AVIS DE TÉLÉ-EXPERTISE - DERMATOLOGIE\n\nUn mot.\nDeux."


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"number": ""}, "number"),
        ({"code": ""}, "code"),
        ({"sender": Party(display_name="")}, "sender.display_name"),
        ({"recipient": Party(display_name=" ")}, "recipient.display_name"),
    ],
)
def test_a_letter_without_an_essential_part_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(LetterIncomplete) as refused:
        a_letter(**changes)
    assert refused.value.params["field"] == field


def test_a_letter_does_not_show_itself() -> None:
    assert "mélanocytaire" not in repr(LETTER)
    assert "mélanocytaire" not in repr(LETTER.sections)
