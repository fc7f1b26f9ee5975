"""The provider over HTTP: discovery, code for tokens, claims that are verified.  Knows nobody here.

Redirects are not followed, and only addresses that the configured issuer itself names over https are called.
"""

from collections.abc import Mapping
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from miss.base.clock import Clock, monotonic_s
from miss.directory.sign_in.psc.errors import PscRefused, PscUnavailable
from miss.directory.sign_in.psc.model import LEEWAY_S, Endpoints, PscSettings, parse_discovery, require_assurance

TIMEOUT_S = 10.0
REMEMBER_S = 3600.0
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
"""Signatures only the provider can make; never `none`, never a secret that we share (security.md §2, row 8)."""
MAX_ANSWER_BYTES = 200_000


class Provider:
    """Pro Santé Connect, or one that behaves like it."""

    def __init__(self, settings: PscSettings, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._endpoints: tuple[float, Endpoints] | None = None
        self._keys: KeySet | None = None

    async def endpoints(self) -> Endpoints:
        """Where it does what; asked for once an hour.  Raises PscUnavailable."""
        if self._endpoints is None or monotonic_s() - self._endpoints[0] > REMEMBER_S:
            address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = parse_discovery(await self._get_json(address), self.settings.issuer)
            self._endpoints, self._keys = (monotonic_s(), found), None
        return self._endpoints[1]

    async def redeem(self, code: str, verifier: str, nonce: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The claims of the ID token, verified, and those of the UserInfo endpoint.

        Raises PscRefused if the provider refuses the code or a claim does not hold; PscUnavailable.
        """
        endpoints, settings = await self.endpoints(), self.settings
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": settings.redirect_uri,
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "code_verifier": verifier,
        }
        answer = await self._send("POST", endpoints.token, data=asked)
        if 400 <= answer.status_code < 500:
            raise PscRefused(why="code")
        tokens = _object(answer)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise PscUnavailable(why="tokens")
        claims = await self._verify(id_token, nonce)
        bearer = {"Authorization": f"Bearer {access_token}"}
        return claims, _object(await self._send("GET", endpoints.userinfo, headers=bearer))

    async def _verify(self, id_token: str, nonce: str) -> Mapping[str, Any]:
        """OpenID Connect Core §3.1.3.7."""
        try:
            token = jwt.decode(id_token, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have changed its keys: once more, with the present ones.
            self._keys = None
            try:
                token = jwt.decode(id_token, await self._key_set(), algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                raise PscRefused(why="signature") from None
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            registry.validate(token.claims)
        except (JoseError, ValueError):
            raise PscRefused(why="claims") from None
        if token.claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise PscRefused(why="azp")
        require_assurance(token.claims)
        return token.claims

    async def _key_set(self) -> KeySet:
        if self._keys is None:
            document = await self._get_json((await self.endpoints()).jwks)
            try:
                self._keys = KeySet.import_key_set(document)  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError, TypeError):
                raise PscUnavailable(why="keys") from None
        return self._keys

    async def _get_json(self, address: str) -> Mapping[str, Any]:
        return _object(await self._send("GET", address))

    async def _send(self, method: str, address: str, **more: Any) -> httpx.Response:
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as http:
                return await http.request(method, address, **more)
        except httpx.HTTPError:
            raise PscUnavailable(why="network") from None


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    if answer.status_code != 200 or len(answer.content) > MAX_ANSWER_BYTES:
        raise PscUnavailable(why=f"status {answer.status_code}")
    try:
        found = answer.json()
    except ValueError:
        raise PscUnavailable(why="json") from None
    if not isinstance(found, dict):
        raise PscUnavailable(why="json")
    return found
