"""Sign-ups at the technicians' desk: the queue, one request side by side with the register, and the decision.

Whoever opens a request or a document is written down first.  An approval asks who one is again, is confirmed on a page
of its own, and cannot be undone.  The activation letter is made in the answer that prints it, and kept nowhere.
"""

from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.text import Text
from miss.directory.accounts import ActivationPurpose
from miss.directory.audit import Subject
from miss.directory.practitioners import Practitioner
from miss.directory.registrations import REASONS, Act, Application, Desk, Letter, Reason, Severity, Status
from miss.directory.registrations.desk import PAGE
from miss.directory.registrations.model import PDF, STATUS_NAMES, WAITING
from miss.directory.roles import Role
from miss.directory.search.words import fold
from miss.documents.pdf import ActivationLetter, compose_activation_letter
from miss.server.console.story import name_actors
from miss.server.house import House
from miss.server.web.access import person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.attestation import Operator, answer_pdf
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import language_of
from miss.server.web.uploads import read_form
from miss.server.web.zones import PAGE_ZONE

REGISTRATIONS_PATH: Final = "/console/inscriptions"
KIND: Final = "registration"
"""Of the subject in the access log."""
STATES: Final[Mapping[str, tuple[Text, frozenset[Status]]]] = MappingProxyType(
    {
        "attente": (Text(fr="À examiner", en="To review"), WAITING),
        "complement": (Text(fr="Complément demandé", en="More asked for"), frozenset({Status.NEEDS_MORE})),
        "acceptees": (Text(fr="Acceptées", en="Granted"), frozenset({Status.APPROVED})),
        "closes": (
            Text(fr="Refusées ou retirées", en="Refused or withdrawn"),
            frozenset({Status.REFUSED, Status.WITHDRAWN}),
        ),
    }
)
SEVERITY_NAMES: Final[Mapping[Severity, Text]] = MappingProxyType(
    {
        Severity.SAME: Text(fr="concorde", en="matches"),
        Severity.NOTE: Text(fr="à noter", en="note"),
        Severity.DOUBT: Text(fr="douteux", en="doubtful"),
        Severity.SERIOUS: Text(fr="grave", en="serious"),
    }
)
ACT_NAMES: Final[Mapping[Act, Text]] = MappingProxyType(
    {
        Act.SUBMIT: Text(fr="Demande reçue", en="Request received"),
        Act.TAKE: Text(fr="Prise en charge", en="Taken"),
        Act.ASK_MORE: Text(fr="Complément demandé", en="More asked for"),
        Act.ANSWER: Text(fr="Réponse", en="Answer"),
        Act.ADD_EVIDENCE: Text(fr="Document ajouté", en="Document added"),
        Act.SUPPORT: Text(fr="Premier accord", en="First approval"),
        Act.APPROVE: Text(fr="Acceptée", en="Granted"),
        Act.REFUSE: Text(fr="Refusée", en="Refused"),
        Act.MERGE: Text(fr="Réunie", en="Joined"),
        Act.WITHDRAW: Text(fr="Retirée", en="Withdrawn"),
        Act.LETTER: Text(fr="Lettre imprimée", en="Letter printed"),
    }
)


