"""A card of a practitioner, and the text that every format can carry."""

import unicodedata
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.exports.model import ExportFormat, card_of, plain
from miss.directory.practitioners import Coding, DirectoryEntry, Organization, Practitioner, PractitionerRole


@given(st.text())
@example("a\x00b\r\nc\u2028d\x85e")
@example("\ud800x\ufffe\U0001ffff\ufdd0y")
@example("  deux   espaces ")
@example("x" * 5_000)
def test_plain_text_is_one_line_that_xml_and_utf8_take(text: str) -> None:
    said = plain(text)
    said.encode()
    assert not any(unicodedata.category(one) in {"Cc", "Zl", "Zp", "Cs"} for one in said)
    assert said == said.strip()
    assert "  " not in said
    assert len(said) <= 4_000
    assert plain(said) == said


def test_what_is_plain_already_stays_as_it_is() -> None:
    for text in ("D'Hœur-Lévêque", "=1+1", "王小明", "e\u0301", "🩺 « avis »", "مرحبا"):
        assert plain(text) == text
    assert plain("\ud800x\ufffe\U0001ffff\ufdd0y") == "xy"


def test_a_card_has_the_first_place_that_has_a_name() -> None:
    hospital = Organization(
        id=OrganizationId("F1"), name="CH  fictif", finess="590780193", address="1 rue X", postcode="59000"
    )
    practitioner = Practitioner(
        id=PractitionerId("899900000011"),
        family="Modèle",
        given="Anne\n",
        civility="Dr",
        profession=Coding("10", "Médecin"),
        roles=(
            PractitionerRole(Coding("SM15", "Dermatologie"), None, "Roubaix", "59100", "0320000000", "59"),
            PractitionerRole(Coding("SM04", "Cardiologie"), hospital, "Lille", "59000", "", "59"),
        ),
        mailboxes=("anne@mssante.example", "anne.modele@medical59.miss.example"),
        entry=DirectoryEntry(is_proxy=True),
    )
    card = card_of(practitioner, "anne.modele@medical59.miss.example")
    assert (card.name, card.organization, card.finess) == ("Dr Anne MODÈLE", "CH fictif", "590780193")
    assert (card.address, card.postcode, card.town, card.phone) == ("1 rue X", "59000", "Lille", "")
    assert card.specialties == ("Dermatologie", "Cardiologie")
    assert card.mailboxes == ("anne.modele@medical59.miss.example", "anne@mssante.example")
    assert card.formats == ("attachments", "hprim_text", "xdm")
    assert card.is_proxy


def test_what_the_person_chose_comes_first() -> None:
    someone = Practitioner(
        id=PractitionerId("899900000011"),
        family="Modèle",
        given="Anne",
        civility="Dr",
        profession=Coding("10", "Médecin"),
        roles=(PractitionerRole(None, None, "Lille", "59000", "0320000000", "59"),),
        mailboxes=("a@mssante.example", "b@mssante.example"),
        entry=DirectoryEntry(phone="0327009999", mailbox="b@mssante.example"),
    )
    card = card_of(someone, "anne@medical59.miss.example")
    assert card.phone == "0327009999"
    assert card.mailboxes == ("b@mssante.example", "anne@medical59.miss.example", "a@mssante.example")
    former = replace(someone, entry=DirectoryEntry(mailbox="former@mssante.example"))
    assert card_of(former).mailboxes == ("a@mssante.example", "b@mssante.example")


def test_files_are_named_for_what_they_hold() -> None:
    assert [format_.suffix for format_ in ExportFormat] == [".csv", ".xlsx", ".ldif", ".vcf"]
    assert all("/" in format_.media_type for format_ in ExportFormat)
