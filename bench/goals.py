"""What is asked of the chat, as ratios in one session; shown beside what was measured, reached or not.

Source: the goals of the performance design, repeated in docs/performance.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.figures import Key, ratio
from bench.rows import Mode, Row

Medians = Mapping[Key, Row]
OURS, THEIRS, LIMIT, TWO = "miss", "ejabberd", "fanout", "miss-two"


@dataclass(frozen=True, slots=True)
class Goal:
    """`must` and `goal` are upper bounds, unless `at_least`."""

    text: str
    measured: Callable[[Medians], float | None]
    must: float
    goal: float
    unit: str = "×"
    at_least: bool = False

    def verdict(self, value: float | None) -> str:
        """In a word."""
        if value is None:
            return "not measured"
        if self._holds(value, self.goal):
            return "goal reached"
        return "reached" if self._holds(value, self.must) else "**missed**"

    def _holds(self, value: float, bound: float) -> bool:
        return value >= bound if self.at_least else value <= bound


def figure(medians: Medians, name: str, peer: str, mode: Mode, rate_per_s: float = 0.0) -> float | None:
    """One median; None if it was not measured."""
    row = medians.get((peer, mode, rate_per_s))
    return None if row is None else getattr(row, name)


def _of(name: str, mode: Mode, rate_per_s: float = 0.0) -> Callable[[Medians], float | None]:
    return lambda medians: figure(medians, name, OURS, mode, rate_per_s)


def _against(
    other: str, name: str, mode: Mode, rate_per_s: float = 0.0, ours: str = OURS
) -> Callable[[Medians], float | None]:
    return lambda medians: ratio(
        figure(medians, name, ours, mode, rate_per_s), figure(medians, name, other, mode, rate_per_s)
    )


CPU = "server_cpu_s_per_1000_deliveries"
GOALS = (
    Goal("CPU saturated, of ejabberd's", _against(THEIRS, CPU, Mode.SATURATED), 0.16, 1 / 16),
    Goal("CPU saturated, of a bare fan-out's", _against(LIMIT, CPU, Mode.SATURATED), 2.5, 2.5),
    Goal("CPU sparse, of ejabberd's", _against(THEIRS, CPU, Mode.SPARSE), 0.35, 0.2),
    Goal("CPU at 1,000/s, of ejabberd's", _against(THEIRS, CPU, Mode.RATE, 1000.0), 0.7, 0.5),
    Goal(
        "messages accepted a second and core, of ejabberd's",
        _against(THEIRS, "accepted_per_s", Mode.SATURATED),
        5.8,
        15,
        at_least=True,
    ),
    Goal("p50 at 1,000/s", _of("p50_ms", Mode.RATE, 1000.0), 4, 1.5, "ms"),
    Goal("p99 at 1,000/s", _of("p99_ms", Mode.RATE, 1000.0), 10, 6, "ms"),
    Goal("p99.9 at 1,000/s", _of("p999_ms", Mode.RATE, 1000.0), 30, 15, "ms"),
    Goal("p50 at 500/s, of ejabberd's", _against(THEIRS, "p50_ms", Mode.RATE, 500.0), 0.7, 0.5),
    Goal("p99 at 500/s, of ejabberd's", _against(THEIRS, "p99_ms", Mode.RATE, 500.0), 0.7, 0.5),
    Goal("p99.9 at 500/s, of ejabberd's", _against(THEIRS, "p999_ms", Mode.RATE, 500.0), 0.7, 0.5),
    Goal("memory of an idle connection", _of("kb_per_connection", Mode.IDLE), 40, 30, "kB"),
    Goal("catch-up of 1,000 messages", _of("p50_ms", Mode.CATCHUP), 15, 8, "ms"),
    Goal(
        "logins a second, of ejabberd's",
        _against(THEIRS, "accepted_per_s", Mode.CONNECT),
        1.9,
        2.8,
        at_least=True,
    ),
    Goal("CPU of two processes through Redis, of one's", _against(OURS, CPU, Mode.SATURATED, ours=TWO), 1.6, 1.25),
    Goal("list of 5,000 conversations", _of("p50_ms", Mode.LIST), 1000, 300, "ms"),
)
