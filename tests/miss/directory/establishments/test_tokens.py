"""Tokens of programs on a real database: shown once, recognised, revoked, another establishment's unknown."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.tokens import (
    ApiTokenNotFound,
    ApiTokenRefused,
    ApiTokens,
    TokenScope,
    TooManyApiTokens,
    bearer_of,
)
from miss.storage import Database

LILLE, ARRAS = OrganizationId("F599990009"), OrganizationId("F629990003")
SCIM = frozenset({TokenScope.SCIM})


@pytest.fixture
def tokens(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> ApiTokens:
    return ApiTokens(db, clock, random_bytes)


async def test_a_token_is_recognised_until_it_is_revoked(tokens: ApiTokens, db: Database, clock: MovableClock) -> None:
    issued = await tokens.issue(LILLE, SCIM, "  Annuaire   RH ", "cli:test")
    found = await tokens.find(issued.token)
    assert found is not None
    assert (found.organization_id, found.scopes, found.label) == (LILLE, SCIM, "Annuaire RH")
    assert found.last_used_at is not None
    assert await tokens.find(issued.token[:-1] + ("A" if issued.token[-1] != "A" else "B")) is None
    assert [one.id for one in await tokens.list_(LILLE)] == [issued.id]
    assert await tokens.list_(ARRAS) == []
    await tokens.revoke(issued.id, "cli:test", organization_id=LILLE)
    assert await tokens.find(issued.token) is None
    assert await tokens.list_(LILLE) == []
    with pytest.raises(ApiTokenNotFound):
        await tokens.revoke(issued.id, "cli:test")
    page = await AuditLog(db, clock).list_(subject=Subject("organization", LILLE))
    acts = [entry.fact.act for entry in page.entries if entry.fact]
    assert acts == ["establishment.token_revoked", "establishment.token_issued"]


async def test_another_establishment_cannot_revoke_it(tokens: ApiTokens) -> None:
    issued = await tokens.issue(LILLE, SCIM, "RH", "cli:test")
    with pytest.raises(ApiTokenNotFound):
        await tokens.revoke(issued.id, "cli:test", organization_id=ARRAS)
    assert await tokens.find(issued.token) is not None


async def test_the_secret_is_nowhere_in_the_database(tokens: ApiTokens, db: Database) -> None:
    issued = await tokens.issue(LILLE, SCIM, "RH", "cli:test")
    async with db.snapshot() as tx:
        rows = (await (await tx.connection()).execute(text("SELECT * FROM api_token"))).all()
    assert len(rows) == 1
    secret = issued.token.removeprefix("misst_").encode()
    assert all(secret not in (value if isinstance(value, bytes) else str(value).encode()) for value in rows[0])


async def test_use_is_noted_by_the_hour(tokens: ApiTokens, clock: MovableClock) -> None:
    issued = await tokens.issue(LILLE, SCIM, "RH", "cli:test")
    [before] = await tokens.list_(LILLE)
    assert before.last_used_at is None
    await tokens.find(issued.token)
    [first] = await tokens.list_(LILLE)
    clock.advance(timedelta(minutes=59))
    await tokens.find(issued.token)
    assert [one.last_used_at for one in await tokens.list_(LILLE)] == [first.last_used_at]
    clock.advance(timedelta(minutes=2))
    await tokens.find(issued.token)
    [later] = await tokens.list_(LILLE)
    assert later.last_used_at is not None
    assert first.last_used_at is not None
    assert later.last_used_at > first.last_used_at


async def test_what_is_no_token_is_refused(tokens: ApiTokens) -> None:
    for label, scopes in (("", SCIM), (" ", SCIM), ("a\x00b", SCIM), ("RH", frozenset[TokenScope]())):
        with pytest.raises(ApiTokenRefused):
            await tokens.issue(LILLE, scopes, label, "cli:test")
    for _ in range(20):
        await tokens.issue(LILLE, SCIM, "RH", "cli:test")
    with pytest.raises(TooManyApiTokens):
        await tokens.issue(LILLE, SCIM, "RH", "cli:test")
    await tokens.issue(ARRAS, SCIM, "RH", "cli:test")


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", ""), ("", ""), ("Bearer", "")],
)
def test_a_bearer_header_is_read(header: str, token: str) -> None:
    assert bearer_of(header) == token
