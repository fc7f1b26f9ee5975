"""Every peer by its name."""

from collections.abc import Callable, Mapping

from bench.engines import NotStarted
from bench.peers.base import Peer, Place
from bench.peers.ejabberd import EjabberdPeer
from bench.peers.fanout import FanoutPeer
from bench.peers.miss import MissPeer
from bench.peers.prosody import ProsodyPeer

Maker = Callable[[str, Place], Peer]

PEERS: Mapping[str, Maker] = {
    "miss": lambda name, place: MissPeer(name, place),
    "miss-sqlite": lambda name, place: MissPeer(name, place, on_sqlite=True),
    "miss-two": lambda name, place: MissPeer(name, place, processes=2),
    "miss-markers": lambda name, place: MissPeer(name, place, markers_every_s=1.0),
    "ejabberd": lambda name, place: EjabberdPeer(name, place),
    "ejabberd-sqlite": lambda name, place: EjabberdPeer(name, place, on_sqlite=True),
    "prosody": lambda name, place: ProsodyPeer(name, place),
    "fanout": lambda name, place: FanoutPeer(name, place, "uvicorn"),
    "fanout-asgi": lambda name, place: FanoutPeer(name, place, "asgi"),
    "fanout-picows": lambda name, place: FanoutPeer(name, place, "picows"),
}


def make_peer(name: str, place: Place) -> Peer:
    """Raises NotStarted for a name that nobody has, or a program that is not installed."""
    if name not in PEERS:
        raise NotStarted(f"no peer is called {name!r}: {', '.join(PEERS)}")
    return PEERS[name](name, place)
