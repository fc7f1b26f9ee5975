"""« Envois d’images »: from the form to the reader's page, in browsers that run no script."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.miss.photos.test_photos import jpeg
from tests.miss.server.web.visitors import PAUL, Place, opened

FORM = {
    "whom": PAUL,
    "subject": "Lésion du dos",
    "text": "Depuis un mois.",
    "family": "FICTIF",
    "given": "Bastien",
    "born": "1985-07-14",
}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path, doors=False) as place:
        yield place


async def test_from_the_form_to_the_readers_page(place: Place) -> None:
    anne, paul, marc = place.anne, place.paul, place.marc
    assert "Vous n’avez envoyé aucune image." in await anne.see("/images")
    assert 'capture="environment"' in await anne.see("/images/envoi")
    assert "Choose images" in await anne.see("/images/envoi", language="en")
    assert f'value="{PAUL}"' in await anne.see(f"/images/envoi?pour={PAUL}")
    assert f'/images/envoi?pour={PAUL}"' in await anne.see(f"/annuaire/{paul.practitioner.id}")
    # A mistake brings the form back with what was typed.
    refused = await anne.http.post("/images/envoi", data=FORM | {"subject": "Dos de Fictif"})
    assert (refused.status_code, "nomme le patient" in refused.text) == (400, True)
    assert 'value="Bastien"' in refused.text
    assert (await anne.http.post("/images/envoi", data=FORM)).status_code == 400

    files = [("files", ("FICTIF.jpg", jpeg(), "image/jpeg")), ("camera", ("x.jpg", jpeg(), "image/jpeg"))]
    made = await anne.http.post("/images/envoi", data=FORM, files=files)
    page = made.headers["location"]
    assert made.status_code == 303
    assert (await anne.http.get("/images")).text.count(page) == 1
    preview = await anne.see(page)
    assert "Ne pas envoyer, tout effacer" in preview
    assert preview.count("<img src=") == 2 + preview.count('<img src="/static')
    assert (await paul.http.get(page)).status_code == 404

    assert (await anne.send(f"{page}/envoi")).headers["location"] == "/images?fait=envoi"
    (mail,) = [message_from_bytes(raw, policy=policy.default) for raw in await place.mails()]
    body = mail.get_body()
    assert body is not None
    assert f"{place.server.house.settings.public_origin}{page}" in body.get_content().splitlines()
    assert "Pas encore ouvert" in await anne.see("/images")

    shown = await paul.http.get(page)
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert "FICTIF Bastien" in shown.text
    assert "<title>Images – MiSS</title>" in shown.text
    image = await paul.http.get(f"{page}/1")
    kept = (image.status_code, image.headers["cache-control"], image.headers["x-content-type-options"])
    assert (*kept, image.headers["content-type"]) == (200, "no-store", "nosniff", "image/jpeg")
    download = await paul.http.get(f"{page}/2?telecharger")
    assert download.headers["content-disposition"] == 'attachment; filename="image-2.jpg"'
    archive = await paul.http.get(f"{page}/images.zip")
    assert zipfile.ZipFile(io.BytesIO(archive.content)).namelist() == ["image-1.jpg", "image-2.jpg"]
    assert "2 fois en tout" in await anne.see("/images")
    assert "Pas encore ouvert" not in await anne.see(page)

    # Whom it is not for is told what is told of a number that was never given.
    never = f"/images/{'0' * 8}-0000-7000-8000-{'0' * 12}"
    for end in ("", "/1", "/images.zip"):
        theirs, nobodys = await marc.http.get(page + end), await marc.http.get(never + end)
        assert (theirs.status_code, theirs.text) == (404, nobodys.text.replace(never, page)), end
    assert (await marc.send(f"{page}/retrait")).status_code == 404

    data = await anne.send("/compte/donnees")
    (line,) = json.loads(zipfile.ZipFile(io.BytesIO(data.content)).read("envois-images.json"))
    assert (line["Sens"], line["Pour"], len(line["Ouvert le"])) == ("envoyé", paul.practitioner.id, 2)
    assert (await anne.send(f"{page}/retrait")).headers["location"] == "/images?fait=retrait"
    assert (await paul.http.get(page)).status_code == 404
    assert "retiré" in await paul.see("/images")
