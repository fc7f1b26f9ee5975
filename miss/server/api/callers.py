"""Who asks the HTTP API: somebody signed in to the pages, on the same origin, or an establishment's program.

A program shows a token with the scope `directory_read` (RFC 6750).  A request with an Authorization header is judged
by that alone, whatever cookie comes with it.
"""

from dataclasses import dataclass

from starlette.requests import Request

from miss.base.errors import Forbidden, NotAuthenticated
from miss.base.text import Text
from miss.directory.consultation import Reader
from miss.directory.establishments.quotas import Quotas
from miss.directory.establishments.quotas.model import counted_as
from miss.directory.establishments.tokens import ApiTokens, TokenScope, bearer_of
from miss.directory.roles import Role
from miss.server.web.access import Access, Audience, check_access, person_of

EXPORTERS = frozenset({Role.ESTABLISHMENT_ADMINISTRATOR, Role.TECHNICIAN})
"""Who takes the directory away, other than programs."""
READERS = Access(Audience.SIGNED_IN)
EXPORTING = Access(Audience.SIGNED_IN, EXPORTERS, fresh=True)


class ProgramTokenRefused(NotAuthenticated):
    """The token is unknown or revoked."""

    code = "program_token_refused"
    text = Text(
        fr="Ce jeton est inconnu ou révoqué. L’administrateur de l’établissement en délivre un autre.",
        en="This token is unknown or revoked. The establishment’s administrator issues another one.",
    )


class ProgramTokenOutOfScope(Forbidden):
    """The token is for something else."""

    code = "program_token_out_of_scope"
    text = Text(
        fr="Ce jeton ne donne pas accès à l’annuaire. L’administrateur de l’établissement en délivre un qui le permet.",
        en="This token does not open the directory. The establishment’s administrator issues one that does.",
    )


@dataclass(frozen=True, slots=True)
class Callers:
    """Tells who asks."""

    tokens: ApiTokens
    quotas: Quotas

    async def reader(self, request: Request, access: Access = READERS) -> Reader:
        """Who asks, if they may.

        Raises ProgramTokenRefused, ProgramTokenOutOfScope, EstablishmentQuotaReached, and as `check_access`.
        """
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return await self._program(bearer_of(authorization))
        check_access(request, access)
        return reader_of(request)

    async def _program(self, token: str) -> Reader:
        found = await self.tokens.find(token)
        if found is None:
            raise ProgramTokenRefused
        if TokenScope.DIRECTORY_READ not in found.scopes:
            raise ProgramTokenOutOfScope
        quota = await self.quotas.admit(found.organization_id)
        subject = counted_as(found.organization_id, quota.entries_per_day)
        return Reader(subject, found.actor, is_program=True, entries_per_day=quota.entries_per_day)


def reader_of(request: Request) -> Reader:
    """The person who is signed in.  Raises SignInNeeded."""
    account = person_of(request).account
    return Reader(account.uid, account.uid.hex(), own=account.practitioner_id)
