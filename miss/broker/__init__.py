"""The courier between processes, and what they count together.  It may lose anything: the database is the truth.

`memory` serves one process, `redis` several; the same contract tests run on both.  `Rates` are the token buckets that
each process spends from and all of them share (ADR 1, 28).
"""

from miss.broker.base import Broker, Handler
from miss.broker.counts import Counts, CountsAway
from miss.broker.memory import MemoryBroker
from miss.broker.rates import Rates
from miss.broker.redis import RedisBroker

__all__ = ["Broker", "Counts", "CountsAway", "Handler", "MemoryBroker", "Rates", "RedisBroker"]
