"""The notice of lost messages, closed by whoever sits at the desk."""

import pytest

from clients.desktop.state import facts as f
from clients.desktop.state.model import Loss
from clients.desktop.sync.pump import LOSSES_SEEN
from miss.directory.sample.people import ANNE_MODELE
from tests.clients.desktop.values import CID, NOW
from tests.clients.desktop.views.scene import Scene

pytestmark = pytest.mark.desktop


def test_once_closed_it_stays_closed_after_a_restart_too(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    scene.desktop.do(f.LossesTold((Loss(CID, "Talon", "", "Bonjour", NOW, restoration=3),), seen=0))
    scene.settle()
    scene.window.work.losses.buttons[1].click()
    kept: list[str] = []
    scene.desktop.core.ask(lambda account: account.setting(LOSSES_SEEN), kept.append)
    scene.until(lambda: kept)
    assert kept == ["3"]
