"""Sign-up for anybody: the form, and the page behind the link of a mail.

All of it works without script.  The form answers the same to everybody: nobody learns here who has an account.  The
look-up of an RPPS number shows what the national register publishes, and counts against a rate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.network import network_of
from miss.broker import Rates
from miss.directory.agreements import Agreements, AgreementsNotAccepted, Signature
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.registrations import (
    MAX_EVIDENCE_BYTES,
    Application,
    ApplicationRefused,
    EvidenceFormat,
    Problem,
    Registrations,
    parse_application,
)
from miss.protocol.session import Rate
from miss.server.errors import TooManySignUps
from miss.server.mails.registration import FOLLOW_PATH
from miss.server.web.access import anyone
from miss.server.web.agreements import ACCEPT
from miss.server.web.answers import retry_after
from miss.server.web.attempts import Attempts
from miss.server.web.forms import address_of, field
from miss.server.web.front import to
from miss.server.web.pages import Pages, language_of
from miss.server.web.uploads import read_form

FORM_PATH: Final = "/inscription"
RECEIVED_PATH: Final = "/inscription/recue"
FORMATS: Final = "formats"
LOOKUP: Final = "lookup"
"""Name of the button that asks what the register says of the number."""
MAILS: Final = Rate(burst=3, per_s=3 / 86_400)
"""To one address: whoever types somebody else's cannot flood them."""
LOOKUPS: Final = Rate(burst=30, per_s=30 / 3600)
DOCUMENTS: Final = Rate(burst=30, per_s=30 / 3600)


@dataclass(frozen=True, slots=True)
class SignUpPatience:
    """What one address may ask for, counted in all processes together."""

    rates: Rates
    sign_ups: Rate

    async def count(self, kind: str, subject: bytes, rate: Rate) -> None:
        """Raises TooManySignUps."""
        wait_s = await self.rates.ask(f"registration.{kind}", subject, rate)
        if wait_s:
            raise TooManySignUps(retry_after_s=ceil(wait_s))

    async def count_sign_up(self, request: Request, application: Application) -> None:
        """A form that is about to be kept.  Raises TooManySignUps."""
        await self.count("form", _network(request), self.sign_ups)
        await self.count("mail", application.email.encode(), MAILS)


