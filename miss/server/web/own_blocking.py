"""« Mon compte → Correspondants bloqués »."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.blocking import REASON_NAMES, Blocking, BlockReason
from miss.directory.practitioners import Practitioners
from miss.server.errors import ChoiceUnknown
from miss.server.web.access import require_signed_in, signed_in
from miss.server.web.forms import field
from miss.server.web.front import Front, to

BLOCKS_PATH: Final = "/compte/blocages"


@dataclass(frozen=True, slots=True)
class OwnBlockingPages:
    """Whom somebody does not want to hear from."""

    front: Front
    blocking: Blocking
    practitioners: Practitioners

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(BLOCKS_PATH, self.show, methods=["GET"]),
            Route(BLOCKS_PATH, self.block, methods=["POST"]),
            Route(f"{BLOCKS_PATH}/{{block}}/retrait", self.unblock, methods=["POST"]),
        ]

    @signed_in
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @signed_in
    async def block(self, request: Request) -> Response:
        form, account = await request.form(), require_signed_in(request).account
        whom, chosen = field(form, "whom"), field(form, "reason")
        try:
            if chosen not in {*BlockReason}:
                raise ChoiceUnknown
            await self.blocking.block(account, whom, BlockReason(chosen))
        except MissError as error:
            return await self._show(request, error, whom, chosen)
        return to(f"{BLOCKS_PATH}?fait=ajout")

    @signed_in
    async def unblock(self, request: Request) -> Response:
        try:
            await self.blocking.unblock(require_signed_in(request).account.uid, request.path_params["block"])
        except MissError as error:
            return await self._show(request, error)
        return to(f"{BLOCKS_PATH}?fait=retrait")

    async def _show(
        self, request: Request, error: MissError | None = None, whom: str = "", chosen: str = ""
    ) -> Response:
        blocks = await self.blocking.list_(require_signed_in(request).account.uid)
        shown = {
            "blocks": blocks,
            "people": await self.practitioners.get_many([one.practitioner_id for one in blocks if one.practitioner_id]),
            "reasons": REASON_NAMES,
            "whom": whom,
            "chosen": chosen,
            "done": request.query_params.get("fait", ""),
        }
        return await self.front.show(request, "own_blocks.html", shown, error)
