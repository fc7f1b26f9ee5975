"""Figures on what arrives: how it ended, never what it was."""

import contextlib
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter

from miss.mail.errors import MailRefused


class Arrivals:
    """`miss_mails_in_total`, by outcome: kept, ignored, report, brought_again, set_aside, or the refusal's code."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Without a registry nothing is published."""
        self._outcomes = Counter(
            "miss_mails_in", "Mails brought to us, by what became of them.", ["outcome"], registry=registry
        )

    def count(self, outcome: str) -> None:
        """One more."""
        self._outcomes.labels(outcome).inc()

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is refused meanwhile."""
        try:
            yield
        except MailRefused as refused:
            self.count(refused.code)
            raise
