"""The counts of several processes, in Redis (or Valkey).

Each question is one script, so each answer is of one moment; the clock is Redis's.  Everything has an end: a bucket is
gone when it is full again, what a process holds when the process has been silent for `HELD_FOR_S`.  Keys share one
hash tag: in a cluster of Redis they are on one node.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from miss.base.clock import monotonic_s
from miss.broker.counts import HELD_FOR_S, Balance, CountsAway, Spend

log = structlog.get_logger("miss.broker")

TIMEOUT_S = 0.5
PAUSE_S = 1.0
"""After a failure nobody waits for Redis for so long."""
BATCH = 500
"""Keys of one script: a millisecond or so of Redis, which does nothing else meanwhile."""
BUCKET, HELD = b"{miss}rate:", b"{miss}held"

_encode = msgspec.msgpack.Encoder().encode
_read_balances = msgspec.msgpack.Decoder(list[Balance]).decode

# GCRA (generic cell rate algorithm): of each bucket the moment, in microseconds, at which it will be full again.
# A moment further off than an owed burst was written before the clock was set back.  KEYS: what stands before each
# bucket's key.  ARGV: the spends; they and the answer are one MessagePack value each, which costs this process half
# of what as many arguments do.  Keys in hexadecimal: the library in Redis knows no bytes.
SPEND = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local answer = {}
for i, spend in ipairs(cmsgpack.unpack(ARGV[1])) do
    local key, burst, per_s, tokens, is_spent = KEYS[1] .. spend[1], spend[2], spend[3], spend[4], spend[5]
    local each = 1000000 / per_s
    local written = tonumber(redis.call('GET', key) or now)
    local full_at = math.min(math.max(written, now), now + 2 * burst * each)
    local left = burst - (full_at - now) / each
    local taken = is_spent or left >= tokens
    if taken and tokens > 0 or full_at < written then
        if taken then left = math.max(left - tokens, -burst) end
        local wait = (burst - left) * each
        redis.call('SET', key, string.format('%.0f', now + wait), 'PX', math.max(1, math.ceil(wait / 1000)))
    end
    answer[i] = {taken, left}
end
return cmsgpack.pack(answer)
"""

# KEYS: the holders by the end of their time, what this one holds.  ARGV: time to live in ms, the holder, 1 if all it
# holds follows, then keys and how many.  The field '' says that the holder is known, though it may hold nothing.
HOLD = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local is_known = redis.call('EXISTS', KEYS[2]) == 1
if not is_known and ARGV[3] ~= '1' then return false end
redis.call('HSET', KEYS[2], '', 1)
local keys = {}
for i = 4, #ARGV, 2 do
    keys[#keys + 1] = ARGV[i]
    if ARGV[i + 1] == '0' then
        redis.call('HDEL', KEYS[2], ARGV[i])
    else
        redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
    end
end
redis.call('PEXPIRE', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local totals = {}
for i = 1, #keys do totals[i] = 0 end
if #keys > 0 then
    for _, holder in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
        for i, held in ipairs(redis.call('HMGET', KEYS[1] .. ':' .. holder, unpack(keys))) do
            totals[i] = totals[i] + (tonumber(held) or 0)
        end
    end
end
return totals
"""


class RedisCounts:
    """See `Counts`."""

    def __init__(self, url: str) -> None:
        """`url`: as for `RedisBroker`."""
        self._redis = Redis.from_url(
            url,
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),  # a spend that may have been counted is not counted again
        )
        self._spend, self._hold = self._redis.register_script(SPEND), self._redis.register_script(HOLD)
        self._away_until_s = 0.0
        self._is_away = False

    async def spend(self, spends: Sequence[Spend]) -> list[Balance]:
        balances: list[Balance] = []
        for start in range(0, len(spends), BATCH):
            batch = spends[start : start + BATCH]
            asked = [(one.key.hex(), one.burst, one.per_s, one.tokens, one.is_spent) for one in batch]
            balances += _read_balances(await self._ask(self._spend, [BUCKET], [_encode(asked)]))
        return balances

    async def hold(self, holder: bytes, held: Mapping[bytes, int], changed: Collection[bytes]) -> dict[bytes, int]:
        totals = await self._say(holder, held, list(changed), is_all=False)
        if totals is None:
            totals = await self._say(holder, held, [*held, *(key for key in changed if key not in held)], is_all=True)
        return {key: (totals or {}).get(key, held.get(key, 0)) for key in changed}

    async def let_go(self, holder: bytes) -> None:
        if monotonic_s() < self._away_until_s:
            raise CountsAway
        try:
            await self._redis.delete(_held_by(holder))
        except (RedisError, OSError) as error:
            raise self._gone(error) from None

    async def close(self) -> None:
        await self._redis.aclose()

    async def _say(
        self, holder: bytes, held: Mapping[bytes, int], keys: Sequence[bytes], *, is_all: bool
    ) -> dict[bytes, int] | None:
        """The totals of `keys`; None if Redis has forgotten the holder, and is not told all."""
        totals: dict[bytes, int] = {}
        for start in range(0, max(len(keys), 1), BATCH):
            batch = keys[start : start + BATCH]
            said = [argument for key in batch for argument in (key, held.get(key, 0))]
            arguments = [int(HELD_FOR_S * 1000), holder, int(is_all), *said]
            answer = await self._ask(self._hold, [HELD, _held_by(holder)], arguments)
            if answer is None:
                return None
            totals |= zip(batch, answer, strict=True)
        return totals

    async def _ask(self, script: AsyncScript, keys: list[bytes], arguments: Sequence[object]) -> Any:
        """Raises CountsAway, at once while a failure is fresh."""
        if monotonic_s() < self._away_until_s:
            raise CountsAway
        try:
            answer = await script(keys, arguments)  # type: ignore[arg-type]  # redis-py wants numbers or bytes
        except (RedisError, OSError) as error:
            raise self._gone(error) from None
        if self._is_away:
            self._is_away = False
            log.info("broker.counts_back")
        return answer

    def _gone(self, error: Exception) -> CountsAway:
        if not self._is_away:
            self._is_away = True
            log.warning("broker.counts_away", error=type(error).__name__)
        self._away_until_s = monotonic_s() + PAUSE_S
        return CountsAway()


def _held_by(holder: bytes) -> bytes:
    return HELD + b":" + holder
