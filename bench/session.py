"""One session: every peer in every mode, in turn, so that whatever the machine does meanwhile happens to all.

    for each run: for each mode: peer A, peer B, …

Each measurement has a fresh server on fresh data.  The server's whole tree runs on one core, the load on another.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

import msgspec

from bench.engines import OUR_PYTHON, ROOT
from bench.load.spec import Measured, Spec
from bench.machine import describe
from bench.peers.base import Peer, Served
from bench.rows import Mode, Row
from bench.scale import Scale

Tell = Callable[[str], None]
BUSY_SHARE = 0.9
_LOAD_TIMEOUT_S = 900.0


class LoadFailed(RuntimeError):
    """The load ended with an error: its text."""


def run_session(
    peers: Sequence[Peer], scale: Scale, modes: tuple[Mode, ...], *, load_core: int, tell: Tell
) -> Iterator[Row]:
    """Each row as soon as it is measured.  A measurement that fails is told and skipped; the others go on.

    Raises NotStarted if a peer cannot be prepared.
    """
    machine = describe()
    for peer in peers:
        tell(f"{peer.name}: preparing")
        peer.prepare(scale, tuple(mode for mode in modes if mode in peer.modes))
    versions = {peer.name: {**peer.versions(), **machine} for peer in peers}
    for run in range(1, scale.runs + 1):
        for mode, rate in scale.in_one_run(modes):
            if mode is Mode.IDLE and run > 1:
                # Memory does not vary from run to run, and 10,000 connections take their time.
                continue
            for peer in peers:
                if mode not in peer.modes:
                    continue
                try:
                    with peer.serving(mode) as served:
                        measured = run_load(compose_spec(peer, served, scale, mode, rate), load_core)
                except (LoadFailed, OSError, RuntimeError, subprocess.SubprocessError) as error:
                    tell(f"{peer.name} {mode} {rate or ''}: failed: {error}")
                    continue
                row = compose_row(peer, scale, mode, rate, run, measured, versions[peer.name])
                tell(_line(row, measured))
                yield row


def compose_spec(peer: Peer, served: Served, scale: Scale, mode: Mode, rate_per_s: float) -> Spec:
    """What the load is told."""
    return Spec(
        protocol=peer.wire,
        mode=mode,
        ports=served.ports,
        server_pids=served.pids,
        users=scale.users_of(mode),
        group=scale.group,
        world=served.world,
        domain=served.domain,
        rooms_domain=served.rooms_domain,
        payload_bytes=scale.payload_bytes,
        offered_per_s=rate_per_s,
        warm_up_s=scale.warm_up_s,
        measure_s=scale.measure_s,
        missed=scale.missed,
        repeats=scale.repeats,
        markers_every_s=peer.markers_every_s,
    )


def run_load(spec: Spec, core: int) -> Measured:
    """Measure in a process of its own on `core`.  Raises LoadFailed."""
    done = subprocess.run(
        ["taskset", "-c", str(core), sys.executable, "-m", "bench.load"],
        input=msgspec.json.encode(spec),
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **OUR_PYTHON},
        timeout=_LOAD_TIMEOUT_S,
    )
    if done.returncode:
        raise LoadFailed(done.stderr.decode(errors="replace").strip()[-1500:])
    return msgspec.json.decode(done.stdout, type=Measured)


def compose_row(
    peer: Peer, scale: Scale, mode: Mode, rate_per_s: float, run: int, measured: Measured, versions: dict[str, str]
) -> Row:
    """The row of one measurement.  Latencies of a server that falls behind the offered rate are null: they grow with
    the length of the measurement and say nothing else."""
    accepted_per_s = measured.accepted / measured.measured_s if measured.measured_s else None
    overloaded = mode is Mode.RATE and accepted_per_s is not None and accepted_per_s < 0.95 * rate_per_s
    counted = measured.accepted if mode is Mode.CONNECT else measured.deliveries
    return Row(
        peer=peer.name,
        mode=mode,
        run=run,
        users=scale.users_of(mode),
        group=0 if mode in (Mode.IDLE, Mode.CONNECT) else 2 if mode is Mode.LIST else scale.group,
        payload_bytes=scale.payload_bytes,
        offered_per_s=rate_per_s or None,
        accepted_per_s=accepted_per_s,
        deliveries_per_s=measured.deliveries / measured.measured_s if measured.deliveries else None,
        server_cpu_s_per_1000_deliveries=1000 * measured.server_cpu_s / counted if counted else None,
        p50_ms=None if overloaded else measured.p50_ms,
        p99_ms=None if overloaded else measured.p99_ms,
        p999_ms=None if overloaded else measured.p999_ms,
        kb_per_connection=measured.kb_per_connection,
        versions=versions,
        durability=peer.durability,
    )


def _line(row: Row, measured: Measured) -> str:
    """One measurement on one line, for whoever watches."""
    parts = [f"{row.peer:16} {row.mode:9} {row.offered_per_s or '':>6} run {row.run}:"]
    figures = (
        (row.accepted_per_s, "{:,.0f}/s"),
        (row.server_cpu_s_per_1000_deliveries, "CPU {:.4f}"),
        (row.p50_ms, "p50 {:.2f}"),
        (row.p99_ms, "p99 {:.2f}"),
        (row.p999_ms, "p999 {:.2f} ms"),
        (row.kb_per_connection, "{:.1f} kB"),
    )
    parts += [form.format(value) for value, form in figures if value is not None]
    if measured.load_cpu_share > BUSY_SHARE and row.mode is not Mode.RATE:
        parts.append(f"(the load used {measured.load_cpu_share:.0%} of its core)")
    parts += [f"PROBLEM: {problem}" for problem in measured.problems]
    return "  ".join(parts)
