"""A whole session, small: real processes, each on its core, taking turns."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from bench.__main__ import main
from bench.engines import ROOT, NotStarted
from bench.load.spec import Measured
from bench.peers.base import Peer, Place
from bench.peers.catalogue import make_peer
from bench.report import PAGE
from bench.rows import Mode, write_rows
from bench.scale import FULL, QUICK, Scale
from bench.session import compose_row, run_session
from tests.bench.test_rows import ROW

TINY = Scale(runs=1, users=20, sparse_users=20, warm_up_s=0.1, measure_s=0.3)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, 0, tmp_path / "seeds")


def test_peers_take_turns_in_every_mode(place: Place) -> None:
    told: list[str] = []
    peers = [make_peer("fanout", place), make_peer("fanout-asgi", place)]
    modes = (Mode.SATURATED, Mode.RATE, Mode.SPARSE)
    last_core = len(os.sched_getaffinity(0)) - 1
    rows = list(run_session(peers, TINY, modes, load_core=last_core, tell=told.append))
    assert [(row.peer, row.mode) for row in rows] == [
        ("fanout", Mode.SATURATED),
        ("fanout-asgi", Mode.SATURATED),
        ("fanout", Mode.SPARSE),
        ("fanout-asgi", Mode.SPARSE),
    ]
    assert not [line for line in told if "PROBLEM" in line or "failed" in line]
    for row in rows:
        assert row.accepted_per_s is not None
        assert row.deliveries_per_s is not None
        assert row.accepted_per_s > 0
        assert row.deliveries_per_s == pytest.approx(9 * row.accepted_per_s, rel=0.2)
        assert row.server_cpu_s_per_1000_deliveries is not None
        assert "uvicorn" in row.versions


def test_every_mode_and_rate_is_measured_once_a_run() -> None:
    assert FULL.in_one_run(tuple(Mode)).count((Mode.RATE, 1000.0)) == 1
    assert len(FULL.in_one_run(tuple(Mode))) == len(Mode) + 1
    assert QUICK.in_one_run((Mode.IDLE,)) == [(Mode.IDLE, 0.0)]
    assert FULL.runs == 3


@pytest.fixture
def peer(place: Place) -> Peer:
    return make_peer("fanout", place)


VERSIONS: Mapping[str, str] = {"miss": "0.1.0"}


def test_a_row_is_what_was_measured(peer: Peer) -> None:
    measured = Measured(
        measured_s=2.0, accepted=200, deliveries=1800, server_cpu_s=0.9, p50_ms=1.0, p99_ms=2.0, p999_ms=3.0
    )
    row = compose_row(peer, FULL, Mode.RATE, 100.0, 2, measured, dict(VERSIONS))
    assert (row.accepted_per_s, row.deliveries_per_s, row.server_cpu_s_per_1000_deliveries) == (100, 900, 0.5)
    assert (row.run, row.users, row.group, row.offered_per_s, row.p999_ms) == (2, 200, 10, 100.0, 3.0)


def test_a_server_that_falls_behind_has_no_latency(peer: Peer) -> None:
    measured = Measured(measured_s=1.0, accepted=94, deliveries=9, p50_ms=1.0, p99_ms=2.0, p999_ms=3.0)
    row = compose_row(peer, FULL, Mode.RATE, 100.0, 1, measured, dict(VERSIONS))
    assert (row.p50_ms, row.p99_ms, row.p999_ms, row.accepted_per_s) == (None, None, None, 94)
    kept = compose_row(peer, FULL, Mode.SATURATED, 0.0, 1, measured, dict(VERSIONS))
    assert kept.p50_ms == 1.0
    assert kept.offered_per_s is None


def test_logins_cost_cpu_by_the_thousand(peer: Peer) -> None:
    measured = Measured(measured_s=1.0, accepted=500, server_cpu_s=0.5, p50_ms=1.0)
    row = compose_row(peer, FULL, Mode.CONNECT, 0.0, 1, measured, dict(VERSIONS))
    assert (row.accepted_per_s, row.server_cpu_s_per_1000_deliveries, row.deliveries_per_s) == (500, 1.0, None)


def test_unknown_peers_are_named(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotStarted, match="nobody"):
        make_peer("nobody", place)
    code = main(["--json", str(tmp_path / "out.json"), "--peers", "nobody", "--seeds", str(tmp_path / "seeds")])
    assert code == 1
    assert "nobody" in capsys.readouterr().err


def test_a_quick_session_is_not_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, page = tmp_path / "rows.json", ROOT / PAGE
    before = page.read_bytes()
    write_rows(file, [msgspec.structs.replace(ROW, users=QUICK.users)])
    assert main(["report", str(file)]) == 1
    assert "quick" in capsys.readouterr().err
    assert page.read_bytes() == before
