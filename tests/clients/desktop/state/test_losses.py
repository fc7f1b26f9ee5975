"""What a restored server no longer has: counted, said once for each restore, struck off when it is back."""

from clients.desktop.state import facts as f
from clients.desktop.state.losses import latest, tally, unseen
from clients.desktop.state.model import Loss
from clients.desktop.state.reduce import reduce
from tests.clients.desktop.values import CID, NOW, STATE

THEIRS = Loss(CID, "Plaie du talon", "Paul EXEMPLE", "Revoir lundi", NOW, restoration=1)
MINE = Loss(CID, "Plaie du talon", "", "D’accord", NOW, restoration=1, resent=True)
NEXT = Loss(CID, "Plaie du talon", "", "", NOW, restoration=2, has_files=True)


def test_it_is_said_until_it_was_read_and_again_after_the_next_restore() -> None:
    state = reduce(STATE, f.LossesTold((THEIRS, MINE), seen=0))
    assert unseen(state) == (THEIRS, MINE)
    assert tally(state.losses) == (1, 1)
    state = reduce(state, f.LossesSeen())
    assert unseen(state) == ()
    assert state.losses == (THEIRS, MINE), "the list stays"
    state = reduce(state, f.LossesTold((THEIRS, NEXT), seen=0))
    assert unseen(state) == (NEXT,), "what was read stays read, though the desk had not written it down yet"
    assert latest(state.losses) == 2
    state = reduce(state, f.LossesTold((), seen=1))
    assert unseen(state) == state.losses == ()
    assert latest(()) == 0
