"""What every group of calls stands on."""

from collections.abc import Callable
from ssl import SSLContext

from clients.desktop.policy import Policy
from clients.desktop.state import facts as f
from clients.desktop.store.desk import Desk
from clients.desktop.store.opened import OpenedFiles
from clients.desktop.store.profiles import Profile
from clients.desktop.sync.pump import Pump
from miss.base.clock import Clock
from miss.client import Client, Store


class Calls:
    """The parts of one open account."""

    profile: Profile
    clock: Clock
    policy: Policy
    store: Store
    client: Client
    desk: Desk
    pump: Pump
    opened: OpenedFiles
    verify: SSLContext
    """Whom to believe that the server is the server."""
    tell: Callable[[f.Fact], None]
