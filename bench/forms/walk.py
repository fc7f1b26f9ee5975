"""Go through a form in a real browser as a hurried person does: required questions only, in order, by taps and keys.

Everything counted is done: each tap goes to a control that is shown, each character is typed, each page is loaded.
"""

import re
from dataclasses import dataclass, field

from playwright.async_api import Frame, Locator, Page

from bench.forms.answers import CHOICES, OTHER_NUMBER, OTHER_TEXT, QUESTIONS, TEXTS, TYPED_DATES
from bench.forms.klm import Acts

KEY_MS = 30
ROUNDS = 120
"""More questions than any form asks: a form that opens for ever is a fault."""


@dataclass
class Walk:
    """One walk, counting."""

    page: Page
    form: str
    taps: int = 0
    characters: int = 0
    texts: int = 0
    decisions: int = 0
    pages: int = 0
    words: int = 0
    photographs: int = 0
    _done: set[str] = field(default_factory=set)

    def begin(self) -> "Walk":
        """Count from here."""
        self.page.on("framenavigated", self._navigated)
        return self

    def end(self) -> Acts:
        """What it took."""
        self.page.remove_listener("framenavigated", self._navigated)
        return Acts(
            taps=self.taps, characters=self.characters, texts=self.texts, decisions=self.decisions, pages=self.pages,
            words=self.words,
        )  # fmt: skip

    def _navigated(self, frame: Frame) -> None:
        if frame is self.page.main_frame:
            self.pages += 1

    async def go(self, control: Locator, url: str) -> None:
        """Tap something that leads to another page."""
        self.decisions += 1
        await self.tap(control)
        await self.page.wait_for_url(url)

    async def tap(self, control: Locator) -> None:
        """One tap."""
        self.taps += 1
        await control.tap()

    async def fill(self) -> None:
        """Every required question that is open and has no answer yet, until none is left."""
        for _ in range(ROUNDS):
            name = await self._next()
            if name is None:
                return
            self._done.add(name)
            await self._answer(name)
        raise RuntimeError("the form asks without end")

    async def _next(self) -> str | None:
        """The first required question that is shown and has not been answered."""
        for item in await self.page.locator("form[data-guided-form] [data-item]").all():
            name = await item.get_attribute("data-item") or ""
            if name in self._done or not await item.locator(".required").count() or not await item.is_visible():
                continue
            if await item.evaluate(_IS_GROUP) or await item.evaluate(_IS_ANSWERED):
                continue
            return name
        return None

    async def _answer(self, name: str) -> None:
        item = self.page.locator(f"form[data-guided-form] [data-item='{name}']").first
        self.words += len(re.findall(r"\w+", await item.inner_text()))
        self.decisions += 1
        choices = item.locator("input[type=radio], input[type=checkbox]:not([name=remove])")
        if await choices.count():
            await self.tap(await _choice(choices, name))
        elif await item.locator("input[type=file]").count():
            await self._photograph(item)
        elif await item.locator("select").count():
            await self.tap(item.locator("select"))
            self.taps += 1
            await item.locator("select").select_option(index=1)
        else:
            await self._type(item.locator("input, textarea").first, name)

    async def _type(self, control: Locator, name: str) -> None:
        kind = await control.get_attribute("type") or ""
        number = await control.get_attribute("inputmode")
        text = TEXTS.get(name, OTHER_NUMBER if number else OTHER_TEXT)
        if name == "c.question":
            text = QUESTIONS.get(self.form, text)
        self.texts += 1
        await self.tap(control)
        if kind in TYPED_DATES:
            # A telephone's picker differs from one to the next: its digits are counted, and set at once.
            self.characters += TYPED_DATES[kind]
            await control.fill(text)
        else:
            self.characters += len(text)
            await control.press_sequentially(text)
            if await control.input_value() != text:
                # Chromium's emulated touch now and then swallows keys that follow a tap within milliseconds.
                await control.clear()
                await control.press_sequentially(text, delay=KEY_MS)
            if await control.input_value() != text:
                raise RuntimeError(f"{name} does not hold what was typed into it")

    async def _photograph(self, item: Locator) -> None:
        """Open the camera, shoot, keep: three taps; aiming is not counted."""
        self.photographs += 1
        self.decisions += 2
        await self.tap(item.locator(".photos__take"))
        camera = self.page.locator("dialog.camera")
        await camera.locator("video").evaluate(_PLAYING)
        await self.tap(camera.locator("button").nth(0))
        await camera.locator("button").nth(1).wait_for()
        await self.tap(camera.locator("button").nth(1))
        await item.locator("[data-photo]").first.wait_for()


async def _choice(choices: Locator, name: str) -> Locator:
    values = [await one.get_attribute("value") for one in await choices.all()]
    wanted = CHOICES.get(name)
    if wanted not in values:
        exclusive = choices.locator("xpath=self::*[@data-exclusive]")
        wanted = await exclusive.first.get_attribute("value") if await exclusive.count() else None
    rank = values.index(wanted) if wanted in values else values.index("false") if "false" in values else 0
    return choices.nth(rank).locator("xpath=ancestor::label")


_IS_GROUP = "(item) => item.matches('fieldset.card') || (item.tagName === 'DIV' && !item.matches('.field'))"
_IS_ANSWERED = """(item) => item.querySelector('[data-photo], input:checked') !== null
  || [...item.querySelectorAll('input[type=text], input[type=date], input[type=datetime-local], textarea')]
    .some((one) => one.value !== '')"""
_PLAYING = "(video) => video.videoWidth || new Promise((resolve) => { video.onplaying = resolve; })"
