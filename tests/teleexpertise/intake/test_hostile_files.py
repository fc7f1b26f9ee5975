"""Files that act, and Outlook's envelope: the request goes on without them, their sender is told, the mail is kept."""

from miss.mail.inbound import store
from miss.mail.inbound.parse import parse_mail
from teleexpertise.requests.model import State
from tests.miss.documents.pdf.hostile import HOSTILE, PLAIN
from tests.teleexpertise.office import END, HEADER, Office, photo, text_of

SCRIPT = HOSTILE["script at opening"][0]
ENVELOPE = b"\x78\x9f\x3e\x22" + bytes(40)


async def test_a_request_goes_on_without_them_and_they_are_named(office: Office) -> None:
    files = (
        ("vue.jpg", photo()), ("pres.jpg", photo("sienna")), ("bilan.pdf", PLAIN), ("actif.pdf", SCRIPT),
        ("winmail.dat", ENVELOPE),
    )  # fmt: skip
    letter = office.letter(files=files)
    await office.deliver(letter)
    request = await office.request()
    assert request.state is State.ASSIGNED
    view = await office.service.reading.view(request.number, office.paul.id)
    assert view.seen is not None
    assert {file.name for file in view.seen.files} == {"vue.jpg", "pres.jpg", "bilan.pdf"}
    [told] = office.mails_to(office.paul)
    said = " ".join(text_of(told).split())
    assert "« actif.pdf » : La pièce n° 4 n’a pas été prise : ce PDF contient un script (JavaScript)" in said
    assert "« winmail.dat » : La pièce n° 5 (winmail.dat) est l’enveloppe propre à Outlook" in said
    assert "bilan.pdf" not in said
    house = office.house
    async with house.db.snapshot() as tx:
        sealed = await store.get_sealed(tx, request.id)
    kept = parse_mail(await house.keystore.open(f"mail:{request.id}", sealed, what="inbound_mail"))
    assert {file.name: file.content for file in kept.attachments}["actif.pdf"] == SCRIPT, "as it was received"


async def test_an_empty_mail_with_outlook_s_envelope_is_told_how_to_be_sent_again(office: Office) -> None:
    await office.deliver(office.letter(text=HEADER + END, files=(("winmail.dat", ENVELOPE),)))
    assert (await office.request()).state is State.DRAFT
    [told] = office.mails_to(office.paul)
    assert "Renvoyez le message au format HTML ou texte brut" in " ".join(text_of(told).split())
