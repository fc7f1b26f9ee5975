"""How a practitioner is shown."""

from dataclasses import replace

from miss.base.ids import PractitionerId
from miss.directory.practitioners.model import Coding, DirectoryEntry, Practitioner, PractitionerRole

DERMATOLOGY = Coding("SM15", "Dermatologie et Vénéréologie")
CARDIOLOGY = Coding("SM04", "Cardiologie")


def a_practitioner(*roles: PractitionerRole, civility: str = "Dr", national_id: str = "899900000029") -> Practitioner:
    return Practitioner(
        id=PractitionerId(national_id),
        family="d'Exemple",
        given="Paul",
        civility=civility,
        profession=Coding("10", "Médecin"),
        roles=roles,
        mailboxes=(),
    )


def test_display_name() -> None:
    assert a_practitioner().display_name == "Dr Paul D'EXEMPLE"
    assert a_practitioner(civility="").display_name == "Paul D'EXEMPLE"


def test_each_specialty_once_and_the_first_town() -> None:
    practitioner = a_practitioner(
        PractitionerRole(DERMATOLOGY, None, "", "", ""),
        PractitionerRole(None, None, "Lille", "59000", ""),
        PractitionerRole(CARDIOLOGY, None, "Dunkerque", "59140", ""),
        PractitionerRole(DERMATOLOGY, None, "Dunkerque", "59140", ""),
    )
    assert practitioner.specialties == (DERMATOLOGY, CARDIOLOGY)
    assert practitioner.town == "Lille"


def test_somebody_without_role_has_no_town() -> None:
    assert a_practitioner().town == ""
    assert a_practitioner().specialties == ()


def test_the_numbers() -> None:
    by_rpps, by_adeli = a_practitioner(), a_practitioner(national_id="0599991007")
    assert (by_rpps.national_id, by_rpps.rpps, by_rpps.adeli) == ("899900000029", "99900000029", None)
    assert (by_adeli.national_id, by_adeli.rpps, by_adeli.adeli) == ("0599991007", None, "599991007")


def test_each_department_once() -> None:
    roles = [PractitionerRole(None, None, "", "", "", department) for department in ("59", "", "2A", "59")]
    assert a_practitioner(*roles).departments == ("59", "2A")


def test_the_address_that_the_entry_names_is_written_to_first_while_it_is_theirs() -> None:
    person = replace(a_practitioner(), mailboxes=("a@un.example", "b@deux.example", "c@trois.example"))
    assert person.letterboxes == person.mailboxes
    named = replace(person, entry=DirectoryEntry(mailbox="b@deux.example"))
    assert named.letterboxes == ("b@deux.example", "a@un.example", "c@trois.example")
    assert replace(person, entry=DirectoryEntry(mailbox="gone@un.example")).letterboxes == person.mailboxes


def test_of_several_mailboxes_of_an_establishment_only_the_one_that_its_entry_names_is_written_to() -> None:
    """A department does not read what another asked."""
    house = replace(a_practitioner(), id=PractitionerId("org:F599990009"), mailboxes=("a@un.example",))
    assert house.letterboxes == ("a@un.example",)
    several = replace(house, mailboxes=("a@un.example", "b@un.example"))
    assert several.letterboxes == ()
    assert replace(several, entry=DirectoryEntry(mailbox="gone@un.example")).letterboxes == ()
    assert replace(several, entry=DirectoryEntry(mailbox="b@un.example")).letterboxes[0] == "b@un.example"
