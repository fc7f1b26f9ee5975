"""Server-rendered pages: Jinja2, French in the templates, English from gettext catalogues."""

import gettext
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from miss.base.clock import Clock
from miss.base.text import Language, Text, choose_language, typeset_french
from miss.directory.sign_in import SignedIn
from miss.server.service import MenuEntry
from miss.server.web.assets import Assets
from miss.server.web.browsers import name_browser
from miss.server.web.zones import PAGE_ZONE, place_beside, zone_of

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something that everybody is to know now, above every page."""

    words: str
    language: Language
    """Of the words: not always the reader's."""
    path: str
    """Where more is said."""


Announced = Callable[[Language], Awaitable[Sequence[Announcement]]]


@dataclass(frozen=True, slots=True)
class Brand:
    """The banner of the establishment for which somebody acts."""

    name: str
    stylesheet: str
    """Address of the one that says its colour."""
    logo: str
    """Address; empty: none."""


FindBrand = Callable[[SignedIn], Awaitable[Brand | None]]


class Pages:
    """Renders templates inside the layout of the house."""

    def __init__(self, clock: Clock, assets: Assets) -> None:
        self._clock = clock
        self.assets = assets
        self._menu: list[MenuEntry] = []
        self._folders: dict[str, Path] = {}
        self._locales: list[Path] = [_HERE / "locale"]
        self._environments: dict[Language, Environment] = {}
        self._announced: Announced | None = None
        self._find_brand: FindBrand | None = None

    def announce(self, announced: Announced) -> None:
        """Show what `announced` says above every page; it is asked each time, so it must be cheap and never fail."""
        self._announced = announced

    def wear(self, find_brand: FindBrand) -> None:
        """Show the banner of whom somebody acts for; asked on each of their pages, so it must be cheap."""
        self._find_brand = find_brand

    def add_service(self, name: str, templates: Path, locale: Path | None, menu: Sequence[MenuEntry]) -> None:
        """Make a service's pages known; its templates are named `<name>/…`."""
        self._folders[name] = templates
        if locale:
            self._locales.append(locale)
        self.add_menu(menu)
        self._environments.clear()

    def add_menu(self, entries: Sequence[MenuEntry]) -> None:
        """Show these links after those that are there."""
        self._menu.extend(entries)

    async def render(self, request: Request, template: str, status_code: int = 200, **context: Any) -> Response:
        """The page, in the reader's language; never cached, as it may show health data."""
        language = language_of(request)
        page = self._environment(language).get_template(template)
        announcements = await self._announced(language) if self._announced else ()
        shared = self._shared(request, language)
        person: SignedIn | None = shared["signed_in"]
        acts = self._find_brand if person and person.acting_for else None
        shared |= {"announcements": announcements, "brand": await acts(person) if acts and person else None}
        body = await page.render_async(shared | context)
        return HTMLResponse(body, status_code, headers={"Cache-Control": "no-store", "Content-Language": language})

    def _shared(self, request: Request, language: Language) -> dict[str, Any]:
        signed_in: SignedIn | None = getattr(request.state, "signed_in", None)
        menu = [entry for entry in self._menu if entry.is_for(signed_in)] if signed_in else []
        return {
            "request": request,
            "language": language,
            "other_language": Language.EN if language is Language.FR else Language.FR,
            "signed_in": signed_in,
            "locked": getattr(request.state, "locked", None),
            "menu": menu,
            "now": self._clock.now(),
            "reader_zone": zone_of(request),
        }

    def _environment(self, language: Language) -> Environment:
        if language not in self._environments:
            self._environments[language] = self._build(language)
        return self._environments[language]

    def _build(self, language: Language) -> Environment:
        environment = Environment(
            loader=ChoiceLoader(
                [
                    FileSystemLoader(_HERE / "templates"),
                    PrefixLoader({name: FileSystemLoader(folder) for name, folder in self._folders.items()}),
                ]
            ),
            autoescape=True,
            enable_async=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        translations = load_translations(self._locales, language)
        environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
        environment.globals["static"] = self.assets.url

        def said(text: Text, params: Mapping[str, object] | None = None) -> str:
            shown = Text(typeset_french(text.fr), text.en) if language is Language.FR else text
            return shown.in_(language, **(params or {}))

        @pass_context
        def moment(context: Context, instant: datetime) -> str:
            zone = context.get("reader_zone", PAGE_ZONE)
            shown = format_datetime(instant.astimezone(zone), "EEEE d MMMM y, HH:mm", locale=language.value)
            return shown + place_beside(instant, zone, language)

        def day(day: date) -> str:
            return format_date(day, "d MMMM y", locale=language.value)

        def remaining(instant: datetime) -> str:
            return format_timedelta(instant - self._clock.now(), add_direction=True, locale=language.value)

        environment.filters.update(said=said, moment=moment, day=day, remaining=remaining, browser=name_browser)
        return environment


class French(gettext.NullTranslations):
    """The source language: what the templates say, with the spaces that French wants; what people typed stays as it is.

    The templates have ordinary spaces: nobody can see in an editor which of the two is there.
    """

    def gettext(self, message: str) -> str:
        """The sentence as it is shown."""
        return typeset_french(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The one of the two that goes with `n`."""
        return typeset_french(super().ngettext(msgid1, msgid2, n))


def load_translations(folders: Sequence[Path], language: Language) -> gettext.NullTranslations:
    """The catalogues of `folders` merged; French is the source language and needs none."""
    if language is Language.FR:
        return French()
    merged = gettext.NullTranslations()
    for folder in folders:
        path = folder / f"{language.value}.po"
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language.value)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        translations = gettext.GNUTranslations(compiled)
        translations.add_fallback(merged)
        merged = translations
    return merged


def language_of(request: Request) -> Language:
    """The reader's choice (`lang` cookie), else the browser's, else French."""
    chosen = request.cookies.get("lang", "")
    if chosen in {*Language}:
        return Language(chosen)
    return choose_language(request.headers.get("accept-language"))
