"""What all members of a run share."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.letters import ReceiptCheck
from tests.faults.tally import Tally


@dataclass(slots=True)
class Style:
    """How the writers write."""

    window: int = 1
    """Messages of one writer that wait for their ack."""
    think_s: float = 0.0
    """From an ack to the next message."""


@dataclass(slots=True)
class Platform:
    """What all members of a run share."""

    ports: Sequence[int]
    """Of the servers; a member takes any of them."""
    host: str
    """The name that device signatures cover."""
    receipts: ReceiptCheck
    tally: Tally
    style: Style
