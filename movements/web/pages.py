"""`/mouvements`: for each establishment, those that name no doctor we know, and a file sent by hand.

Only who administers the establishment comes in: technicians of the platform have no business with its patients.
"""

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import OrganizationId, PractitionerId
from miss.base.text import Text
from miss.directory.establishments.errors import EstablishmentNotFound
from miss.directory.establishments.model import Establishment
from miss.directory.establishments.service import Establishments
from miss.directory.practitioners import Practitioners
from miss.directory.roles import Role, organization_scope
from miss.mail.trace.model import NAMES
from miss.server.web.access import person_of, requires
from miss.server.web.forms import field
from miss.server.web.pages import Pages, language_of
from miss.server.web.uploads import read_form
from movements.deliveries import MAX_BYTES, Deliveries, Report
from movements.errors import MovementsUnreadable
from movements.model import State
from movements.reading.tabular import Column
from movements.worklist import PAGE, Listed, Worklist

HOME: Final = "/mouvements"
ONE: Final = f"{HOME}/{{organization}}"
_ADMINISTRATORS: Final = (Role.ESTABLISHMENT_ADMINISTRATOR,)
_STATES: Final = {
    "a-rapprocher": State.UNMATCHED,
    "annonces": State.TOLD,
    "classes": State.DISMISSED,
    "annules": State.CANCELLED,
}
_NO_FILE: Final = Text(fr="aucun fichier n’a été choisi", en="no file was chosen")


@dataclass(frozen=True, slots=True)
class MovementPages:
    """Every page of the service."""

    pages: Pages
    establishments: Establishments
    deliveries: Deliveries
    worklist: Worklist
    practitioners: Practitioners

    def routes(self) -> list[BaseRoute]:
        return [
            Route(HOME, self.choose, methods=["GET"]),
            Route(ONE, self.list_, methods=["GET"]),
            Route(f"{ONE}/fichier", self.send, methods=["POST"]),
            Route(f"{ONE}/{{movement}}/medecin", self.name_doctor, methods=["POST"]),
            Route(f"{ONE}/{{movement}}/rappel", self.recall, methods=["POST"]),
            Route(f"{ONE}/{{movement}}/classement", self.set_aside, methods=["POST"]),
            Route(f"{ONE}/{{movement}}/reprise", self.take_back, methods=["POST"]),
        ]

    @requires(*_ADMINISTRATORS)
    async def choose(self, request: Request) -> Response:
        """The establishments that the person administers; the only one is opened at once."""
        scopes = person_of(request).principal.scopes(Role.ESTABLISHMENT_ADMINISTRATOR)
        kept = await self.establishments.get_many(sorted(OrganizationId(scope.id) for scope in scopes))
        if len(kept) == 1:
            return _to(kept[0])
        return await self.pages.render(request, "movements/choose.html", kept=kept, home=HOME)

    @requires(*_ADMINISTRATORS)
    async def list_(self, request: Request) -> Response:
        return await self._list(request, await self._establishment(request))

    @requires(*_ADMINISTRATORS)
    async def send(self, request: Request) -> Response:
        """A CSV or HL7 file; what became of it is shown above the list."""
        establishment = await self._establishment(request)
        try:
            _, upload = await read_form(request, max_file_bytes=MAX_BYTES)
            if upload is None:
                raise MovementsUnreadable(why=_NO_FILE)
            if upload.content.lstrip(b"\x0b\r\n").startswith(b"MSH|"):
                report, _ = await self.deliveries.take_hl7(establishment.id, upload.content, _hand(request))
            else:
                report = await self.deliveries.take_csv(establishment.id, upload.content, _hand(request))
        except MissError as error:
            return await self._list(request, establishment, error)
        return await self._list(request, establishment, report=report)

    @requires(*_ADMINISTRATORS)
    async def name_doctor(self, request: Request) -> Response:
        establishment, form = await self._establishment(request), await request.form()
        try:
            await self.worklist.name_doctor(
                establishment.id,
                request.path_params["movement"],
                field(form, "medecin"),
                _actor(request),
                _hand(request),
            )
        except MissError as error:
            return await self._list(request, establishment, error)
        return _to(establishment, "?fait=annonce")

    @requires(*_ADMINISTRATORS)
    async def recall(self, request: Request) -> Response:
        establishment, movement_id = await self._establishment(request), request.path_params["movement"]
        try:
            await self.worklist.recall(establishment.id, movement_id, _actor(request), _hand(request))
        except MissError as error:
            return await self._list(request, establishment, error)
        return _to(establishment, "?fait=rappel")

    @requires(*_ADMINISTRATORS)
    async def set_aside(self, request: Request) -> Response:
        establishment, movement_id = await self._establishment(request), request.path_params["movement"]
        await self.worklist.set_aside(establishment.id, movement_id, _actor(request))
        return _to(establishment, f"?fait=classement&mouvement={movement_id}")

    @requires(*_ADMINISTRATORS)
    async def take_back(self, request: Request) -> Response:
        establishment, movement_id = await self._establishment(request), request.path_params["movement"]
        await self.worklist.take_back(establishment.id, movement_id, _actor(request))
        return _to(establishment, "?fait=reprise")

    async def _establishment(self, request: Request) -> Establishment:
        """That of the address, if the person administers it.  Raises EstablishmentNotFound, for another's too."""
        wanted = OrganizationId(request.path_params["organization"])
        principal = person_of(request).principal
        if organization_scope(wanted) not in principal.scopes(Role.ESTABLISHMENT_ADMINISTRATOR):
            raise EstablishmentNotFound
        return await self.establishments.get(wanted)

    async def _list(
        self,
        request: Request,
        establishment: Establishment,
        error: MissError | None = None,
        report: Report | None = None,
    ) -> Response:
        name = request.query_params.get("liste", "a-rapprocher")
        state = _STATES.get(name, State.UNMATCHED)
        text = request.query_params.get("page", "")
        page = max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 5 else 1
        listed = await self.worklist.list_(establishment.id, state, _actor(request), offset=(page - 1) * PAGE)
        context = self._shown(request, establishment, listed) | {"list_name": name, "state": state, "page": page}
        context |= {"report": report, "error": error.sentence(language_of(request)) if error else None}
        context["doctors"] = await self._doctors(listed)
        return await self.pages.render(request, "movements/list.html", error.http_status if error else 200, **context)

    def _shown(self, request: Request, establishment: Establishment, listed: Listed) -> dict[str, Any]:
        return {
            "establishment": establishment,
            "path": f"{HOME}/{establishment.id}",
            "listed": listed,
            "lists": {name: (state.text, listed.counts.get(state, 0)) for name, state in _STATES.items()},
            "done": request.query_params.get("fait", ""),
            "undo": request.query_params.get("mouvement", ""),
            "columns": [column.value for column in Column],
            "stages": NAMES,
        }

    async def _doctors(self, listed: Listed) -> dict[str, str]:
        """The names of those who were told."""
        ids = {entry.kept.practitioner_id for entry in listed.entries if entry.kept.practitioner_id}
        return {one: person.display_name for one, person in (await self.practitioners.get_many(ids)).items()}


def _actor(request: Request) -> str:
    return person_of(request).account.uid.hex()


def _hand(request: Request) -> PractitionerId:
    """Who sends, and may have the proof."""
    return person_of(request).account.practitioner_id


def _to(establishment: Establishment, query: str = "") -> Response:
    return RedirectResponse(f"{HOME}/{establishment.id}{query}", 303)
