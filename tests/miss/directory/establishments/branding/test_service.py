"""What an establishment shows itself with: kept, changed in part, its logo written anew."""

import io
from pathlib import Path

import pytest
from PIL import Image

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.directory.establishments.branding import Brandings
from miss.directory.establishments.branding.errors import ColourRefused, LogoRefused, SenderRefused
from miss.directory.establishments.branding.model import HOUSE_COLOUR
from miss.directory.establishments.errors import EstablishmentNotFound
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.storage import Database
from tests.databases import sqlite_database

LILLE = OrganizationId("F599990009")


def png() -> bytes:
    output = io.BytesIO()
    Image.new("RGBA", (120, 40), "teal").save(output, "PNG", pnginfo=None)
    return output.getvalue()


async def test_a_choice_is_kept_and_changed_in_part(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    db = Database(await sqlite_database(tmp_path / "miss.db"))
    establishments = Establishments(db, clock, random_bytes)
    await establishments.open(Establishment(id=LILLE, name="CH fictif", kind=EstablishmentKind.HOSPITAL), "test")
    brandings = Brandings(db, clock)
    assert (await brandings.get(LILLE)).colour == HOUSE_COLOUR
    assert await brandings.find(LILLE) is None

    await brandings.put(LILLE, "#7a1f5c", " CH fictif  de Lille ", png(), "test")
    kept = await brandings.get(LILLE)
    assert (kept.colour, kept.sender) == ("#7a1f5c", "CH fictif de Lille")
    logo = await brandings.logo(LILLE)
    assert logo.startswith(b"\xff\xd8"), "written anew as JPEG"
    assert kept.logo_digest

    await brandings.put(LILLE, "#123456", "", None, "test")
    changed = await brandings.get(LILLE)
    assert (changed.colour, changed.sender, changed.logo_digest) == ("#123456", "", kept.logo_digest)
    for colour, sender, picture, error in (
        ("#ffff00", "", None, ColourRefused),
        ("#123456", "a@b", None, SenderRefused),
        ("#123456", "x" * 61, None, SenderRefused),
        ("#123456", "", b"<svg onload='alert(1)'/>", LogoRefused),
    ):
        with pytest.raises(error):
            await brandings.put(LILLE, colour, sender, picture, "test")
    assert await brandings.get(LILLE) == changed
    with pytest.raises(EstablishmentNotFound):
        await brandings.put(OrganizationId("F0"), "#123456", "", None, "test")

    await brandings.put(LILLE, "#123456", "", b"", "test")
    assert await brandings.logo(LILLE) == b""
    await db.close()
