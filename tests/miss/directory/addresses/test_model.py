"""Addresses as pure rules: any name gives a local part that every mail server takes, and no two people the same."""

import re
import string
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from miss.base.ids import PractitionerId
from miss.directory.addresses.model import (
    LOCAL_CHARS,
    STEM_CHARS,
    Address,
    compose_domain,
    compose_stem,
    first_free,
    normalise_name,
)
from miss.directory.register.mailboxes import is_address

DOT_ATOM = re.compile(r"[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*")
"""What we make; narrower than RFC 5321 §4.1.2, which any address of this form satisfies."""
NAMES = st.text(max_size=120) | st.text(st.sampled_from(string.ascii_letters + "éÈœÆß'’- -"), max_size=120)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def address(stem: str, number: int, domain: str = "medical59.miss.example") -> Address:
    return Address(practitioner_id=PractitionerId("8"), stem=stem, number=number, domain=domain, given_at=NOW)


@pytest.mark.parametrize(
    ("given", "family", "stem"),
    [
        ("Anne", "MODELE", "anne.modele"),
        ("Jean-Noël", "D'HŒUR", "jean-noel.d-hoeur"),
        ("Jean  Noël", "D’HŒUR", "jean-noel.d-hoeur"),
        ("Marie", "DE LA TOUR d'AUVERGNE", "marie.de-la-tour-d-auvergne"),
        ("Lætitia", "GROẞMANN", "laetitia.grossmann"),
        ("Łukasz", "ĐỨC", "lukasz.duc"),
        ("", "EXEMPLE", "ps.exemple"),
        ("Анна", "李", "ps.ps"),
        ("Paul 2", "MARTIN-2e", "paul.martin-e"),
        ("-", "--Martin--", "ps.martin"),
    ],
)
def test_names_are_written_in_one_way(given: str, family: str, stem: str) -> None:
    assert compose_stem(given, family) == stem


def test_of_a_name_that_is_too_long_the_family_name_keeps_the_larger_half() -> None:
    assert compose_stem("Anne", "x" * 90) == "anne." + "x" * 53
    assert compose_stem("y" * 90, "Modele") == "y" * 51 + ".modele"
    assert compose_stem("y" * 90, "x" * 90) == "y" * 28 + "." + "x" * 29
    assert compose_stem("Anne", "x" * 52 + "-" + "x" * 9) == "anne." + "x" * 52  # no hyphen is left at the end


@given(NAMES, NAMES, st.integers(1, 999_999))
@example("ﬁ" * 60, "Ⅷ" * 60, 999_999)
@example("İ", "ŉ", 1)
def test_any_name_gives_a_valid_local_part(given: str, family: str, number: int) -> None:
    stem = compose_stem(given, family)
    made = address(stem, number)
    assert DOT_ATOM.fullmatch(stem)
    assert len(stem) <= STEM_CHARS
    assert len(made.local) <= LOCAL_CHARS
    assert is_address(str(made))


@given(NAMES, NAMES)
def test_what_was_normalised_stays_as_it_is(given: str, family: str) -> None:
    assert normalise_name(normalise_name(given)) == normalise_name(given)
    stem = compose_stem(given, family)
    first, _, last = stem.partition(".")
    assert compose_stem(first, last) == stem


@given(st.lists(st.tuples(NAMES, NAMES), max_size=30), st.randoms())
def test_no_two_people_get_the_same_address_in_whatever_order(people: list[tuple[str, str]], luck: object) -> None:
    # Few different names, so that there are homonyms.
    people = people + [("Anne", "Modèle")] * 3 + [("ANNE", "MODELE")] * 2
    luck.shuffle(people)  # type: ignore[attr-defined]
    taken: dict[str, set[int]] = {}
    made = []
    for one in people:
        stem = compose_stem(*one)
        number = first_free(taken.setdefault(stem, set()))
        taken[stem].add(number)
        made.append(str(address(stem, number)))
    assert len(set(made)) == len(made)
    assert {"anne.modele@medical59.miss.example", "anne.modele5@medical59.miss.example"} <= set(made)


@pytest.mark.parametrize(
    ("profession", "specialties", "department", "domain"),
    [
        ("10", ["SM15"], "59", "medical59.miss.example"),
        ("10", [], "", "medical.miss.example"),
        ("10", [], "2A", "medical2a.miss.example"),
        ("10", [], "974", "medical974.miss.example"),
        ("10", ["SM04", "SM03"], "59", "labo59.miss.example"),
        ("86", [], "62", "labo62.miss.example"),
        ("60", [], "59", "ide59.miss.example"),
        ("35", [], "59", "sante59.miss.example"),
        ("10", [], "5.9@x", "medical.miss.example"),
    ],
)
def test_the_domain_says_profession_and_department(
    profession: str, specialties: list[str], department: str, domain: str
) -> None:
    assert compose_domain("miss.example", profession, specialties, department) == domain


def test_the_first_of_a_name_bears_no_number() -> None:
    assert (first_free(()), first_free({1, 2, 4})) == (1, 3)
    assert [str(address("a.b", number)) for number in (1, 2, 30)] == [
        "a.b@medical59.miss.example",
        "a.b2@medical59.miss.example",
        "a.b30@medical59.miss.example",
    ]
