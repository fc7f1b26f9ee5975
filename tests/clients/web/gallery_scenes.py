"""What the gallery's pictures show: for each an address, and what is done there before it is looked at."""

import io
from collections.abc import Awaitable, Callable

from PIL import Image
from playwright.async_api import Page, expect

from tests.clients.web.gallery_pages import until

Steps = Callable[[Page], Awaitable[object]]


async def _nothing(page: Page) -> None:
    """Looked at as it opens."""


async def _last_message(page: Page, key: str) -> None:
    await page.locator("article").last.focus()
    await page.keyboard.press(key)


async def _menu(page: Page) -> None:
    await _last_message(page, "Enter")
    await page.locator("dialog .action").first.wait_for()


async def _reply(page: Page) -> None:
    await _last_message(page, "r")
    await page.keyboard.type("Merci, je la mesure à chaque passage et je vous écris ce soir.")


async def _mention(page: Page) -> None:
    await page.locator("#composer").fill("")
    await page.locator("#composer").press_sequentially("Merci @ma")
    await page.locator("#mentions [role=option]").first.wait_for()


async def _attach(page: Page) -> None:
    await page.locator(".composer .icon-button").first.click()


async def _alarm(page: Page) -> None:
    await _attach(page)
    await page.get_by_text("Résultat alarmant…").click()
    await page.locator("dialog textarea").fill("Potassium 6,4 mmol/L")
    await page.locator("dialog input[type=checkbox]").first.check()


async def _acknowledge(page: Page) -> None:
    await page.get_by_role("button", name="J’en prends charge").click()
    await page.locator("dialog").wait_for()


async def _head(page: Page) -> None:
    await page.locator(".bar__who").click()
    await page.locator(".side-pane").wait_for()


async def _words(page: Page) -> None:
    await _head(page)
    await page.locator(".safety").wait_for()


async def _picker(page: Page) -> None:
    await page.locator(".fab").click()
    await page.locator("dialog input[type=search]").fill("an")
    await page.locator(".person:has-text('ANCIEN')").wait_for()
    await page.locator(".person--choice").nth(0).click()
    await page.locator(".person--choice").nth(1).click()


async def _search(page: Page) -> None:
    await page.locator(".list-pane .bar .icon-button").first.click()
    await page.locator("dialog input[type=search]").fill("cicatrise")
    await page.locator(".found__line").first.wait_for()


async def _search_here(page: Page) -> None:
    await page.keyboard.press("Control+f")
    await page.locator(".side-pane input[type=search]").fill("talon")
    await page.locator(".found__line").first.wait_for()


async def _viewer(page: Page) -> None:
    await page.locator(".photo__open").last.click()
    await page.locator(".viewer__img").wait_for()
    await page.keyboard.press("r")
    await page.keyboard.press("+")
    await until(page, "/scale\\(1.5\\) rotate\\(90deg\\)/.test(document.querySelector('.viewer__img').style.transform)")


async def _versions(page: Page) -> None:
    await page.locator(".log").evaluate("log => { log.scrollTop = 0 }")
    await page.locator(".msg__edited").click()


async def _receipts(page: Page) -> None:
    await page.locator("article.msg--mine").last.focus()
    await page.keyboard.press("Enter")
    await page.get_by_text("Qui l’a lu").click()


def camera_photo() -> bytes:
    """A photo as a telephone takes it: large, grainy, lying on its side, with a position."""
    grain = Image.effect_noise((3000, 2000), 60).convert("RGB")
    red = Image.new("RGB", (600, 400), (170, 60, 60))
    grain.paste(red, (0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Telephone of somebody"
    exif.get_ifd(0x8825)[2] = (45.0, 26.0, 0.0)
    out = io.BytesIO()
    grain.save(out, "JPEG", quality=92, exif=exif, comment=b"a name")
    return out.getvalue()


async def _photo(page: Page) -> None:
    await page.locator("input[type=file]").last.set_input_files(
        {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": camera_photo()}
    )
    await page.locator("canvas").wait_for()
    await page.get_by_text("Ajouter un floutage").click()
    await page.get_by_role("button", name="Flèche", exact=True).click()
    await page.get_by_text("Ajouter une flèche").click()


async def _typing(page: Page) -> None:
    await page.evaluate("gallery.typing()")
    await page.locator(".bar__sub--typing").wait_for()


async def _revoked(page: Page) -> None:
    await page.evaluate("gallery.revoke(true)")
    await page.locator(".revoked").wait_for()


async def _lost(page: Page) -> None:
    await page.locator(".lost summary").click()
    await page.locator(".lost li").first.wait_for()


async def _keys(page: Page) -> None:
    await page.keyboard.press("F1")
    await page.locator("dialog kbd").first.wait_for()


async def _jump(page: Page) -> None:
    await page.keyboard.press("Control+k")
    await page.locator("dialog input:focus").wait_for()
    await page.keyboard.type("plaies")
    await expect(page.locator("dialog [role=option]")).to_have_count(1)


SCENES: dict[str, tuple[str, Steps]] = {
    "liste": ("scene=calm", _nothing),
    "vide": ("scene=empty", _nothing),
    "absence": ("", _nothing),
    "conversation": ("open=1", _nothing),
    "equipe-sombre": ("open=2&theme=dark", _nothing),
    "alarme": ("open=3", _nothing),
    "alarme-sombre": ("open=3&theme=dark", _nothing),
    "alarme-charge": ("open=3", _acknowledge),
    "alarme-envoi": ("open=3", _alarm),
    "echec-hors-ligne": ("open=6&scene=offline&theme=dark", _nothing),
    "plus-membre": ("open=7", _nothing),
    "menu": ("open=1", _menu),
    "reponse-grand": ("open=1&text=xl", _reply),
    "mention": ("open=2", _mention),
    "joindre": ("open=2", _attach),
    "groupe": ("open=2", _head),
    "groupe-sombre": ("open=2&theme=dark", _head),
    "contact-alerte": ("open=1&scene=warned", _words),
    "annuaire": ("scene=calm", _picker),
    "recherche": ("scene=calm", _search),
    "recherche-ici": ("open=1", _search_here),
    "photo": ("open=1", _viewer),
    "retouche": ("open=1", _photo),
    "versions": ("open=1", _versions),
    "lu-par": ("open=2", _receipts),
    "ecrit": ("open=1", _typing),
    "aller": ("scene=calm", _jump),
    "aide": ("scene=calm", _keys),
    "revoque": ("open=1", _revoked),
    "perdus-replie": ("open=1&scene=restored", _nothing),
    "perdus": ("open=2&scene=restored", _lost),
    "perdus-sombre": ("open=1&scene=restored&theme=dark", _lost),
    "contraste": ("open=3&theme=contrast", _nothing),
    "english": ("open=2&lang=en", _head),
}
