"""What a form says: every fault named by its field, and what cannot be shown or sent taken out."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miss.base.text import Language
from miss.directory.registrations import Application, ApplicationRefused, Problem, parse_application
from tests.miss.directory.registrations.applications import INES, PROFESSIONS, application


def faults(changed: dict[str, str], ticked: tuple[str, ...] = ("xdm",)) -> dict[str, str]:
    """The sentence at each field."""
    with pytest.raises(ApplicationRefused) as refused:
        parse_application({**INES, **changed}, ticked, PROFESSIONS, Language.FR)
    problems = refused.value.problems
    assert refused.value.params == {"count": len(problems)}
    return {one.field: one.sentence(Language.FR) for one in problems}


def test_what_is_well_formed_is_taken_cleaned() -> None:
    said = application(family=" Brouillon\u202e ", phone="+33 3 53 01 00 11", comment="Bonjour,\r\n\r\n\x07merci\t!")
    assert (said.family, said.rpps, said.email) == ("Brouillon", "99900000078", "ines.brouillon@contact.example")
    assert (said.phone, said.comment, said.news) == ("+33353010011", "Bonjour,\n\nmerci !", True)
    assert said.display_name == "Inès BROUILLON"


@pytest.mark.parametrize(
    ("changed", "at", "says"),
    [
        ({"family": ""}, "family", "Renseignez"),
        ({"family": "<script>alert(1)</script>"}, "family", "lettres"),
        ({"given": "=1+1"}, "given", "lettres"),
        ({"family": "a" * 121}, "family", "120"),
        ({"rpps": "99900000079"}, "rpps", "clé est fausse"),
        ({"rpps": "1234"}, "rpps", "11 chiffres"),
        ({"rpps": "", "adeli": ""}, "rpps", "ADELI"),
        ({"adeli": "599991008"}, "adeli", "clé est fausse"),
        ({"finess": "12"}, "finess", "9 caractères"),
        ({"postcode": "5900"}, "postcode", "5 chiffres"),
        ({"email": "ines@"}, "email", "pas complète"),
        ({"email": "ines@contact.example\nBcc: x@y.example"}, "email", "pas complète"),
        ({"mailbox": "ines"}, "mailbox", "pas complète"),
        ({"phone": "12"}, "phone", "10 chiffres"),
        ({"profession": "99"}, "profession", "liste"),
        ({"profession": ""}, "profession", "Renseignez"),
        ({"comment": "x" * 2001}, "comment", "2000"),
    ],
)
def test_each_fault_is_told_at_its_field(changed: dict[str, str], at: str, says: str) -> None:
    told = faults(changed)
    assert list(told) == [at]
    assert says in told[at]


def test_all_faults_are_told_at_once_in_the_order_of_the_form() -> None:
    told = faults({"family": "", "rpps": "1", "town": "", "email": "x"}, ())
    assert list(told) == ["rpps", "family", "town", "email", "formats"]


def test_adeli_alone_will_do_and_no_profession_is_asked_of_an_empty_register() -> None:
    assert application(rpps="", adeli="59 999100 7").adeli == "599991007"
    said = parse_application({**INES, "profession": "10"}, ("xdm",), frozenset(), Language.EN)
    assert said.profession == ""


@given(st.dictionaries(st.sampled_from(sorted({*INES, "adeli", "finess"})), st.text(max_size=60), max_size=6))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_typed_is_taken_clean_or_refused_by_field(changed: dict[str, str]) -> None:
    said: Application | None = None
    problems: tuple[Problem, ...] = ()
    try:
        said = parse_application({**INES, **changed}, ("hprim_text",), PROFESSIONS, Language.FR)
    except ApplicationRefused as refused:
        problems = refused.problems
    assert {one.field for one in problems} <= {*INES, "adeli", "finess"}
    assert (said is None) is bool(problems)
    if said is None:
        return
    for text in (said.family, said.given, said.organization, said.address, said.town, said.software, said.email):
        assert text == text.strip()
        assert text.isprintable()
    assert any(character.isalpha() for character in said.family)
