"""« Mon compte → Mes preuves »: what was sent for somebody, what became of it, to download signed, or by the month."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.directory.audit import AuditLog, Subject
from miss.mail.proofs import DOWNLOAD_FOR, KEPT_FOR, Proofs
from miss.mail.trace.model import NAMES
from miss.server.web.access import require_signed_in, requires, signed_in
from miss.server.web.forms import field
from miss.server.web.front import Front, to

PROOFS_PATH: Final = "/compte/preuves"


@dataclass(frozen=True, slots=True)
class OwnProofPages:
    """The list, the archives, the subscription."""

    front: Front
    audit: AuditLog
    proofs: Proofs

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(PROOFS_PATH, self.show, methods=["GET"]),
            Route(f"{PROOFS_PATH}/abonnement", self.subscribe, methods=["POST"]),
            Route(f"{PROOFS_PATH}/archive", self.download_all, methods=["POST"]),
            Route(f"{PROOFS_PATH}/{{mail}}", self.download, methods=["POST"]),
        ]

    @signed_in
    async def show(self, request: Request) -> Response:
        account = require_signed_in(request).account
        shown = {
            "proofs": await self.proofs.list_own(account),
            "names": NAMES,
            "is_subscribed": await self.proofs.is_subscribed(account.uid),
            "days": DOWNLOAD_FOR.days,
            "kept_months": round(KEPT_FOR.days / 30.4),
            "done": request.query_params.get("fait") == "1",
        }
        return await self.front.show(request, "own_proofs.html", shown)

    @signed_in
    async def subscribe(self, request: Request) -> Response:
        """Be sent the archive of each month, or no more."""
        wanted = field(await request.form(), "wanted") == "1"
        await self.proofs.subscribe(require_signed_in(request).account.uid, wanted=wanted)
        return to(f"{PROOFS_PATH}?fait=1")

    @signed_in
    async def download_all(self, request: Request) -> Response:
        """Every proof of the last days; it holds nothing of a patient."""
        account = require_signed_in(request).account
        content = await self.proofs.download_all(account)
        await self.audit.record(
            actor=account.uid.hex(), act="mail.proofs_downloaded", subject=Subject.account(account.uid)
        )
        return _answer_zip(content, "preuves.zip")

    @requires(fresh=True)
    async def download(self, request: Request) -> Response:
        """One proof with the mail itself, which is about a patient: only after a fresh proof of who asks.

        Raises ProofUnknown.
        """
        account, mail_id = require_signed_in(request).account, request.path_params["mail"]
        content = await self.proofs.download(account, mail_id)
        await self.audit.record(
            actor=account.uid.hex(), act="mail.proof_downloaded", subject=Subject.account(account.uid), detail=mail_id
        )
        return _answer_zip(content, f"preuve-{mail_id}.zip")


def _answer_zip(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/zip", headers=headers)
