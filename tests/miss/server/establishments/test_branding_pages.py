"""Appearance and leaving: chosen, previewed and asked for by the administrator, nobody else's."""

import io
import re

from PIL import Image

from miss.directory.practitioners.model import organization_party
from miss.directory.roles import Grant, Role, organization_scope
from miss.directory.sample import people
from miss.server.reversibility.rooms import demands_of
from tests.miss.server.establishments.hospitals import ARRAS, DESK, LILLE, Hospitals, alert

PUBLIC = "age18e98mcrgfrzn98cjkq2cfwrxurldlvzz3lpyxdpj84vvtc4ks9cq4s0nfh"


def png() -> bytes:
    output = io.BytesIO()
    Image.new("RGBA", (120, 40), "teal").save(output, "PNG")
    return output.getvalue()


async def test_an_appearance_is_previewed_saved_and_worn_by_members(hospitals: Hospitals) -> None:
    house = hospitals.server.house
    async with hospitals.browser(people.ANNE_MODELE) as browser:
        page = await browser.get(f"{DESK}/habillage")
        assert 'value="#0b5563"' in page.text
        light = await browser.post(f"{DESK}/habillage", data={"couleur": "#ffff00", "action": "enregistrer"})
        assert light.status_code == 400
        assert "contraste de 4,5" in alert(light)
        shown = await browser.post(f"{DESK}/habillage", data={"couleur": "#7a1f5c", "action": "apercu"})
        assert "rien n'est encore enregistré" in shown.text
        [stylesheet] = re.findall(r'href="([^"]*couleur\.css[^"]*)"', shown.text)
        assert (await browser.get(stylesheet.replace("&amp;", "&"))).text == ":root{--establishment:#7a1f5c}\n"
        assert (await browser.get(f"{DESK}/habillage/couleur.css")).text == ":root{--establishment:#0b5563}\n"
        for bad in ("ffff00", "7a1f5c}body{display:none"):
            refused = await browser.get(f"{DESK}/habillage/couleur.css", params={"couleur": bad})
            assert refused.status_code == 400

        fields = {"couleur": "#7a1f5c", "expediteur": "CHU fictif", "action": "enregistrer"}
        saved = await browser.post(f"{DESK}/habillage", data=fields, files={"logo": ("logo.png", png(), "image/png")})
        assert saved.status_code == 303, saved.text
        assert (await browser.get(f"{DESK}/habillage/logo")).content.startswith(b"\xff\xd8")
        assert "brand-strip" not in (await browser.get("/annuaire")).text, "she acts for nobody"

        account = await house.accounts.find_by_rpps(people.ANNE_MODELE)
        assert account
        async with house.db.transaction() as tx:
            grant = Grant(account.uid, Role.ORGANIZATION_MEMBER, organization_scope(LILLE))
            await house.roles.hand_over(tx, grant, by="test", reason="test")
        await browser.post("/compte/mandats/choix", data={"pour": organization_party(LILLE)})
        worn = (await browser.get("/annuaire")).text
        assert f'<link rel="stylesheet" href="{DESK}/habillage/couleur.css?couleur=7a1f5c' in worn
        assert re.search(r'class="brand-strip"><img src="[^"]+" alt="">CH fictif de Lille<', worn)
    async with hospitals.browser(people.KARIM_ESSAI) as browser:
        for place in ("", "/couleur.css", "/logo"):
            assert (await browser.get(f"{DESK}/habillage{place}")).status_code == 404
        assert (await browser.get(f"/etablissement/{ARRAS}/habillage/logo")).status_code == 404, "none was given"


async def test_an_archive_is_asked_for_with_a_key(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.ANNE_MODELE) as browser:
        refused = await browser.post(f"{DESK}/depart", data={"cle": PUBLIC[:-1]})
        assert refused.status_code == 400
        assert "age1" in alert(refused)
        assert await demands_of(hospitals.server.house).count_waiting() == 0
        asked = await browser.post(f"{DESK}/depart", data={"cle": f" {PUBLIC} "})
        assert asked.status_code == 303, asked.text
        page = (await browser.get(asked.headers["location"])).text
        assert PUBLIC in page
        assert "en attente" in page
    [demand] = await demands_of(hospitals.server.house).list_waiting()
    assert (demand.establishment_id, demand.recipient) == (LILLE, PUBLIC)
    async with hospitals.browser(people.MARC_COORDO) as technician:
        assert "miss establishment waiting" in (await technician.get("/console")).text
