"""Incidents on the pages: announced by a technician, read by everybody, in a feed, in a banner, by mail."""

import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import httpx

from miss.base.clock import MovableClock
from miss.directory.sample import people
from miss.server.demo.mailbox import text_of
from miss.server.doors import Server
from tests.miss.server.console.kit import mails_to, sign_in

ATOM = "{http://www.w3.org/2005/Atom}"
FORM = {
    "kind": "incident",
    "title_fr": "Messagerie <ralentie> & lente",
    "title_en": "",
    "said_fr": "Les envois {attendent}.\nRien n'est perdu.",
    "said_en": "Mails {wait}.",
    "tell": "1",
}
TITLE = "Messagerie &lt;ralentie&gt; &amp; lente"
WARD = "dsi@ch-fictif.example"


def wait(server: Server, **by: float) -> None:
    assert isinstance(server.house.clock, MovableClock)
    server.house.clock.advance(timedelta(**by))


async def test_from_the_announcement_to_its_end(
    server: Server, marc: httpx.AsyncClient, anne: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    assert "Aucun incident connu" in (await stranger.get("/incidents")).text
    assert "Rien n&#39;a encore" in (await marc.get("/console/incidents")).text.replace("n'a", "n&#39;a")
    answer = await marc.post("/console/incidents", data=FORM)
    assert answer.status_code == 303
    page = answer.headers["location"]

    for client, path in ((anne, "/compte"), (stranger, "/connexion"), (stranger, "/nowhere")):
        assert f'<span lang="fr">{TITLE}</span>' in (await client.get(path)).text, path
    public = (await stranger.get("/incidents")).text
    assert public.count(TITLE) == 1, "no banner where the whole story stands"
    assert "Les envois {attendent}." in public
    english = (await stranger.get("/incidents", headers={"Accept-Language": "en"})).text
    assert f'<h3 lang="fr">{TITLE}</h3>' in english
    assert '<p class="answers__words" lang="en">Mails {wait}.</p>' in english
    assert "Incidents et travaux en cours" in (await marc.get("/console")).text

    wait(server, minutes=1)
    assert (await marc.post(page, data={"said_fr": ""})).status_code == 400
    closing = {"said_fr": "Rétabli.", "closes": "1"}
    assert (await marc.post(page, data=closing)).status_code == 303
    assert (await marc.post(page, data=closing)).status_code == 409
    assert "Ajouter un point" not in (await marc.get(page)).text
    assert TITLE not in (await anne.get("/compte")).text
    past = (await stranger.get("/incidents")).text
    assert "Aucun incident connu" in past
    assert "Rétabli." in past


async def test_a_refused_announcement_keeps_what_was_typed(server: Server, marc: httpx.AsyncClient) -> None:
    form = FORM | {"kind": "maintenance", "starts_at": "2099-01-01T22:00", "ends_at": "2099-01-01T21:00"}
    refused = await marc.post("/console/incidents", data=form)
    assert refused.status_code == 400
    assert "dans cet ordre" in refused.text
    assert f'value="{TITLE}"' in refused.text
    assert 'value="2099-01-01T22:00"' in refused.text
    assert (await marc.post("/console/incidents", data=form | {"ends_at": "plus tard"})).status_code == 400
    assert (await marc.post("/console/incidents", data=form | {"title_fr": " "})).status_code == 400
    accepted = await marc.post("/console/incidents", data=form | {"ends_at": "2099-01-02T01:00"})
    shown = (await marc.get(accepted.headers["location"])).text
    assert "jeudi 1 janvier 2099 à 22:00" in shown or "jeudi 1 janvier 2099, 22:00" in shown
    assert (await marc.get("/console/incidents/nowhere")).status_code == 404


async def test_the_feed_says_the_same_and_is_well_formed(
    server: Server, marc: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    empty = await stranger.get("/incidents.atom")
    assert empty.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert ET.fromstring(empty.text).findall(f"{ATOM}entry") == []  # noqa: S314 - our own
    first = await marc.post("/console/incidents", data=FORM)
    wait(server, minutes=1)
    await marc.post("/console/incidents", data=FORM | {"title_fr": "Autre panne"})
    wait(server, minutes=1)
    await marc.post(first.headers["location"], data={"said_fr": "Cause trouvée."})
    feed = ET.fromstring((await stranger.get("/incidents.atom")).text)  # noqa: S314
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]
    assert titles == ["Messagerie <ralentie> & lente", "Autre panne"], "the newest word first"
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert "Cause trouvée." in (entry.findtext(f"{ATOM}content") or "")
    assert entry.findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry.findtext(f"{ATOM}id") or "")


async def test_subscribing_needs_the_link_and_a_button(
    server: Server, marc: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    form = {"address": WARD, "establishment": "CH fictif de Lille"}
    first = await stranger.post("/incidents/abonnement", data=form)
    assert "un message vient de partir" in first.text
    again = await stranger.post("/incidents/abonnement", data=form)
    assert again.text == first.text, "nobody learns who is subscribed"
    [mail] = await mails_to(server, WARD)
    link = re.search(r"https?://\S+/incidents/abonnement/confirmation\?jeton=([\w-]+)", text_of(mail))
    assert link is not None
    shown = await stranger.get(link[0])
    assert WARD in shown.text
    await marc.post("/console/incidents", data=FORM)
    assert len(await mails_to(server, WARD)) == 1, "the link was only looked at"
    confirmed = await stranger.post("/incidents/abonnement/confirmation", data={"jeton": link[1]})
    assert "Abonnement confirmé" in confirmed.text
    assert "(1 abonné)" in (await marc.get("/console/incidents")).text

    wait(server, minutes=1)
    await marc.post("/console/incidents", data=FORM)
    [_, told] = await mails_to(server, WARD)
    leave = re.search(r"(/incidents/abonnement/fin\?jeton=([\w-]+))", text_of(told))
    assert leave is not None
    assert "sera oubliée" in (await stranger.get(leave[1])).text
    assert "(1 abonné)" in (await marc.get("/console/incidents")).text
    assert "ne recevra plus" in (await stranger.post("/incidents/abonnement/fin", data={"jeton": leave[2]})).text
    assert "(0 abonné)" in (await marc.get("/console/incidents")).text.replace("(0 abonnés)", "(0 abonné)")
    stale = await stranger.get(link[0])
    assert stale.status_code == 400
    assert "plus valable" in stale.text


async def test_subscriptions_are_counted_by_network(server: Server, stranger: httpx.AsyncClient) -> None:
    bad = await stranger.post("/incidents/abonnement", data={"address": "pas une adresse", "establishment": "CH"})
    assert bad.status_code == 400
    assert 'value="pas une adresse"' in bad.text
    answers = [
        await stranger.post("/incidents/abonnement", data={"address": f"dsi{rank}@ch-fictif.example"})
        for rank in range(25)
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_the_console_is_for_technicians(server: Server, anne: httpx.AsyncClient) -> None:
    assert (await anne.post("/console/incidents", data=FORM)).status_code == 403
    await sign_in(server, anne, people.HUGO_FACTICE)
    assert (await anne.post("/console/incidents", data=FORM)).status_code == 303
