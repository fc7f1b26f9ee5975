"""A token of an establishment's program, what is kept of it, and how it arrives (RFC 6750 §2.1).  Pure.

A token is 256 random bits behind a prefix by which scanners of leaked secrets know it.  It is shown once; its hash is
kept, without a salt: there is nothing to guess in it.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes

PREFIX = "misst_"
SECRET_BYTES = 32
LABEL_LENGTH = 80
_PERSON = b"miss.api.token"


class TokenScope(StrEnum):
    """What a program may do in its establishment's name."""

    SCIM = "scim"
    """Say who works there: create, change and remove its staff (RFC 7644)."""
    DIRECTORY_READ = "directory_read"
    """Search the directory."""
    MOVEMENTS = "movements"
    """Announce what happens to its patients: admission, transfer, discharge, death."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """One living token."""

    id: str
    organization_id: OrganizationId
    label: str
    """The program that uses it, in the words of who asked for it."""
    scopes: frozenset[TokenScope]
    issued_at: datetime
    issued_by: str
    """Actor, as in the access log."""
    last_used_at: datetime | None
    """To the hour; None: never used."""

    @property
    def actor(self) -> str:
        """How the access log names what this program does."""
        return f"token:{self.id}"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A fresh token: `token` is shown once."""

    id: str
    token: str


def compose_token(random_bytes: RandomBytes) -> str:
    """A fresh token."""
    return PREFIX + urlsafe_b64encode(random_bytes(SECRET_BYTES)).rstrip(b"=").decode()


def hash_api_token(token: str) -> bytes:
    """Under which a token is kept, 32 bytes."""
    return blake2b(token.encode("utf-8", "replace"), digest_size=32, person=_PERSON).digest()


def bearer_of(authorization: str) -> str:
    """The token in an Authorization header (`Bearer …`, RFC 6750 §2.1); empty if there is none."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
