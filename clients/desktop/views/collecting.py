"""Garbage is collected in the windows' thread only.

Python collects cycles in whatever thread happens to allocate; a widget that is part of one would then be destroyed by
the core's thread, which Qt does not survive.  So the automatic collector is off while windows exist, and a timer
asks, as often as the automatic one would.
"""

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

EVERY_MS: Final = 2000


class Collector(QObject):
    """Collects while it lives; `end` gives the work back."""

    def __init__(self) -> None:
        super().__init__()
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the generations that are due."""
        counts = gc.get_count()
        due = [rank for rank, most in enumerate(self._thresholds) if counts[rank] > most]
        if due:
            gc.collect(due[-1])

    def end(self) -> None:
        """The windows are gone."""
        self._timer.stop()
        gc.collect()
        gc.enable()
