"""The steps of a probe and what a run amounts to.  Pure but for the stopwatch that it is lent."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from miss.base.errors import MissError
from miss.base.text import Text


class Verdict(IntEnum):
    """As monitoring programs read exit codes (the convention of Nagios plug-ins)."""

    FINE = 0
    SLOW = 1
    """Everything works; a step took longer than it may."""
    BROKEN = 2
    """A step failed: people meet that too."""
    UNKNOWN = 3
    """The probe itself could not run; nothing is known of the deployment."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that people do, tried."""

    name: str
    """Stable: the label of the figure."""
    text: Text
    seconds: float
    refusal: str = ""
    """Code of what went wrong; empty: it worked."""


@dataclass(frozen=True, slots=True)
class Run:
    """One probe, begun at an instant."""

    at: datetime
    steps: tuple[Step, ...]
    """In order; the last one is what failed, if something did."""

    def verdict(self, slow_s: float) -> Verdict:
        """`slow_s`: longer than that, a step is slow."""
        if any(step.refusal for step in self.steps):
            return Verdict.BROKEN
        return Verdict.SLOW if any(step.seconds > slow_s for step in self.steps) else Verdict.FINE


class StepStopped(Exception):
    """A step failed, and those after it make no sense."""


class Watch:
    """Times steps and keeps them."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """`now_s`: a clock that only goes forward, in seconds."""
        self._now_s = now_s
        self._steps: list[Step] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was tried so far."""
        return tuple(self._steps)

    @contextmanager
    def step(self, name: str, text: Text) -> Iterator[None]:
        """Try something.  Raises StepStopped for whatever goes wrong in a way that has a name, or takes too long."""
        began_s, refusal = self._now_s(), ""
        try:
            yield
        except MissError as error:
            refusal = error.code
        except TimeoutError:
            refusal = "timeout"
        except (LookupError, TypeError):
            refusal = "unexpected_answer"
        self._steps.append(Step(name, text, self._now_s() - began_s, refusal))
        if refusal:
            raise StepStopped(name)
