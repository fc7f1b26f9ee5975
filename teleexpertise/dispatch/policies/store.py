"""Queries on policies."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache

from pydantic import TypeAdapter
from sqlalchemy import Text, bindparam, cast
from sqlmodel import col, select

from miss.base.ids import PoolId
from miss.storage import Transaction
from miss.storage.direct import PortableStatement
from teleexpertise.dispatch.policies.model import Policy
from teleexpertise.dispatch.policies.tables import PoolPolicyRow

_POLICY = TypeAdapter(Policy)

OF_POOL = PortableStatement(
    select(cast(col(PoolPolicyRow.policy), Text)).where(col(PoolPolicyRow.pool_id) == bindparam("pool_id")),
    ("pool_id",),
)
"""What one pool says, if it says something: part of what dispatch asks about a request.  Its rows: `read`."""


def read(rows: Sequence[Sequence[str]]) -> Policy:
    """The rows of `OF_POOL`; an empty policy if there are none."""
    return _parsed(rows[0][0]) if rows else Policy()


@lru_cache(maxsize=256)
def _parsed(policy: str) -> Policy:
    """Pools say the same for months."""
    return _POLICY.validate_json(policy)


async def load(tx: Transaction, pool_ids: Collection[PoolId]) -> dict[PoolId, Policy]:
    """What each of them says; a pool that says nothing has an empty policy."""
    query = select(PoolPolicyRow).where(col(PoolPolicyRow.pool_id).in_(pool_ids))
    rows = await tx.exec(query.execution_options(populate_existing=True))
    said = {row.pool_id: _POLICY.validate_python(row.policy) for row in rows}
    return {pool_id: said.get(pool_id, Policy()) for pool_id in pool_ids}


async def put(tx: Transaction, pool_id: PoolId, policy: Policy, now: datetime) -> None:
    """Write a policy.  Under the pool's lock."""
    row = await tx.get(PoolPolicyRow, pool_id, populate_existing=True)
    if row is None:
        row = PoolPolicyRow(pool_id=pool_id, policy={}, changed_at=now)
    row.policy, row.changed_at = _POLICY.dump_python(policy, mode="json"), now
    tx.add(row)
    await tx.flush()