@dataclass(frozen=True, slots=True)
class RegistrationPages:
    """The form, and the way of a request as its applicant sees it."""

    pages: Pages
    registrations: Registrations
    agreements: Agreements
    practitioners: Practitioners
    attempts: Attempts
    patience: SignUpPatience

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        follow = f"{FOLLOW_PATH}/{{token}}"
        return [
            Route(FORM_PATH, self.show, methods=["GET"]),
            Route(FORM_PATH, self.submit, methods=["POST"]),
            Route(RECEIVED_PATH, self.show_received, methods=["GET"]),
            Route(follow, self.follow, methods=["GET"]),
            Route(f"{follow}/pieces", self.add_evidence, methods=["POST"]),
            Route(f"{follow}/reponse", self.answer, methods=["POST"]),
            Route(f"{follow}/retrait", self.show_withdrawal, methods=["GET"]),
            Route(f"{follow}/retrait", self.withdraw, methods=["POST"]),
        ]

    # The form

    @anyone
    async def show(self, request: Request) -> Response:
        return await self._show_form(request, {}, ())

    @anyone
    async def submit(self, request: Request) -> Response:
        """Look a number up, or keep the request; the form again, with the reasons, if it cannot be kept."""
        form, _ = await read_form(request)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        formats = _ticked(form, FORMATS)
        try:
            await self.attempts.count(request)
            if field(form, LOOKUP):
                return await self._look_up(request, fields, formats)
            application = await self._parse(request, fields, formats, _ticked(form, ACCEPT))
            await self.patience.count_sign_up(request, application)
            signature = Signature(application.display_name, address_of(request), language_of(request))
            await self.registrations.submit(application, _ticked(form, ACCEPT), signature)
        except MissError as error:
            return await self._show_form(request, fields, formats, error)
        return to(RECEIVED_PATH)

    @anyone
    async def show_received(self, request: Request) -> Response:
        return await self.pages.render(request, "registration_received.html")

    async def _parse(
        self, request: Request, fields: Mapping[str, str], formats: Sequence[str], accepted: Sequence[str]
    ) -> Application:
        """Every problem at once, the texts that were not accepted among them.  Raises ApplicationRefused."""
        professions = {coding.code for coding in await self.practitioners.list_professions()}
        problems: list[Problem] = []
        application = None
        try:
            application = parse_application(fields, formats, professions, language_of(request))
        except ApplicationRefused as refused:
            problems += refused.problems
        try:
            self.agreements.require(accepted)
        except AgreementsNotAccepted as error:
            problems.append(Problem(ACCEPT, error.text))
        if application is None or problems:
            raise ApplicationRefused(tuple(problems))
        return application

    async def _look_up(self, request: Request, fields: dict[str, str], formats: Sequence[str]) -> Response:
        """The form with what the register says of the number; what was typed stays."""
        await self.patience.count(LOOKUP, _network(request), LOOKUPS)
        found = await self.practitioners.find_by_rpps(fields.get("rpps", ""))
        if found is None or found.entry.is_red_listed or found.gone_at is not None:
            return await self._show_form(request, fields, formats, looked_up="none")
        known = {name: value for name, value in _known(found).items() if not fields.get(name, "").strip()}
        return await self._show_form(request, fields | known, formats, looked_up="found")

    async def _show_form(
        self,
        request: Request,
        fields: Mapping[str, str],
        formats: Sequence[str],
        error: MissError | None = None,
        looked_up: str = "",
    ) -> Response:
        language = language_of(request)
        listed = error.problems if isinstance(error, ApplicationRefused) else ()
        problems: dict[str, str] = {}
        for one in listed:
            problems.setdefault(one.field, one.sentence(language))
        shown: dict[str, Any] = {
            "fields": fields,
            "formats": set(formats),
            "professions": await self.practitioners.list_professions(),
            "agreements": self.agreements.current,
            "problems": problems,
            "looked_up": looked_up,
            "error": error.sentence(language) if error else None,
        }
        page = await self.pages.render(request, "registration_form.html", error.http_status if error else 200, **shown)
        return retry_after(error, page) if error else page

    # Behind the link

    @anyone
    async def follow(self, request: Request) -> Response:
        """Raises RegistrationNotFound, TooManyAttempts."""
        return await self._show_progress(request)

    @anyone
    async def add_evidence(self, request: Request) -> Response:
        """Keep a document.  Raises RegistrationNotFound."""
        try:
            await self.patience.count("document", _network(request), DOCUMENTS)
            _, upload = await read_form(request, max_file_bytes=MAX_EVIDENCE_BYTES)
            if upload is None:
                raise EvidenceFormat
            await self.registrations.add_evidence(request.path_params["token"], upload.name, upload.content)
        except MissError as error:
            return await self._show_progress(request, error)
        return to(f"{_follow_path(request)}?fait=piece")

    @anyone
    async def answer(self, request: Request) -> Response:
        """Send what was asked for.  Raises RegistrationNotFound."""
        form, _ = await read_form(request)
        try:
            await self.registrations.answer(request.path_params["token"], field(form, "words"))
        except MissError as error:
            return await self._show_progress(request, error, field(form, "words"))
        return to(f"{_follow_path(request)}?fait=reponse")

    @anyone
    async def show_withdrawal(self, request: Request) -> Response:
        """Raises RegistrationNotFound."""
        followed = await self.registrations.follow(request.path_params["token"])
        return await self.pages.render(
            request, "registration_withdrawal.html", path=_follow_path(request), status=followed.registration.status
        )

    @anyone
    async def withdraw(self, request: Request) -> Response:
        """Give the request up.  Raises RegistrationNotFound."""
        try:
            await self.registrations.withdraw(request.path_params["token"])
        except MissError as error:
            return await self._show_progress(request, error)
        return to(_follow_path(request))

    async def _show_progress(self, request: Request, error: MissError | None = None, words: str = "") -> Response:
        await self.attempts.count(request)
        followed = await self.registrations.follow(request.path_params["token"])
        said = error.sentence(language_of(request)) if error else None
        page = await self.pages.render(
            request,
            "registration_progress.html",
            error.http_status if error else 200,
            registration=followed.registration,
            evidence=followed.evidence,
            path=_follow_path(request),
            retention_days=self.registrations.retention.days,
            done=request.query_params.get("fait", ""),
            words=words,
            error=said,
        )
        return retry_after(error, page) if error else page


def _known(practitioner: Practitioner) -> dict[str, str]:
    """What the register publishes of somebody, by field of the form."""
    role = next((one for one in practitioner.roles if one.town or one.postcode), None)
    site = role.organization if role else None
    return {
        "family": practitioner.family,
        "given": practitioner.given,
        "profession": practitioner.profession.code,
        "organization": site.name if site else "",
        "finess": (site.finess or "") if site else "",
        "address": site.address if site else "",
        "postcode": role.postcode if role else "",
        "town": role.town if role else "",
    }


def _ticked(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


def _follow_path(request: Request) -> str:
    return f"{FOLLOW_PATH}/{request.path_params['token']}"


def _network(request: Request) -> bytes:
    return network_of(address_of(request)).encode()
