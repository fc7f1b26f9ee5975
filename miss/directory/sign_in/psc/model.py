"""What Pro Santé Connect says of somebody, and what is asked of it.  Pure.

Source: ANS, Pro Santé Connect, référentiel et documentation technique (claims of the UserInfo endpoint, acr eidas1);
OpenID Connect Core 1.0; RFC 7636 (PKCE).
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from miss.directory.sign_in.psc.errors import PscRefused, PscUnavailable

ASSURANCE = "eidas1"
ACCEPTED = frozenset({"eidas1", "eidas2", "eidas3"})
SCOPES = "openid scope_all"
RPPS_PREFIX = "8"
"""PS_IdNat: 8 and the RPPS number; other digits name ADELI, FINESS or local numbers."""
RPPS_DIGITS = 11
LEEWAY_S = 60
"""Clocks differ."""
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class PscSettings:
    """How this platform is known there."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str

    def __repr__(self) -> str:
        """Without the secret."""
        return f"PscSettings(issuer={self.issuer!r}, client_id={self.client_id!r})"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the provider does what (OpenID Connect Discovery 1.0)."""

    authorization: str
    token: str
    userinfo: str
    jwks: str


def parse_discovery(document: Mapping[str, Any], issuer: str) -> Endpoints:
    """The addresses in a discovery document.  Raises PscUnavailable if it is another issuer's, or an address is bad."""
    if document.get("issuer") != issuer:
        raise PscUnavailable(why="issuer")
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    found = [document.get(name) for name in names]
    if not all(isinstance(address, str) and is_safe_address(address) for address in found):
        raise PscUnavailable(why="endpoints")
    return Endpoints(*(str(address) for address in found))


def is_safe_address(address: str) -> bool:
    """https, or http on this very machine (tests)."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS)


def compose_authorization(
    endpoint: str, settings: PscSettings, *, state: str, nonce: str, verifier: str, again: bool
) -> str:
    """Where to send the browser; `again`: even somebody who is signed in there proves who they are."""
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": settings.redirect_uri,
        "scope": SCOPES,
        "acr_values": ASSURANCE,
        "state": state,
        "nonce": nonce,
        "code_challenge": compose_challenge(verifier),
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if again else {}),
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def compose_challenge(verifier: str) -> str:
    """RFC 7636 §4.2."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def require_assurance(claims: Mapping[str, Any]) -> None:
    """Raises PscRefused unless the identity was proved as strongly as was asked."""
    if claims.get("acr") not in ACCEPTED:
        raise PscRefused(why="acr")


def require_recent(claims: Mapping[str, Any], since: datetime) -> None:
    """Raises PscRefused unless the person proved who they are at `since` or later (OpenID Connect Core §2)."""
    at_s = claims.get("auth_time")
    if not isinstance(at_s, int) or at_s + LEEWAY_S < since.timestamp():
        raise PscRefused(why="auth_time")


def read_rpps(id_claims: Mapping[str, Any], user_claims: Mapping[str, Any]) -> str:
    """The RPPS number, from SubjectNameID.

    Raises PscRefused if the two are not of one person (OpenID Connect Core §5.3.2), or it is no RPPS number.
    """
    if not id_claims.get("sub") or id_claims.get("sub") != user_claims.get("sub"):
        raise PscRefused(why="sub")
    number = user_claims.get("SubjectNameID")
    if not isinstance(number, str) or not number.isascii() or not number.isdigit():
        raise PscRefused(why="SubjectNameID")
    if len(number) != RPPS_DIGITS + 1 or not number.startswith(RPPS_PREFIX):
        raise PscRefused(why="SubjectNameID")
    return number[1:]
