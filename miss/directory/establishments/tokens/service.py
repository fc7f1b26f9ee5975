"""Tokens of an establishment's programs: issued, recognised, revoked.  Issuing and revoking are in the access log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.tokens import store
from miss.directory.establishments.tokens.errors import ApiTokenNotFound, ApiTokenRefused, TooManyApiTokens
from miss.directory.establishments.tokens.model import (
    LABEL_LENGTH,
    PREFIX,
    ApiToken,
    IssuedToken,
    TokenScope,
    compose_token,
    hash_api_token,
)
from miss.storage import Database

MAX_TOKENS = 20
"""Of one establishment."""
USE_NOTED_EVERY = timedelta(hours=1)


class ApiTokens:
    """Which organisation's program speaks."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._audit = AuditLog(db, clock)

    async def issue(
        self, organization_id: OrganizationId, scopes: frozenset[TokenScope], label: str, by: str
    ) -> IssuedToken:
        """A fresh token.  `by`: actor of the access log.  Raises ApiTokenRefused, TooManyApiTokens."""
        label = " ".join(label.split())[:LABEL_LENGTH]
        if not label or not label.isprintable() or not scopes:
            raise ApiTokenRefused
        now, secret = self._clock.now(), compose_token(self._random_bytes)
        token = ApiToken(
            id=new_row_id(now, self._random_bytes),
            organization_id=organization_id,
            label=label,
            scopes=scopes,
            issued_at=now,
            issued_by=by,
            last_used_at=None,
        )
        async with self._db.transaction() as tx:
            if len(await store.list_tokens(tx, organization_id, MAX_TOKENS)) >= MAX_TOKENS:
                raise TooManyApiTokens(limit=MAX_TOKENS)
            await store.insert_token(tx, token, hash_api_token(secret))
            said = f"{token.id} {','.join(sorted(scopes))} {label}"
            subject = Subject("organization", organization_id)
            self._audit.append(tx, actor=by, act="establishment.token_issued", subject=subject, detail=said)
        return IssuedToken(token.id, secret)

    async def find(self, token: str) -> ApiToken | None:
        """Whose token this is; None: nobody's, or revoked.  What it may do is in its `scopes`."""
        if not token.startswith(PREFIX):
            return None
        async with self._db.snapshot() as tx:
            found = await store.find_token(tx, hash_api_token(token))
        if found is None:
            return None
        now = self._clock.now()
        if found.last_used_at is not None and now - found.last_used_at < USE_NOTED_EVERY:
            return found
        async with self._db.transaction() as tx:
            await store.mark_used(tx, found.id, now)
        return replace(found, last_used_at=now)

    async def list_(self, organization_id: OrganizationId) -> Sequence[ApiToken]:
        """The living tokens of an organisation, newest first; at most `MAX_TOKENS`."""
        async with self._db.snapshot() as tx:
            return await store.list_tokens(tx, organization_id, MAX_TOKENS)

    async def revoke(self, token_id: str, by: str, *, organization_id: OrganizationId | None = None) -> None:
        """End a token; it opens nothing from now on.

        `organization_id`: whose it has to be; another one's does not exist.  Raises ApiTokenNotFound.
        """
        async with self._db.transaction() as tx:
            token = await store.find_living(tx, token_id)
            if token is None or organization_id not in (None, token.organization_id):
                raise ApiTokenNotFound
            if not await store.mark_revoked(tx, token.id, self._clock.now()):
                raise ApiTokenNotFound
            subject = Subject("organization", token.organization_id)
            said = f"{token.id} {token.label}"
            self._audit.append(tx, actor=by, act="establishment.token_revoked", subject=subject, detail=said)
