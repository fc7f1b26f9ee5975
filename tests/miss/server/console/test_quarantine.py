"""Mails that were set aside, in the console: counted on its home, opened for a reason, tried again, discarded."""

import re
from dataclasses import replace

import httpx
import pytest

from miss.base.ids import PractitionerId
from miss.directory.audit import Subject
from miss.directory.sample import people
from miss.mail.inbound import store as inbound_store
from miss.server.doors import Server
from tests.miss.mail.inbound.kit import GP, RAW, arrival_of

PATH = "/console/courriels"
NOT_TEXT = RAW.replace(b"Subject: Demande d'avis", b"Subject: FICTIF Bastien 14/07/1985")
REASON = "panne du lecteur HPRIM"


@pytest.fixture
async def page(server: Server) -> str:
    """Where the one mail that was set aside is shown."""
    house = server.house
    arrival = arrival_of(PractitionerId(f"8{people.PAUL_EXEMPLE}"))
    sealed = await house.keystore.seal(f"mail:{arrival.id}", NOT_TEXT, what="inbound_mail")
    async with house.db.transaction() as tx:
        await inbound_store.insert(tx, replace(arrival, sealed=sealed))
        await inbound_store.set_aside(tx, arrival.id, "ValueError", house.clock.now())
    return f"{PATH}/{arrival.id}"


async def waiting(client: httpx.AsyncClient) -> str:
    """How many the console's home counts."""
    found = re.search(r"Courriels mis à l’écart <span[^>]*>(\d+)<", (await client.get("/console")).text)
    return found[1] if found else ""


async def test_the_story_of_one_mail(server: Server, marc: httpx.AsyncClient, page: str) -> None:
    assert await waiting(marc) == "1"
    listed = (await marc.get(PATH)).text
    assert GP in listed
    assert "ValueError" in listed
    shown = (await marc.get(page)).text
    assert "Message-ID" in shown
    assert "FICTIF" not in shown, "a subject names patients"
    refused = await marc.post(f"{page}/contenu", data={"reason": "voir"})
    assert refused.status_code == 400
    assert "Indiquez pourquoi" in refused.text
    assert "FICTIF" not in refused.text
    opened = (await marc.post(f"{page}/contenu", data={"reason": REASON})).text
    assert "FICTIF Bastien" in opened
    subject = Subject.practitioner(PractitionerId(f"8{people.PAUL_EXEMPLE}"))
    entries = (await server.house.audit.list_(subject=subject)).entries
    assert any(one.fact and one.fact.act == "mail.content_opened" and REASON in one.fact.detail for one in entries)
    assert (await marc.post(f"{page}/abandon", data={"reason": "essai d’un éditeur"})).status_code == 303
    assert "abandonné" in (await marc.get(PATH)).text
    assert await waiting(marc) == "0"
    assert (await marc.post(f"{page}/rejeu")).status_code == 303
    assert "Aucun courriel" in (await marc.get(PATH)).text
    assert (await marc.get(page)).status_code == 404


async def test_what_was_destroyed_can_no_longer_be_opened(server: Server, marc: httpx.AsyncClient, page: str) -> None:
    async with server.house.db.transaction() as tx:
        await inbound_store.blank(tx, [page.rpartition("/")[2]])
    assert "contenu détruit" in (await marc.get(page)).text
    assert (await marc.post(f"{page}/contenu", data={"reason": REASON})).status_code == 409
    assert (await marc.post(f"{page}/rejeu")).status_code == 409


async def test_it_is_for_technicians(anne: httpx.AsyncClient, page: str) -> None:
    assert (await anne.get(PATH)).status_code == 403
    assert (await anne.get(page)).status_code == 403
