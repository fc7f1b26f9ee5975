"""What a record lacks, in words."""

from itertools import product

import pytest

from miss.base.ids import OrganizationId
from miss.base.text import Language
from miss.directory.establishments.model import (
    Contact,
    ContactFunction,
    Establishment,
    EstablishmentKind,
    Missing,
    Part,
    completeness,
    required_functions,
)


def record(kind: EstablishmentKind, contacts: tuple[Contact, ...], finess: str = "599990009") -> Establishment:
    return Establishment(id=OrganizationId("F599990009"), name="CH fictif", kind=kind, finess=finess, contacts=contacts)


def whole(kind: EstablishmentKind) -> tuple[Contact, ...]:
    return tuple(
        Contact(function, "Odile Buvard", "o.buvard@ch.example", "03 20 00 00 00")
        for function in required_functions(kind)
    )


@pytest.mark.parametrize("kind", EstablishmentKind)
def test_a_record_with_every_contact_is_complete(kind: EstablishmentKind) -> None:
    assert completeness(record(kind, whole(kind))) == ()


@pytest.mark.parametrize("kind", EstablishmentKind)
def test_each_part_of_each_contact_is_missed(kind: EstablishmentKind) -> None:
    for left_out, part in product(required_functions(kind), (Part.NAME, Part.EMAIL, Part.PHONE)):
        contacts = tuple(
            Contact(
                one.function,
                "" if (one.function, Part.NAME) == (left_out, part) else one.name,
                "" if (one.function, Part.EMAIL) == (left_out, part) else one.email,
                "" if (one.function, Part.PHONE) == (left_out, part) else one.phone,
            )
            for one in whole(kind)
        )
        assert completeness(record(kind, contacts)) == (Missing(part, left_out),)


def test_only_laboratories_name_a_biologist_on_duty() -> None:
    duty = ContactFunction.BIOLOGIST_ON_DUTY
    naming = [kind for kind in EstablishmentKind if duty in required_functions(kind)]
    assert naming == [EstablishmentKind.LABORATORY]


def test_a_finess_number_is_missed_where_all_have_one() -> None:
    hospital, surgery = EstablishmentKind.HOSPITAL, EstablishmentKind.SURGERY
    assert completeness(record(hospital, whole(hospital), "599990008")) == (Missing(Part.FINESS),)
    assert completeness(record(surgery, whole(surgery), "")) == ()


def test_what_is_missing_is_said_in_words() -> None:
    [one] = completeness(record(EstablishmentKind.LABORATORY, whole(EstablishmentKind.LABORATORY)[:-1]))[:1]
    assert one.text.in_(Language.FR) == "Biologiste de garde : le nom manque"
    assert one.text.in_(Language.EN) == "Biologist on duty: the name is missing"
