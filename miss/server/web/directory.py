"""« Annuaire »: search people, look at an entry, take it along as a vCard, say that something in it is wrong.

The list works without script: a form, pages, links.  With script, `/annuaire/resultats` gives the list alone while one
types.  Red list: never among answers; who has the RPPS number or the address finds its owner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.chat.devices.service import Devices
from miss.directory.absence import Absences
from miss.directory.certificates import CurrentCertificates
from miss.directory.consultation import PAGE_ENTRIES, Consultation, Seen, SeenPage
from miss.directory.establishments.roster.places import DeclaredPlaces
from miss.directory.exports import ExportFormat, card_of, compose_vcard, mailboxes_of
from miss.directory.mistakes import KIND_NAMES, MistakeKind, Mistakes
from miss.directory.practitioners import PractitionerNotFound, Practitioners, SearchQuery
from miss.directory.retirement import Retirements
from miss.directory.search.model import MAX_DEPTH
from miss.server.api.callers import EXPORTERS, reader_of
from miss.server.service import MenuEntry
from miss.server.web.access import person_of, requires, signed_in
from miss.server.web.answers import retry_after
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import Pages, language_of
from miss.server.web.zones import PAGE_ZONE

DIRECTORY_PATH = "/annuaire"
RESULTS_PATH = f"{DIRECTORY_PATH}/resultats"
EXPORTS_PATH = f"{DIRECTORY_PATH}/exports"
DIRECTORY_ENTRY = MenuEntry(DIRECTORY_PATH, Text(fr="Annuaire", en="Directory"))
RADII_KM = (5, 10, 25, 50, 100)
MAX_PAGES = MAX_DEPTH // PAGE_ENTRIES
MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form of the search holds."""

    text: str = ""
    specialty: str = ""
    profession: str = ""
    department: str = ""
    town: str = ""
    radius_km: int = 0
    page: int = 1

    @property
    def query(self) -> SearchQuery:
        """The question for this page."""
        return SearchQuery(
            text=self.text,
            specialty=self.specialty,
            profession=self.profession,
            department=self.department,
            town=self.town,
            radius_km=self.radius_km,
            offset=(self.page - 1) * PAGE_ENTRIES,
        )

    def path(self, page: int) -> str:
        """Where another page of the same answers is."""
        said = {
            "q": self.text,
            "specialite": self.specialty,
            "profession": self.profession,
            "departement": self.department,
            "ville": self.town,
            "rayon": str(self.radius_km or ""),
            "page": str(page),
        }
        return f"{DIRECTORY_PATH}?{urlencode({name: value for name, value in said.items() if value})}"


def read_asked(params: QueryParams) -> Asked:
    """What a browser sent; what no form of ours sends counts as nothing."""

    def text(name: str, longest: int) -> str:
        return params.get(name, "").strip()[:longest]

    radius, page = text("rayon", 3), text("page", 2)
    return Asked(
        text=text("q", MAX_TEXT),
        specialty=text("specialite", 10),
        profession=text("profession", 10),
        department=text("departement", 3).upper(),
        town=text("ville", 100),
        radius_km=int(radius) if radius in map(str, RADII_KM) else 0,
        page=min(max(int(page), 1), MAX_PAGES) if page.isascii() and page.isdigit() else 1,
    )


