"""vCards read back by vobject, which shares no code with the writer."""

from base64 import b64encode
from collections.abc import Sequence

import vobject
from hypothesis import given
from hypothesis import strategies as st

from miss.directory.exports import Card, compose_vcard
from miss.directory.exports.model import line_of
from miss.directory.exports.vcard import LINE_BYTES, compose_vcards
from tests.miss.directory.exports.cards import CARDS


@given(st.lists(CARDS, min_size=1, max_size=3))
def test_what_is_read_back_is_what_was_written(cards: Sequence[Card]) -> None:
    content = compose_vcards(cards)
    assert all(len(line) <= LINE_BYTES for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    found = list(vobject.readComponents(content.decode()))
    assert len(found) == len(cards)
    for card, read in zip(cards, found, strict=True):
        assert read.version.value == "3.0"
        assert read.fn.value == (card.name or card.id)
        name = read.n.value
        assert (name.family, name.given, name.prefix) == (card.family, card.given, card.civility)
        assert [one.value for one in read.contents.get("email", [])] == list(card.mailboxes)
        assert [b64encode(one.value).decode() for one in read.contents.get("key", [])] == list(card.certificates)
        assert read.getChildValue("tel", "") == card.phone
        assert read.getChildValue("title", "") == card.profession
        assert read.getChildValue("role", "") == ", ".join(card.specialties)
        notes = [f"RPPS {card.rpps}"] if card.rpps else []
        notes += [f"Déclaré par l’établissement : {line_of(place)}" for place in card.declared]
        assert [one.value for one in read.contents.get("note", [])] == notes
        organization = read.getChildValue("org", [""])
        assert (
            organization == ([card.organization, card.unit] if card.unit else [card.organization])
            or not card.organization
        )
        if any((card.address, card.town, card.department, card.postcode)):
            place = read.adr.value
            assert (place.street, place.city, place.region, place.code) == (
                card.address,
                card.town,
                card.department,
                card.postcode,
            )


def test_a_card_as_telephones_take_it() -> None:
    card = Card(
        id="899900000011",
        rpps="99900000011",
        civility="Dr",
        family="Modèle",
        given="Anne",
        profession="Médecin",
        organization="CH fictif; Lille",
        town="Lille",
        mailboxes=("anne@mssante.example",),
    )
    assert compose_vcard(card).decode().split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//MiSS//Annuaire//FR",
        "UID:urn:x-miss:practitioner:899900000011",
        "N:Modèle;Anne;;Dr;",
        "FN:Dr Anne MODÈLE",
        "TITLE:Médecin",
        "EMAIL;TYPE=INTERNET:anne@mssante.example",
        "NOTE:RPPS 99900000011",
        "ORG:CH fictif\\; Lille",
        "ADR;TYPE=WORK:;;;Lille;;;",
        "CATEGORIES:MiSS",
        "END:VCARD",
        "",
    ]