@dataclass(frozen=True, slots=True)
class RegistrationDesk:
    """`/console/inscriptions` and the page of one request."""

    house: House
    desk: Desk
    operator: Operator

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        one = f"{REGISTRATIONS_PATH}/{{registration}}"
        return [
            Route(REGISTRATIONS_PATH, self.list_, methods=["GET"]),
            Route(one, self.open, methods=["GET"]),
            Route(f"{one}/pieces/{{evidence}}", self.read_evidence, methods=["GET"]),
            Route(f"{one}/prise-en-charge", self.take, methods=["POST"]),
            Route(f"{one}/complement", self.ask_more, methods=["POST"]),
            Route(f"{one}/refus", self.refuse, methods=["POST"]),
            Route(f"{one}/reunion", self.show_merge, methods=["GET"]),
            Route(f"{one}/reunion", self.merge, methods=["POST"]),
            Route(f"{one}/approbation", self.show_approval, methods=["GET"]),
            Route(f"{one}/approbation", self.approve, methods=["POST"]),
            Route(f"{one}/lettre", self.print_letter, methods=["POST"]),
        ]

    # Looking

    @requires(Role.TECHNICIAN)
    async def list_(self, request: Request) -> Response:
        state = request.query_params.get("etat", "")
        state = state if state in STATES else "attente"
        waiting = await self.desk.list_(STATES[state][1], request.query_params.get("apres", ""))
        return await self.house.pages.render(
            request,
            "console/registrations.html",
            state=state,
            states=STATES,
            counts=await self.desk.count_by_status(),
            waiting=waiting,
            is_full=len(waiting) == PAGE,
            status_names=STATUS_NAMES,
            severity_names=SEVERITY_NAMES,
        )

    @requires(Role.TECHNICIAN)
    async def open(self, request: Request) -> Response:
        """Raises RegistrationNotFound."""
        return await self._show(request)

    @requires(Role.TECHNICIAN)
    async def read_evidence(self, request: Request) -> Response:
        """A document: pictures in the browser, PDFs as a download.  Strangers sent it: it runs nothing here.

        Raises EvidenceMissing.
        """
        number, piece = request.path_params["registration"], request.path_params["evidence"]
        evidence, content = await self.desk.read_evidence(number, piece)
        await self._record(request, "evidence.read")
        how = "attachment" if evidence.mime == PDF else "inline"
        extension = evidence.mime.rpartition("/")[2]
        headers = {
            "Content-Disposition": f'{how}; filename="piece-{evidence.id}.{extension}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
        }
        return Response(content, media_type=evidence.mime, headers=headers)

    # Deciding

    @requires(Role.TECHNICIAN)
    async def take(self, request: Request) -> Response:
        """Raises RegistrationNotFound."""
        try:
            await self.desk.take(_number(request), _by(request))
        except MissError as error:
            return await self._show(request, error)
        return to(_path(request))

    @requires(Role.TECHNICIAN)
    async def ask_more(self, request: Request) -> Response:
        """Raises RegistrationNotFound."""
        form, _ = await read_form(request)
        try:
            await self.desk.ask_more(_number(request), _by(request), field(form, "words"))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{_path(request)}?fait=complement")

    @requires(Role.TECHNICIAN)
    async def refuse(self, request: Request) -> Response:
        """Raises RegistrationNotFound."""
        form, _ = await read_form(request)
        ticked = {value for value in form.getlist("reason") if isinstance(value, str)}
        reasons = frozenset(reason for reason in Reason if reason.value in ticked)
        try:
            await self.desk.refuse(_number(request), _by(request), reasons, field(form, "words"))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{_path(request)}?fait=refus")

    @requires(Role.TECHNICIAN)
    async def show_merge(self, request: Request) -> Response:
        """Both side by side, before a duplicate is closed.  Raises RegistrationNotFound."""
        into = await self.desk.review(request.query_params.get("avec", ""))
        await self._record(request, "read")
        return await self.house.pages.render(
            request,
            "console/registration_merge.html",
            review=await self.desk.review(_number(request)),
            into=into,
            path=_path(request),
            status_names=STATUS_NAMES,
        )

    @requires(Role.TECHNICIAN)
    async def merge(self, request: Request) -> Response:
        """Raises RegistrationNotFound."""
        form, _ = await read_form(request)
        try:
            await self.desk.merge(_number(request), field(form, "into"), _by(request))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{REGISTRATIONS_PATH}/{field(form, 'into')}?fait=reunion")

    @requires(Role.TECHNICIAN, fresh=True)
    async def show_approval(self, request: Request) -> Response:
        """What approving will do, before it is done.  Raises RegistrationNotFound."""
        review = await self.desk.review(_number(request))
        await self._record(request, "read")
        return await self.house.pages.render(
            request,
            "console/registration_approval.html",
            review=review,
            path=_path(request),
            severity_names=SEVERITY_NAMES,
        )

    @requires(Role.TECHNICIAN, fresh=True)
    async def approve(self, request: Request) -> Response:
        """Raises RegistrationNotFound."""
        form, _ = await read_form(request)
        try:
            await self.desk.approve(_number(request), _by(request), join=field(form, "join") == "1")
        except MissError as error:
            return await self._show(request, error)
        return to(f"{_path(request)}?fait=accord")

    @requires(Role.TECHNICIAN, fresh=True)
    async def print_letter(self, request: Request) -> Response:
        """The letter with new codes, in this answer only.  Raises RegistrationNotFound."""
        form, _ = await read_form(request)
        try:
            letter = await self.desk.print_letter(_number(request), _by(request))
        except MissError as error:
            return await self._show(request, error)
        # A font is cut to the letters used: nobody else waits for that.
        content = await to_thread(compose_activation_letter, self._letter(letter, field(form, "address")))
        return answer_pdf(content, "lettre-activation.pdf", inline=True)

    def _letter(self, letter: Letter, address: str) -> ActivationLetter:
        codes = letter.codes
        return ActivationLetter(
            operator_name=self.operator.name,
            operator_lines=self.operator.lines,
            recipient_lines=recipient_lines(letter.practitioner, letter.application, address),
            name=letter.practitioner.display_name,
            rpps=letter.practitioner.rpps or letter.practitioner.id,
            has_rpps=not letter.practitioner.is_staff,
            browser_code=codes[ActivationPurpose.BROWSER].code,
            device_code=codes[ActivationPurpose.DEVICE].code if ActivationPurpose.DEVICE in codes else "",
            expires_at=min(code.expires_at for code in codes.values()).astimezone(PAGE_ZONE),
            written_at=self.house.clock.now().astimezone(PAGE_ZONE),
            address=self.operator.origin,
            support=self.operator.support,
        )

    async def _show(self, request: Request, error: MissError | None = None) -> Response:
        review = await self.desk.review(_number(request))
        await self._record(request, "read")
        language = language_of(request)
        actors = {event.by for event in review.events} | {review.registration.taken_by, review.registration.first_by}
        shown: dict[str, Any] = {
            "review": review,
            "path": _path(request),
            "own": _by(request),
            "names": await name_actors(actors - {""}, self.house.accounts, self.house.practitioners, language),
            "reasons": REASONS,
            "act_names": ACT_NAMES,
            "status_names": STATUS_NAMES,
            "severity_names": SEVERITY_NAMES,
            "pdf": PDF,
            "addresses": postal_addresses(review.practitioner, review.registration.application),
            "done": request.query_params.get("fait", ""),
            "error": error.sentence(language) if error else None,
        }
        status = error.http_status if error else 200
        page = await self.house.pages.render(request, "console/registration.html", status, **shown)
        return retry_after(error, page) if error else page

    async def _record(self, request: Request, act: str) -> None:
        subject = Subject(KIND, _number(request))
        await self.house.audit.record(actor=_by(request), act=f"{KIND}.{act}", subject=subject)


