"""What is kept of lines that were drawn."""

import pytest

from clients.desktop.state import facts as f
from tests.clients.desktop.values import CID, message
from tests.clients.desktop.views.scene import Scene

pytestmark = pytest.mark.desktop


def test_of_a_line_that_changes_a_hundred_times_little_is_kept(told: Scene) -> None:
    messages = told.window.work.pane.messages
    for version in range(300):
        told.desktop.do(f.MessagesTold(CID, (message(2, text=f"Version {version}"),)))
        told.settle()
        messages.grab()
    assert messages.lines_model.place_of(2) is not None
    kept = messages._delegate
    assert len(kept._sizes) <= 2 * len(messages.lines_model.lines) + 80
    assert len(kept._texts) <= 80
