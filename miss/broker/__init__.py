"""The courier between processes.  It may lose anything: the database is the truth (ADR 1).

`memory` serves one process, `redis` several; the same contract tests run on both.
"""

from miss.broker.base import Broker, Handler
from miss.broker.memory import MemoryBroker
from miss.broker.redis import RedisBroker

__all__ = ["Broker", "Handler", "MemoryBroker", "RedisBroker"]
