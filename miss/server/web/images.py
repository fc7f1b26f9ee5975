"""« Envois d’images »: up to six images for a correspondent, seen before they leave, opened by whom they are for alone.

Images are shown and downloaded under the reader's own session, never cached, never as anything but images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.directory.accounts import Account
from miss.directory.practitioners import Practitioner, Practitioners
from miss.mail.images import (
    MAX_IMAGE_BYTES,
    MAX_IMAGES,
    ImageSendings,
    Listed,
    State,
    image_name,
    read_words,
)
from miss.server.own_data import Part
from miss.server.web.access import require_signed_in, with_entry
from miss.server.web.forms import field
from miss.server.web.front import Front, to
from miss.server.web.uploads import read_files

IMAGES_PATH: Final = "/images"
MAX_BODY_BYTES: Final = 80_000_000
TYPED: Final = ("whom", "subject", "text", "family", "given", "born")
STATE_NAMES: Final[Mapping[State, Text]] = {
    State.DRAFT: Text(fr="à envoyer", en="to be sent"),
    State.SENT: Text(fr="envoyé", en="sent"),
    State.WITHDRAWN: Text(fr="retiré", en="withdrawn"),
    State.EXPIRED: Text(fr="expiré", en="expired"),
}


@dataclass(frozen=True, slots=True)
class ImagePages:
    """The list, the form, one sending."""

    front: Front
    images: ImageSendings
    practitioners: Practitioners

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages; fixed names before identifiers."""
        one = f"{IMAGES_PATH}/{{sending}}"
        return [
            Route(IMAGES_PATH, self.list_, methods=["GET"]),
            Route(f"{IMAGES_PATH}/envoi", self.ask, methods=["GET"]),
            Route(f"{IMAGES_PATH}/envoi", self.prepare, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/envoi", self.send, methods=["POST"]),
            Route(f"{one}/retrait", self.withdraw, methods=["POST"]),
            Route(f"{one}/images.zip", self.download, methods=["GET"]),
            Route(f"{one}/{{rank}}", self.show_image, methods=["GET"]),
        ]

    @with_entry
    async def list_(self, request: Request) -> Response:
        account = require_signed_in(request).account
        sent, received = await self.images.list_sent(account), await self.images.list_received(account)
        shown = {
            "sent": sent,
            "received": received,
            "people": await self._people([*sent, *received]),
            "names": STATE_NAMES,
            "done": request.query_params.get("fait", ""),
        }
        return await self.front.show(request, "images.html", shown)

    @with_entry
    async def ask(self, request: Request) -> Response:
        """The form; `pour`: for whom, as the directory's pages say it."""
        return await self._ask(request, {"whom": request.query_params.get("pour", "")[:320]})

    @with_entry
    async def prepare(self, request: Request) -> Response:
        """Make a draft of what was sent, and show it."""
        typed: Mapping[str, str] = {}
        try:
            form, files = await read_files(request, max_files=2 * MAX_IMAGES, max_body_bytes=MAX_BODY_BYTES)
            typed = {name: field(form, name) for name in TYPED}
            words = read_words(*(typed[name] for name in TYPED[1:]))
            account = require_signed_in(request).account
            draft = await self.images.prepare(account, typed["whom"], words, files)
        except MissError as error:
            return await self._ask(request, typed, error)
        return to(f"{IMAGES_PATH}/{draft.id}")

    @with_entry
    async def show(self, request: Request) -> Response:
        """A draft to its sender, a sending to its reader, whose every look is written down.  Raises SendingUnknown."""
        return await self._show(request)

    @with_entry
    async def send(self, request: Request) -> Response:
        """Raises SendingUnknown."""
        try:
            await self.images.send(require_signed_in(request).account, request.path_params["sending"])
        except MissError as error:
            return await self._show(request, error)
        return to(f"{IMAGES_PATH}?fait=envoi")

    @with_entry
    async def withdraw(self, request: Request) -> Response:
        """Raises SendingUnknown."""
        await self.images.withdraw(require_signed_in(request).account, request.path_params["sending"])
        return to(f"{IMAGES_PATH}?fait=retrait")

    @with_entry
    async def show_image(self, request: Request) -> Response:
        """One of them; with `?telecharger`, to be kept.  Raises SendingUnknown."""
        sending, rank = request.path_params["sending"], _rank(request)
        content = await self.images.read_image(require_signed_in(request).account, sending, rank)
        kept = "attachment" if "telecharger" in request.query_params else "inline"
        return _answer(content, "image/jpeg", f'{kept}; filename="{image_name(rank)}"')

    @with_entry
    async def download(self, request: Request) -> Response:
        """All of them.  Raises SendingUnknown."""
        content = await self.images.read_all(require_signed_in(request).account, request.path_params["sending"])
        return _answer(content, "application/zip", 'attachment; filename="images.zip"')

    async def _ask(self, request: Request, typed: Mapping[str, str], error: MissError | None = None) -> Response:
        shown = {
            "typed": {name: typed.get(name, "") for name in TYPED},
            "most": MAX_IMAGES,
            "largest_mb": MAX_IMAGE_BYTES // 1_000_000,
            "days": self.images.rules.shown_for.days,
        }
        return await self.front.show(request, "images_form.html", shown, error)

    async def _show(self, request: Request, error: MissError | None = None) -> Response:
        opened = await self.images.open(require_signed_in(request).account, request.path_params["sending"])
        sending = opened.sending
        people = await self.practitioners.get_many([sending.sender_id, sending.recipient_id, sending.reader_id])
        shown: dict[str, Any] = {
            "opened": opened,
            "sending": sending,
            "sender": people[sending.sender_id],
            "recipient": people[sending.recipient_id],
            "reader": people[sending.reader_id],
            "days": self.images.rules.shown_for.days,
        }
        return await self.front.show(request, "images_page.html", shown, error)

    async def _people(self, listed: Sequence[Listed]) -> Mapping[PractitionerId, Practitioner]:
        named = {who for one in listed for who in (one.sending.sender_id, one.sending.recipient_id)}
        return await self.practitioners.get_many(named)


@dataclass(frozen=True, slots=True)
class OwnImages:
    """What the platform keeps on who sent and received images, as `miss.server.own_data.Source`: no content."""

    images: ImageSendings

    async def gather(self, account: Account) -> Sequence[Part]:
        lists = [("envoyé", await self.images.list_sent(account)), ("reçu", await self.images.list_received(account))]
        content = [
            {
                "Sens": way,
                "De": one.sending.sender_id,
                "Pour": one.sending.recipient_id,
                "Images": one.sending.images,
                "Envoyé le": _say(one.sending.sent_at),
                "État": STATE_NAMES[one.state].fr,
                "Ouvert le": [_say(at) for at in one.openings],
            }
            for way, listed in lists
            for one in listed
        ]
        return [Part("envois-images", Text(fr="Envois d’images", en="Images sent and received"), content)]


def _rank(request: Request) -> int:
    """Which image; 0, which there never is, for what is no number."""
    said: str = request.path_params["rank"]
    return int(said) if said.isascii() and said.isdigit() and len(said) == 1 else 0


def _say(instant: datetime | None) -> str:
    return instant.isoformat(timespec="seconds") if instant else ""


def _answer(content: bytes, media_type: str, disposition: str) -> Response:
    headers = {
        "Content-Disposition": disposition,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)
