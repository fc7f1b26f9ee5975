"""What the operator sees of the chat: counts, sizes and times, of nobody in particular."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BATCH_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
FLUSH_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)


class ChatMetrics:
    """The chat's figures, in the registry of the house."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._batch = Histogram(
            "miss_chat_batch_envelopes",
            "Envelopes stored by one transaction.",
            buckets=BATCH_BUCKETS,
            registry=registry,
        )
        self._flush_s = Histogram(
            "miss_chat_flush_seconds", "Time of one such transaction.", buckets=FLUSH_BUCKETS_S, registry=registry
        )
        self.sockets = Gauge("miss_chat_sockets", "Authenticated sockets of this process.", registry=registry)
        self.polls = Counter("miss_chat_gap_polls", "Looks at the list of publications.", registry=registry)
        self.repairs = Counter("miss_chat_gap_repairs", "Lost publications found by them.", registry=registry)
        self.refused = Counter(
            "miss_chat_refusals", "Frames and requests refused, by code.", labelnames=("code",), registry=registry
        )

    def flushed(self, envelopes: int, seconds: float) -> None:
        """A transaction of that many envelopes was committed."""
        self._batch.observe(envelopes)
        self._flush_s.observe(seconds)
