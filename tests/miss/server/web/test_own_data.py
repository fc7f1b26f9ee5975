"""The export: asked for with a fresh proof, recorded, whole, and nobody else's."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from miss.directory.audit import Subject
from miss.server.web.own_absences import today
from tests.miss.server.web.visitors import PAUL, Place, opened

DATA = "/compte/donnees"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path) as place:
        yield place


async def test_the_archive_holds_every_part_and_a_page_to_read(place: Place) -> None:
    anne, own, now = place.anne, place.server.house.own, place.clock.now()
    await anne.send("/compte/blocages", {"whom": PAUL, "reason": "other"})
    await anne.send("/compte/fiche", {"phone": "0327009999", "remark": "Mon nom <mal> écrit"})
    await anne.send("/compte/notifications", {"level": "discreet"})
    await own.absences.add(anne.account, today(now), today(now), "Absente", "", today=today(now))
    answer = await anne.send(DATA)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["cache-control"] == "no-store"
    assert "attachment" in answer.headers["content-disposition"]
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    parts = {name: archive.read(name).decode() for name in archive.namelist()}
    index = parts.pop("index.html")
    read = {name.removesuffix(".json"): json.loads(text) for name, text in parts.items()}
    assert {"compte", "fiche-registre", "fiche-plateforme", "histoire", "sessions", "appareils"} <= set(read)
    assert read["compte"]["Notifications"] == "discreet"
    assert read["fiche-registre"]["Numéro"] == anne.practitioner.national_id
    assert read["blocages"][0]["Correspondant"] == place.paul.practitioner.id
    assert read["propositions"][0]["Changement"]["phone"] == "0327009999"
    assert read["absences"][0]["Message"] == "Absente"
    assert any(line["Quoi"] == "a exporté les données du compte" for line in read["consultations"])
    assert (read["demandes"], read["avis"]) == ([], [])
    assert "Mon nom &lt;mal&gt; écrit" in index
    for name in read:
        assert f'id="{name}"' in index
    everything = index + "".join(parts.values())
    assert anne.http.cookies["miss"] not in everything
    assert place.marc.uid.hex() not in everything
    logged = await place.server.house.audit.list_(subject=Subject.account(anne.uid), limit=1)
    assert [entry.fact.act for entry in logged.entries if entry.fact] == ["export.made"]


async def test_it_asks_again_who_one_is(place: Place) -> None:
    assert "Télécharger mes données" in await place.anne.see(DATA)
    place.clock.advance(timedelta(minutes=11))
    answer = await place.anne.send(DATA)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/compte/confirmation?")
    logged = await place.server.house.audit.list_(subject=Subject.account(place.anne.uid))
    assert "export.made" not in {entry.fact.act for entry in logged.entries if entry.fact}


async def test_the_page_speaks_english_too(place: Place) -> None:
    assert "Download my data" in await place.anne.see(DATA, "en")
    archive = await place.anne.http.post(DATA, headers={"Accept-Language": "en"})
    index = zipfile.ZipFile(io.BytesIO(archive.content)).read("index.html").decode()
    assert "My data on MiSS" in index
