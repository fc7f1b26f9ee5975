"""`/api/directory/v1`: search, entries, organisations, codes; the exports and the feed of changes.

What is asked is counted and recorded as on the pages (`miss.directory.consultation`), and limited alike: twenty
answers a page, ten pages a question.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from pydantic.json_schema import SkipJsonSchema
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.certificates import CurrentCertificates
from miss.directory.consultation import PAGE_ENTRIES, Consultation, Reader
from miss.directory.establishments.quotas import EstablishmentQuotaReached
from miss.directory.establishments.roster.places import DeclaredPlaces
from miss.directory.exports import ChangeFeed, CursorUnknown, ExportFormat, Exports, TooManyExports, mailboxes_of
from miss.directory.organizations import OrganizationNotFound, Organizations
from miss.directory.practitioners import PractitionerNotFound, Practitioners, SearchQuery
from miss.directory.search.errors import SearchQuotaReached, SearchTooBroad
from miss.directory.search.model import MAX_DEPTH, MAX_RADIUS_KM
from miss.directory.search.quota import SearchQuota
from miss.server.api import models
from miss.server.api.callers import EXPORTING, Callers, ProgramTokenOutOfScope, ProgramTokenRefused
from miss.server.api.openapi import Api, Nothing, Operation, Parameters
from miss.server.api.problems import WrongParameters, answer_problem, wrong_parameters
from miss.server.errors import NotYourRole, SecondFactorNeeded, SignInNeeded, StepUpNeeded
from miss.server.web.access import ATTRIBUTE
from miss.storage.errors import DatabaseUnreachable

ROOT = "/api/directory/v1"
MAX_PAGES = MAX_DEPTH // PAGE_ENTRIES
FEED_PAGE = 200


def _digits(said: object) -> object:
    """Only what a number looks like: `int` takes `1_000` and spaces, too."""
    return said if isinstance(said, str) and said.isascii() and said.isdigit() else None


_LETTERS = r"^\s*([^\s\x00-\x1f\x7f]\s*){3}[^\x00-\x1f\x7f]*$"
"""Three characters that are no space, and no control anywhere."""
Words = Annotated[str, Field(pattern=_LETTERS, max_length=200)]
Place = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=100)]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,10}$")]
Number = Annotated[int, BeforeValidator(_digits)]
Absent = SkipJsonSchema[None]
"""A parameter may be left out, and is never null."""


class PractitionerQuery(Parameters):
    """What to search for; every condition must hold."""

    q: Words | Absent = Field(
        None, description="Words of a name, a specialty, a profession, a town; or an RPPS number."
    )
    specialty: Code | Absent = Field(None, description="Code of a specialty: SM15.")
    profession: Code | Absent = Field(None, description="Code of a profession: 60.")
    department: Code | Absent = Field(None, description="59, 2A, 974.")
    town: Place | Absent = Field(None, description="A town's name or INSEE code.")
    radius: Number = Field(0, ge=0, le=int(MAX_RADIUS_KM), description="Kilometres around the town, nearest first.")
    page: Number = Field(1, ge=1, le=MAX_PAGES, description=f"{PAGE_ENTRIES} answers each.")


class OrganizationQuery(Parameters):
    """Which organisations."""

    town: Place = Field(description="A town's name or INSEE code.", examples=["Lille"])
    name: Place | Absent = Field(None, description="Beginnings of words of its name.")


class PractitionerPath(Parameters):
    """Whose entry."""

    id: str = Field(
        pattern=r"^[0-9][0-9A-Za-z]{8,15}$", description="PS_IdNat: 8 and the RPPS number.", examples=["899900000011"]
    )


class OrganizationPath(Parameters):
    """Which organisation."""

    id: str = Field(pattern=r"^[^\x00-\x1f\x7f/]{1,200}$", description="Technical identifier, FINESS or SIRET number.")


class CodingPath(Parameters):
    """Which nomenclature."""

    kind: Literal["professions", "specialties"]


class ExportPath(Parameters):
    """Which file."""

    format: Literal["csv", "xlsx", "ldif", "vcard"]


class ExportQuery(Parameters):
    """How to write it."""

    excel: Literal["true", "false"] = Field("false", description="CSV only: byte order mark and semicolons.")


class ChangesQuery(Parameters):
    """From where on."""

    since: Number = Field(0, ge=0, le=2**53, description="The cursor of the last answer; 0: everything.")


@dataclass(frozen=True, slots=True)
class DirectoryApi:
    """What other programs ask of the directory."""

    origin: str
    callers: Callers
    consultation: Consultation
    practitioners: Practitioners
    organizations: Organizations
    quota: SearchQuota
    places: DeclaredPlaces
    certificates: CurrentCertificates
    exports: Exports
    feed: ChangeFeed

    def routes(self) -> list[BaseRoute]:
        """Every operation, and the document that describes them."""
        api = self._api()
        served = (Route(f"{ROOT}{one.path}", self._served(one), methods=["GET"]) for one in api.operations)
        return [Route(f"{ROOT}/openapi.json", api.described(self.origin), methods=["GET"]), *served]

    def _api(self) -> Api:
        return Api(
            ROOT,
            "MiSS: annuaire",
            "The directory of health professionals: search, entries, exports of the platform's own ones.",
            self._reading() + self._taking(),
            always=(
                *(WrongParameters, ProgramTokenRefused, ProgramTokenOutOfScope, SignInNeeded, SecondFactorNeeded),
                *(EstablishmentQuotaReached, DatabaseUnreachable),
            ),
        )

    def _reading(self) -> list[Operation]:
        return [
            Operation(
                name="searchPractitioners",
                path="/practitioners",
                summary="Search people: name, specialty, profession, town, distance.",
                endpoint=self.search,
                answer=models.PractitionerPage,
                in_query=PractitionerQuery,
                errors=(SearchTooBroad, SearchQuotaReached),
            ),
            Operation(
                name="readPractitioner",
                path="/practitioners/{id}",
                summary="One entry, whole; reading it is recorded.",
                endpoint=self.read,
                answer=models.Practitioner,
                in_path=PractitionerPath,
                errors=(PractitionerNotFound, SearchQuotaReached),
            ),
            Operation(
                name="listOrganizations",
                path="/organizations",
                summary="Organisations of a town.",
                endpoint=self.list_organizations,
                answer=models.OrganizationPage,
                in_query=OrganizationQuery,
                errors=(SearchQuotaReached,),
            ),
            Operation(
                name="readOrganization",
                path="/organizations/{id}",
                summary="One organisation.",
                endpoint=self.read_organization,
                answer=models.Organization,
                in_path=OrganizationPath,
                errors=(OrganizationNotFound, SearchQuotaReached),
            ),
            Operation(
                name="listCodings",
                path="/codings/{kind}",
                summary="Codes of professions, or of specialties, with their labels.",
                endpoint=self.list_codings,
                answer=models.CodingPage,
                in_path=CodingPath,
            ),
        ]

    def _taking(self) -> list[Operation]:
        return [
            Operation(
                name="export",
                path="/export/{format}",
                summary="The platform's own entries as a file: CSV, XLSX, LDIF, vCard; recorded.",
                endpoint=self.export,
                media_types=[format_.media_type for format_ in ExportFormat],
                in_path=ExportPath,
                in_query=ExportQuery,
                access=EXPORTING,
                errors=(NotYourRole, StepUpNeeded, TooManyExports),
            ),
            Operation(
                name="listChanges",
                path="/changes",
                summary="The platform's own entries that are new, changed or gone since a cursor.",
                endpoint=self.list_changes,
                answer=models.ChangedPage,
                in_query=ChangesQuery,
                access=EXPORTING,
                errors=(NotYourRole, StepUpNeeded, CursorUnknown),
            ),
        ]

    async def search(self, reader: Reader, _path: Nothing, asked: PractitionerQuery) -> Response:
        query = SearchQuery(
            text=asked.q or "",
            specialty=asked.specialty or "",
            profession=asked.profession or "",
            department=asked.department or "",
            town=asked.town or "",
            radius_km=asked.radius,
            offset=(asked.page - 1) * PAGE_ENTRIES,
        )
        page = await self.consultation.search(reader, query)
        has_more = page.has_more and asked.page < MAX_PAGES
        entries = [models.summary(seen) for seen in page.entries]
        return _say(models.PractitionerPage(entry=entries, next_page=asked.page + 1 if has_more else None))

    async def read(self, reader: Reader, path: PractitionerPath, _query: Nothing) -> Response:
        seen = await self.consultation.open(reader, PractitionerId(path.id))
        person = seen.practitioner
        secured = await self.certificates.of(person.id, mailboxes_of(person, seen.given_address))
        return _say(models.practitioner(seen, await self.places.of(person.id), secured))

    async def list_organizations(self, reader: Reader, _path: Nothing, asked: OrganizationQuery) -> Response:
        await self.quota.take(reader.subject, is_program=reader.is_program, per_day=reader.entries_per_day)
        found = await self.organizations.list_(asked.town, asked.name or "", limit=PAGE_ENTRIES)
        await self.quota.count_shown(
            reader.subject, len(found), is_program=reader.is_program, per_day=reader.entries_per_day
        )
        return _say(models.OrganizationPage(entry=[models.organization(one) for one in found]))

    async def read_organization(self, reader: Reader, path: OrganizationPath, _query: Nothing) -> Response:
        await self.quota.take(reader.subject, is_program=reader.is_program, per_day=reader.entries_per_day)
        return _say(models.organization(await self.organizations.get(OrganizationId(path.id))))

    async def list_codings(self, reader: Reader, path: CodingPath, _query: Nothing) -> Response:
        if path.kind == "professions":
            return _say(models.codings(await self.practitioners.list_professions()))
        return _say(models.codings(await self.practitioners.list_specialties()))

    async def export(self, reader: Reader, path: ExportPath, asked: ExportQuery) -> Response:
        format_, for_excel = ExportFormat(path.format), asked.excel == "true"
        chunks = await self.exports.open(format_, by=reader.actor, subject=reader.subject, for_excel=for_excel)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="annuaire-miss{format_.suffix}"',
            "Content-Type": format_.media_type,
        }
        return StreamingResponse(chunks, headers=headers)

    async def list_changes(self, reader: Reader, _path: Nothing, asked: ChangesQuery) -> Response:
        page = await self.feed.list_(asked.since, FEED_PAGE)
        changes = [models.changed(change) for change in page.changes]
        return _say(models.ChangedPage(changes=changes, cursor=page.cursor, has_more=page.has_more))

    def _served(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        """The operation as a route's endpoint: who asks, then what; errors are answered as problems."""

        async def serve(request: Request) -> Response:
            try:
                reader = await self.callers.reader(request, operation.access)
                path = _read(operation.in_path, request.path_params)
                query = _read(operation.in_query, _single(request))
                return await operation.endpoint(reader, path, query)
            except MissError as error:
                return answer_problem(request, error)

        setattr(serve, ATTRIBUTE, operation.access)
        return serve


def _say(answer: BaseModel) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(answer.model_dump_json(by_alias=True), headers=headers, media_type="application/json")


def _single(request: Request) -> dict[str, Any]:
    """The query's parameters; one that is said twice stays a list, which no parameter takes."""
    params = request.query_params
    return {name: said[0] if len(said := params.getlist(name)) == 1 else said for name in params}


def _read(model: type[Parameters], said: Any) -> Parameters:
    """Raises WrongParameters."""
    try:
        return model.model_validate(dict(said))
    except ValidationError as refused:
        raise wrong_parameters(refused) from None
