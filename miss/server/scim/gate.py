"""Who may pass the SCIM door, and how often: a living token with the scope `scim`, counted by token and in its
establishment's quota.

Whoever comes without one is counted by address, at the same rate: each try costs a look at the database.  The rate
leaves room for what provisioning programs do at their first run, one request a person (Entra ID asks for 25 a second).
"""

from math import ceil

from starlette.requests import Request

from miss.base.errors import TooMany
from miss.base.network import network_of
from miss.base.text import Text
from miss.broker import Rates
from miss.directory.establishments.quotas import Quotas
from miss.directory.establishments.tokens import ApiToken, ApiTokens, TokenScope, bearer_of
from miss.protocol.session.limits import Rate
from miss.server.scim.answers import TokenForOtherUse, TokenMissing

_KIND = "scim.requests"
_MINUTE_S = 60


class TooManyScimRequests(TooMany):
    """A program asks faster than the door answers."""

    code = "scim_too_many_requests"
    text = Text(
        fr="Trop de requêtes en peu de temps. Réessayez dans {retry_after_s} s.",
        en="Too many requests in a short time. Try again in {retry_after_s} s.",
    )


class ScimGate:
    """Counts and admits."""

    def __init__(self, tokens: ApiTokens, quotas: Quotas, rates: Rates, requests_per_min: int) -> None:
        self._tokens = tokens
        self._quotas = quotas
        self._rates = rates
        self._rate = Rate(burst=requests_per_min, per_s=requests_per_min / _MINUTE_S)

    async def admit(self, request: Request) -> ApiToken:
        """The token that came.

        Raises TooManyScimRequests, EstablishmentQuotaReached, TokenMissing, TokenForOtherUse.
        """
        token = await self._tokens.find(bearer_of(request.headers.get("authorization", "")))
        host = request.client.host if request.client else ""
        wait_s = self._rates.take(_KIND, token.id.encode() if token else f"@{network_of(host)}".encode(), self._rate)
        if wait_s:
            raise TooManyScimRequests(retry_after_s=ceil(wait_s))
        if token is None:
            raise TokenMissing
        if TokenScope.SCIM not in token.scopes:
            raise TokenForOtherUse
        await self._quotas.admit(token.organization_id)
        return token
