"""« Mes preuves »: the list, the archives, the subscription; one's own and nobody else's."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import OutboundMail
from tests.miss.mail.trace.samples import RECIPIENT
from tests.miss.server.web.visitors import Place, opened

PAGE = "/compte/preuves"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path) as place:
        yield place


async def test_ones_own_proofs_are_listed_and_downloaded(place: Place) -> None:
    anne, paul, house = place.anne, place.paul, place.server.house
    assert "Aucun courriel n’a été envoyé pour vous" in await anne.see(PAGE)
    mail = OutboundMail(
        message_id="<te1.answer@miss.example>",
        sender=Mailbox(parse_address("teleexpertise@miss.example")),
        to=Mailbox(parse_address(RECIPIENT)),
        subject="FICTIF BASTIEN",
        text="Un avis.",
        author=anne.practitioner.id,
    )
    async with house.db.transaction() as tx:
        mail_id = await house.outbox.enqueue(tx, mail, about="request:1")
    await house.outbox.lines.drain()
    shown = await anne.see(PAGE)
    assert RECIPIENT in shown
    assert "BASTIEN" not in shown
    one = await anne.send(f"{PAGE}/{mail_id}")
    assert (one.status_code, one.headers["cache-control"]) == (200, "no-store")
    assert "courriel.eml" in zipfile.ZipFile(io.BytesIO(one.content)).namelist()
    everything = await anne.send(f"{PAGE}/archive")
    assert "courriel.eml" not in zipfile.ZipFile(io.BytesIO(everything.content)).namelist()
    assert (await paul.send(f"{PAGE}/{mail_id}")).status_code == 404
    assert RECIPIENT not in await paul.see(PAGE)
    assert "a téléchargé une preuve d’envoi et son courriel" in await anne.see("/compte/consultations?tout=1")
    assert "La recevoir chaque mois" in shown
    await anne.send(f"{PAGE}/abonnement", {"wanted": "1"})
    assert "Ne plus la recevoir" in await anne.see(f"{PAGE}?fait=1")
    await anne.send(f"{PAGE}/abonnement", {"wanted": "0"})
    assert "La recevoir chaque mois" in await anne.see(PAGE)
