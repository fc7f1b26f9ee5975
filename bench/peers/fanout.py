"""The bare fan-out on a WebSocket layer: the limit that no server on this layer passes."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec

from bench.engines import OUR_PYTHON, NotStarted, free_port, program
from bench.load.fanout_target import envelope_bytes
from bench.load.spec import Protocol as Wire
from bench.peers.base import Place, Served
from bench.rows import Mode
from bench.scale import Scale

FRAME_OVERHEAD_BYTES = 55
ACK_BYTES = 330
"""About what an `ack` with its deposit receipt takes."""


class FanoutPeer:
    """See `Peer`."""

    wire = Wire.FANOUT
    modes = frozenset({Mode.SATURATED, Mode.SPARSE})
    durability = "none: nothing is stored"
    markers_every_s = 0.0

    def __init__(self, name: str, place: Place, layer: str) -> None:
        """`layer`: see `bench.fanout_server`."""
        self.name = name
        self._place = place
        self._layer = layer
        self._scale: Scale | None = None

    def versions(self) -> Mapping[str, str]:
        """See `Peer`."""
        return {name: version(name) for name in (("picows",) if self._layer == "picows" else ("uvicorn", "websockets"))}

    def prepare(self, scale: Scale, modes: tuple[Mode, ...]) -> None:
        """See `Peer`."""
        if self._layer == "picows" and find_spec("picows") is None:
            raise NotStarted("picows is not installed: pip install picows")
        self._scale = scale
        self._place.folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def serving(self, mode: Mode) -> Iterator[Served]:
        """See `Peer`."""
        assert self._scale is not None
        port = free_port()
        frame_bytes = envelope_bytes(self._scale.payload_bytes) + FRAME_OVERHEAD_BYTES
        options = {"port": port, "group": self._scale.group, "frame-bytes": frame_bytes, "ack-bytes": ACK_BYTES}
        command = [sys.executable, "-m", "bench.fanout_server", f"--layer={self._layer}"]
        command += [f"--{name}={value}" for name, value in options.items()]
        log = self._place.folder / f"{self.name}.log"
        with program(command, core=self._place.core, log=log, port=port, environment=OUR_PYTHON) as pid:
            yield Served(ports=(port,), pids=(pid,))
