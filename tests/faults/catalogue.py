"""The faults.  Each strikes, ends what it began, and says how long the service took to be whole again.

Unless a fault says otherwise, whole again means: every writer was answered on a message sent (or sent again) after
the cause had ended.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.faults.scene import Scene
from tests.faults.strikes import broker, clients, servers, store


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind."""

    name: str
    strike: Callable[[Scene, Random], Awaitable[float]]
    """Returns seconds of recovery."""
    is_possible: Callable[[Scene], bool] = lambda _scene: True
    weight: int = 2
    """How often it is drawn."""
    waits: bool = False
    """Over only when somebody has lost patience, ten seconds and more: the short form leaves it out."""


def faults_for(scene: Scene) -> Sequence[Fault]:
    """Those that can strike here, in the order of the catalogue."""
    return [fault for fault in CATALOGUE if fault.is_possible(scene)]


def _on_postgresql(scene: Scene) -> bool:
    return scene.database is not None


def _on_sqlite(scene: Scene) -> bool:
    return scene.database is None


def _on_small_disk(scene: Scene) -> bool:
    return scene.disk is not None


CATALOGUE = (
    Fault("server killed (-9)", servers.kill_server, weight=8),
    Fault("server restarted", servers.restart_server),
    Fault("server stopped (SIGSTOP)", servers.stall_server),
    Fault("server's clock jumps", servers.move_clock),
    Fault("PostgreSQL restarted (immediate)", store.restart_database, _on_postgresql, weight=4),
    Fault("PostgreSQL cut off from a server", store.cut_database, _on_postgresql, weight=4),
    Fault("PostgreSQL held from a server", store.hold_database, _on_postgresql),
    Fault("PostgreSQL lost without a word", store.lose_database, _on_postgresql, waits=True),
    Fault("PostgreSQL slow", store.slow_database, _on_postgresql),
    Fault("senders repeat elsewhere", store.repeat_elsewhere, _on_postgresql),
    Fault("disk full", store.fill_disk, _on_small_disk),
    Fault("writes fail", store.fail_writes, _on_sqlite),
    Fault("Valkey killed (-9)", broker.kill_broker, _on_postgresql),
    Fault("Valkey flushed", broker.flush_broker, _on_postgresql, weight=4),
    Fault("Valkey cut off from a server", broker.cut_broker, _on_postgresql, weight=4),
    Fault("Valkey held from a server", broker.hold_broker, _on_postgresql),
    Fault("Valkey lost without a word", broker.lose_broker, _on_postgresql),
    Fault("Valkey stopped (SIGSTOP)", broker.stall_broker, _on_postgresql),
    Fault("everybody reconnects", clients.reconnect_all, weight=4),
    Fault("clients gone without a word", clients.vanish, waits=True),
    Fault("slow reader", clients.read_slowly),
)