def postal_addresses(practitioner: Practitioner | None, said: Application) -> tuple[tuple[str, ...], ...]:
    """Those that the register publishes, as lines without the name; the one that was given as well comes first."""
    found: dict[tuple[str, ...], bool] = {}
    for role in practitioner.roles if practitioner else ():
        site = role.organization
        if site is not None and site.address and site.postcode:
            lines = (site.name, site.address, f"{site.postcode} {site.town.upper()}")
            is_given = (fold(site.address), site.postcode) == (fold(said.address), said.postcode)
            found[tuple(line for line in lines if line)] = is_given
    return tuple(sorted(found, key=lambda lines: not found[lines]))


def recipient_lines(practitioner: Practitioner, said: Application, address: str) -> tuple[str, ...]:
    """Name and address for the window.

    `address`: the place of one of the register's among `postal_addresses`; anything else: the one that was given.
    """
    known = postal_addresses(practitioner, said)
    given = (said.organization, said.address, f"{said.postcode} {said.town.upper()}")
    places = {str(place): lines for place, lines in enumerate(known)}
    return (practitioner.display_name, *places.get(address, tuple(line for line in given if line)))


def _number(request: Request) -> str:
    return str(request.path_params["registration"])


def _path(request: Request) -> str:
    return f"{REGISTRATIONS_PATH}/{_number(request)}"


def _by(request: Request) -> str:
    return person_of(request).account.uid.hex()
