"""What PostgreSQL says when the same statement may succeed a moment later, and when it will not."""

import asyncpg
import pytest

from miss.storage.outages import is_astray, is_away


@pytest.mark.parametrize("sqlstate", ["08006", "25006", "25P03", "53100", "53300", "55P03", "57P01", "57P03", "58030"])
def test_it_is_away(sqlstate: str) -> None:
    assert is_away(sqlstate)


@pytest.mark.parametrize("sqlstate", [None, "", "22001", "23505", "25P02", "42601"])
def test_the_statement_is_wrong(sqlstate: str | None) -> None:
    assert not is_away(sqlstate)


@pytest.mark.parametrize("error", [asyncpg.ReadOnlySQLTransactionError(), asyncpg.InternalClientError()])
def test_the_connection_leads_nowhere(error: Exception) -> None:
    assert is_astray(error)


@pytest.mark.parametrize("error", [None, asyncpg.UniqueViolationError(), asyncpg.InterfaceError("misused"), OSError()])
def test_the_connection_may_be_used_again(error: Exception | None) -> None:
    assert not is_astray(error)
