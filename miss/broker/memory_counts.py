"""The counts of a single process, for which nobody is asked."""

from collections.abc import Collection, Mapping, Sequence

from miss.base.clock import monotonic_s
from miss.broker.counts import HELD_FOR_S, Balance, Spend

SWEEP_AT = 10_000
"""Buckets that are full again are forgotten once that many are known, then at each doubling."""


class MemoryCounts:
    """See `Counts`."""

    def __init__(self) -> None:
        # As in Redis (GCRA): of each bucket the moment at which it will be full again.
        self._full_at_s: dict[bytes, float] = {}
        self._sweep_at = SWEEP_AT
        self._held: dict[bytes, tuple[float, dict[bytes, int]]] = {}

    async def spend(self, spends: Sequence[Spend]) -> list[Balance]:
        now_s = monotonic_s()
        balances = [self._spend(spend, now_s) for spend in spends]
        if len(self._full_at_s) > self._sweep_at:
            self._full_at_s = {key: at_s for key, at_s in self._full_at_s.items() if at_s > now_s}
            self._sweep_at = max(SWEEP_AT, 2 * len(self._full_at_s))
        return balances

    async def hold(self, holder: bytes, held: Mapping[bytes, int], changed: Collection[bytes]) -> dict[bytes, int]:
        now_s = monotonic_s()
        self._held = {who: (end_s, has) for who, (end_s, has) in self._held.items() if end_s > now_s}
        _, has = self._held.get(holder) or (0.0, dict(held))
        has |= {key: held.get(key, 0) for key in changed}
        self._held[holder] = now_s + HELD_FOR_S, {key: count for key, count in has.items() if count}
        return {key: sum(has.get(key, 0) for _, has in self._held.values()) for key in changed}

    async def let_go(self, holder: bytes) -> None:
        self._held.pop(holder, None)

    async def close(self) -> None:
        self._full_at_s.clear()
        self._held.clear()

    def _spend(self, spend: Spend, now_s: float) -> Balance:
        full_at_s = max(self._full_at_s.get(spend.key, now_s), now_s)
        left = spend.burst - (full_at_s - now_s) * spend.per_s
        if not spend.is_spent and left < spend.tokens:
            return Balance(False, left)
        left = max(left - spend.tokens, -spend.burst)
        self._full_at_s[spend.key] = now_s + (spend.burst - left) / spend.per_s
        return Balance(True, left)
