"""What a malicious server may do to a client, one line each, and by which name it is found out.

Every line is played on the real server behind the proxy of `middle.py`, with the operator's own working keys in the
forger's hands.  Each time: the lie was told; it was noticed under the expected name; nothing that was shown is false;
nothing crashed or hung; and once the server is honest again, both sides write and read.
"""

from contextlib import AsyncExitStack

import pytest

from tests.attacks import on_account, on_answers, on_chains, on_commits, on_log, on_messages, on_restores
from tests.attacks.forge import Forger
from tests.attacks.middle import Lie
from tests.attacks.mutation import Mutation
from tests.attacks.plays import Cast
from tests.attacks.scene import Scene, recover
from tests.attacks.watch import Watch

CATALOGUE = [
    line
    for part in (on_chains, on_commits, on_messages, on_log, on_answers, on_account, on_restores)
    for line in part.CATALOGUE
]


@pytest.mark.parametrize("line", CATALOGUE, ids=lambda line: line.name)
async def test_mutation(scene: Scene, line: Mutation) -> None:
    lie = line.lie(scene, Forger(scene.place))
    async with AsyncExitStack() as stack:
        victim, other = await line.play(Cast(scene, stack, lie))
        await victim.until(lambda: line.expected in victim.names)
        # The client may know by another way, before the server has come to its lie.
        await victim.settle()
        assert lie.told
        scene.require_truth(victim)
        scene.middle.lie = Lie()
        if line.recovers and not line.reopens:
            await recover(scene, victim, other)
            require_restored(scene, line, victim)
    if line.reopens:
        async with scene.honest("anne") as anne, scene.deceived("paul") as paul:
            await recover(scene, paul, anne)
            require_restored(scene, line, paul)


def require_restored(scene: Scene, line: Mutation, victim: Watch) -> None:
    """What is shown is true and, if the line says so, complete."""
    scene.require_truth(victim)
    if line.heals:
        assert {text for _, text in scene.written} <= set(victim.texts(scene.cid))


def test_every_line_has_a_name_of_its_own() -> None:
    names = [line.name for line in CATALOGUE]
    assert len(set(names)) == len(names)
