"""An OpenID Connect provider in a process of its own, with Pro Santé Connect's claims; strict about what it is asked.

    python -m tests.miss.directory.sign_in.psc_provider CLIENT_ID CLIENT_SECRET REDIRECT_URI

It prints its port, then serves.  Everybody who comes is the person that `POST /control` names, without a page; the same
door makes it lie.
"""

import hashlib
import hmac
import json
import secrets
import socket
import sys
import time
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route


class Provider:
    """What it knows, and how it is told to lie."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self.issuer, self.client_id, self.client_secret = issuer, client_id, client_secret
        self.redirect_uri = redirect_uri
        self.key = RSAKey.generate_key(2048, parameters={"kid": "first"})
        self.grants: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        self.user: dict[str, Any] = {}
        self.lies: dict[str, Any] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.discovery),
            Route("/auth", self.authorize),
            Route("/token", self.token, methods=["POST"]),
            Route("/userinfo", self.userinfo),
            Route("/jwks", self.jwks),
            Route("/control", self.control, methods=["POST"]),
        ]

    async def control(self, request: Request) -> Response:
        told = await request.json()
        self.user, self.lies = told["user"], told.get("lies", {})
        if self.lies.get("new_key"):
            self.key = RSAKey.generate_key(2048, parameters={"kid": "second"})
        return Response(status_code=204)

    async def discovery(self, _: Request) -> Response:
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": ["eidas1"],
        }
        return JSONResponse(said | self.lies.get("discovery", {}))

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        right = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "code_challenge_method": "S256",
        }
        wrong = [name for name, value in right.items() if asked.get(name) != value]
        if wrong or not all(len(asked.get(name, "")) >= 32 for name in ("state", "nonce", "code_challenge")):
            return JSONResponse({"error": "invalid_request", "wrong": wrong}, 400)
        if self.lies.get("cancel"):
            back = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe()
            self.grants[code] = asked
            back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{self.redirect_uri}?{urlencode(back | self.lies.get('back', {}))}", 302)

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        grant = self.grants.pop(form.get("code", ""), None)  # a code serves once
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            grant is None
            or form.get("grant_type") != "authorization_code"
            or (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret)
            or form.get("redirect_uri") != grant["redirect_uri"]
            or _base64(challenge) != grant["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": self.user["sub"],
            "nonce": grant["nonce"],
            "acr": "eidas1",
            "iat": now,
            "exp": now + 60,
            "auth_time": now if grant.get("prompt") == "login" else now - 3600,
        }
        access_token = secrets.token_urlsafe()
        self.tokens.add(access_token)
        claims = {name: value for name, value in (claims | self.lies.get("id", {})).items() if value is not None}
        said = {"access_token": access_token, "token_type": "Bearer", "id_token": self._sign(claims)}
        return JSONResponse(said)

    def _sign(self, claims: dict[str, Any]) -> str:
        how = self.lies.get("sign", "")
        if how in {"shared", "none"}:
            # Algorithm confusion: the public key as a secret that both know, or no signature at all.
            header = {"alg": "HS256" if how == "shared" else "none", "kid": self.key.kid}
            signed = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
            secret = self.key.as_pem(private=False)
            mac = hmac.digest(secret, signed.encode(), "sha256") if how == "shared" else b""
            return f"{signed}.{_base64(mac)}"
        forged = RSAKey.generate_key(2048, parameters={"kid": str(self.key.kid)})
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, forged if how == "forged" else self.key)

    async def userinfo(self, request: Request) -> Response:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(self.user | self.lies.get("user", {}))

    async def jwks(self, _: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def main() -> None:
    """Serve until ended."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    provider = Provider(f"http://127.0.0.1:{port}", *sys.argv[1:4])
    print(port, flush=True)
    app = Starlette(routes=provider.routes())
    uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off")).run(sockets=[listener])


if __name__ == "__main__":
    main()