@dataclass(frozen=True, slots=True)
class DirectoryPages:
    """The directory's pages."""

    pages: Pages
    consultation: Consultation
    practitioners: Practitioners
    mistakes: Mistakes
    devices: Devices
    retirements: Retirements
    places: DeclaredPlaces
    absences: Absences
    certificates: CurrentCertificates

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages; fixed names before identifiers."""
        entry = f"{DIRECTORY_PATH}/{{practitioner}}"
        return [
            Route(DIRECTORY_PATH, self.show, methods=["GET"]),
            Route(RESULTS_PATH, self.show_results, methods=["GET"]),
            Route(EXPORTS_PATH, self.show_exports, methods=["GET"]),
            Route(entry, self.show_entry, methods=["GET"]),
            Route(f"{entry}/carte.vcf", self.send_card, methods=["GET"]),
            Route(f"{entry}/signalement", self.report, methods=["POST"]),
        ]

    @signed_in
    async def show(self, request: Request) -> Response:
        asked = read_asked(request.query_params)
        shown = {
            "specialties": await self.practitioners.list_specialties(),
            "professions": await self.practitioners.list_professions(),
            "radii": RADII_KM,
            "may_export": bool(EXPORTERS & person_of(request).principal.roles),
        }
        return await self._answer(request, "directory.html", asked, shown)

    @signed_in
    async def show_results(self, request: Request) -> Response:
        """The list alone, for the script."""
        return await self._answer(request, "directory_results.html", read_asked(request.query_params), {})

    async def _answer(self, request: Request, template: str, asked: Asked, shown: Mapping[str, Any]) -> Response:
        found, refused = SeenPage((), has_more=False), None
        try:
            found = await self.consultation.search(reader_of(request), asked.query)
        except MissError as error:
            refused = error
        response = await self.pages.render(
            request,
            template,
            refused.http_status if refused else 200,
            asked=asked,
            found=found,
            error=refused.sentence(language_of(request)) if refused else None,
            is_asked=not asked.query.is_empty,
            pages=MAX_PAGES,
            **shown,
        )
        return retry_after(refused, response) if refused else response

    @signed_in
    async def show_entry(self, request: Request) -> Response:
        seen = await self.consultation.open(reader_of(request), _practitioner(request))
        return await self._entry(request, seen)

    async def _entry(self, request: Request, seen: Seen, error: MissError | None = None, words: str = "") -> Response:
        uid = await self.consultation.find_account(seen.practitioner.id) if seen.is_member else None
        redirection = await self.retirements.redirection_of(seen.practitioner.id)
        absence = await self.absences.find_now(seen.practitioner.id, PAGE_ZONE)
        named = [absence.colleague] if absence and absence.colleague else []
        response = await self.pages.render(
            request,
            "directory_entry.html",
            error.http_status if error else 200,
            person=seen.practitioner,
            places=await self.places.of(seen.practitioner.id),
            mailboxes=mailboxes_of(seen.practitioner, seen.given_address),
            accepted=sorted(seen.practitioner.entry.formats),
            is_member=seen.is_member,
            has_chat=uid is not None and bool(await self.devices.linked_among([uid])),
            redirection=redirection,
            successor=await self.practitioners.get(redirection.to) if redirection else None,
            absence=absence,
            colleagues=await self.practitioners.get_many(named),
            is_own=seen.practitioner.id == person_of(request).account.practitioner_id,
            kinds=KIND_NAMES,
            reported=request.query_params.get("signale") == "1",
            error=error.sentence(language_of(request)) if error else None,
            words=words,
        )
        return retry_after(error, response) if error else response

    @signed_in
    async def send_card(self, request: Request) -> Response:
        seen = await self.consultation.open(reader_of(request), _practitioner(request), "directory.card")
        person = seen.practitioner
        secured = await self.certificates.of(person.id, mailboxes_of(person, seen.given_address))
        return Response(
            compose_vcard(card_of(person, seen.given_address, secured=secured)),
            media_type=ExportFormat.VCARD.media_type,
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="{person.id}.vcf"',
            },
        )

    @signed_in
    async def report(self, request: Request) -> Response:
        form, about = await request.form(), _practitioner(request)
        kind, words = field(form, "nature"), field(form, "precisions")
        try:
            known = MistakeKind(kind) if kind in {*MistakeKind} else MistakeKind.OTHER
            await self.mistakes.report(person_of(request).account.uid, about, known, words)
        except MissError as error:
            seen = await self.consultation.open(reader_of(request), about)
            return await self._entry(request, seen, error, words)
        return to(f"{DIRECTORY_PATH}/{about}?signale=1")

    @requires(*EXPORTERS, fresh=True)
    async def show_exports(self, request: Request) -> Response:
        return await self.pages.render(request, "directory_exports.html", formats=tuple(ExportFormat))


def _practitioner(request: Request) -> PractitionerId:
    """Raises PractitionerNotFound for what no identifier looks like: a database may refuse to compare it."""
    said: str = request.path_params["practitioner"]
    if not (said.isascii() and said.isalnum()):
        raise PractitionerNotFound
    return PractitionerId(said)
