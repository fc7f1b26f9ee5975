"""What a restored server no longer has and this device still holds.  Pure."""

from collections.abc import Sequence

from clients.desktop.state.model import Loss, State


def latest(losses: Sequence[Loss]) -> int:
    """The restore that lost the last of them, from 1; 0 if nothing is lost."""
    return max((one.restoration for one in losses), default=0)


def unseen(state: State) -> tuple[Loss, ...]:
    """What a restore has lost since somebody closed the notice about the one before."""
    return tuple(one for one in state.losses if one.restoration > state.losses_seen)


def tally(losses: Sequence[Loss]) -> tuple[int, int]:
    """How many are lost for as long as their author does not bring them back, and how many leave from here again."""
    resent = sum(one.resent for one in losses)
    return len(losses) - resent, resent
