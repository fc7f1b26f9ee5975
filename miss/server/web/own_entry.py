"""« Mon compte → Ma fiche »: what the register and the platform say of somebody, and the change they propose."""

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.directory.absence import Absences
from miss.directory.addresses.service import Addresses
from miss.directory.certificates import CurrentCertificates
from miss.directory.practitioners import AcceptedFormat, DirectoryEntry
from miss.directory.proposals import Proposals, ProposalState
from miss.server.web.access import require_signed_in, with_entry
from miss.server.web.forms import field
from miss.server.web.front import Front, to
from miss.server.web.own_absences import today

ENTRY_PATH: Final = "/compte/fiche"


@dataclass(frozen=True, slots=True)
class OwnEntryPages:
    """One's own entry."""

    front: Front
    clock: Clock
    proposals: Proposals
    absences: Absences
    addresses: Addresses
    certificates: CurrentCertificates

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(ENTRY_PATH, self.show, methods=["GET"]),
            Route(ENTRY_PATH, self.propose, methods=["POST"]),
            Route(f"{ENTRY_PATH}/retrait", self.withdraw, methods=["POST"]),
        ]

    @with_entry
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @with_entry
    async def propose(self, request: Request) -> Response:
        form, person = await request.form(), require_signed_in(request)
        wanted, remark = _wanted(form), field(form, "remark")
        try:
            await self.proposals.propose(person.account, wanted, remark)
        except MissError as error:
            return await self._show(request, error, wanted, remark)
        return to(f"{ENTRY_PATH}?fait=propose")

    @with_entry
    async def withdraw(self, request: Request) -> Response:
        try:
            await self.proposals.withdraw(require_signed_in(request).account)
        except MissError as error:
            return await self._show(request, error)
        return to(f"{ENTRY_PATH}?fait=retire")

    async def _show(
        self, request: Request, error: MissError | None = None, typed: DirectoryEntry | None = None, remark: str = ""
    ) -> Response:
        person = require_signed_in(request)
        practitioner, own = person.practitioner, await self.proposals.list_own(person.account.uid)
        addresses = await self.addresses.list_(practitioner.id)
        theirs = {*practitioner.mailboxes, *(str(one) for one in addresses)}
        secured = await self.certificates.of(practitioner.id, theirs)
        away = await self.absences.list_current([practitioner.id], today=today(self.clock.now()))
        shown = {
            "person": practitioner,
            "addresses": addresses,
            "secured": sorted(secured),
            "typed": typed or practitioner.entry,
            "remark": remark,
            "formats": list(AcceptedFormat),
            "proposals": own,
            "is_open": any(one.state is ProposalState.OPEN for one in own),
            "absence": away.get(practitioner.id),
            "done": request.query_params.get("fait", ""),
        }
        return await self.front.show(request, "own_entry.html", shown, error)


def _wanted(form: FormData) -> DirectoryEntry:
    """The entry as the form says it; what is no format is left out."""
    named = {value for value in form.getlist("formats") if isinstance(value, str)}
    return DirectoryEntry(
        is_red_listed=field(form, "is_red_listed") == "1",
        is_proxy=field(form, "is_proxy") == "1",
        formats=frozenset(one for one in AcceptedFormat if one.value in named),
        phone=field(form, "phone"),
        mailbox=field(form, "mailbox"),
    )
