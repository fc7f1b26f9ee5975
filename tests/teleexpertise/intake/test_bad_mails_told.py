"""Bad input from the door to the reply: each is told in plain French to who sent it, and kept as it came."""

import io
import zipfile
from typing import Any

import pytest

from miss.mail.inbound import store
from teleexpertise.requests.model import State
from tests.teleexpertise.office import ANSWERS, END, HEADER, PLATFORM, Letter, Office, photo, text_of

BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
EXTERNAL = b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'


def slipping() -> bytes:
    """A zip whose file wants to stand elsewhere."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../etc/cron.d/x", b"x")
    return packed.getvalue()


KEY = ANSWERS.replace("d.type :", "c.patient.matricule : 185075918304225\nd.type :")
TWO = HEADER + ANSWERS + END + HEADER.replace("FICTIF\nBASTIEN", "AUTRE\nPAULE") + ANSWERS + END
PHOTOS = (("vue.jpg", photo()), ("pres.jpg", photo("sienna")))
BAD = {
    "empty body": ({"text": "\n"}, "Aucun en-tête HPRIM lisible"),
    "two patients": ({"text": TWO}, "contient 2 dossiers. Envoyez un message par patient."),
    "wrong INS key": ({"text": HEADER + KEY + END}, "clé du matricule"),
    "XML bomb": ({"files": (*PHOTOS, ("avis.xml", BOMB))}, "« avis.xml » : Le format de la pièce n° 3"),
    "external entity": ({"files": (*PHOTOS, ("avis.xml", EXTERNAL))}, "« avis.xml » : Le format de la pièce n° 3"),
    "zip slip": ({"files": (*PHOTOS, ("IHE_XDM.zip", slipping()))}, "« IHE_XDM.zip » : Le format de la pièce n° 3"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD)
async def test_it_is_told_and_the_original_is_kept(office: Office, changes: dict[str, Any], words: str) -> None:
    letter: Letter = office.letter(**changes)
    content = letter.compose()
    await office.house.intakes.keep(letter.sender, [PLATFORM], content)
    await office.run_jobs()
    [told] = office.mails_to(office.paul)
    assert words in " ".join(text_of(told).split())
    assert "185075918304225" not in str(told), "no number is quoted"
    request = await office.request()
    assert (request.state is State.DRAFT) is ("files" not in changes), "a file too many holds no request back"
    async with office.house.db.snapshot() as tx:
        sealed = await store.get_sealed(tx, request.id)
    kept = await office.house.keystore.open(f"mail:{request.id}", sealed, what="inbound_mail")
    assert kept == content, "as it came"
    assert await office.dead_jobs() == []
