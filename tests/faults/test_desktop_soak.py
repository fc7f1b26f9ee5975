"""The short form of the hour at the desk: everything in it happens once, and what has grown is named."""

from pathlib import Path

import pytest

from tests.faults.desktop_soak import ALLOWED, Run, compose_markdown, soak


@pytest.mark.desktop
async def test_a_few_seconds_at_the_desk(tmp_path: Path) -> None:
    run = Run(8.0)
    await soak(tmp_path, run, every_s=0.5, pace_ms=60, rate_s=0.1)
    assert run.faults == []
    assert run.outages > 0
    assert run.messages > 20
    assert run.samples[-1]["acts"] > 30


def test_what_grows_is_a_fault() -> None:
    steady = {"at_s": 0.0, "blocks": 1.0, "cpu_s": 1.0, "acts": 1.0} | dict.fromkeys(ALLOWED, 100.0)
    run = Run(8.0, samples=[steady | {"handles": 17.0 + rank, "memory_mb": 150.0 + rank / 10} for rank in range(16)])
    run.judge()
    assert run.faults == ["handles: +8 from the second quarter to the last"]
    assert "handles: +8" in compose_markdown("soak", run)


def test_only_its_own_outages_excuse_that_the_server_is_not_reached() -> None:
    unreachable, of_qt = b"warning server_unreachable", b"This plugin does not support raise()"
    run = Run(8.0)
    assert not run.expects(unreachable)
    run.go_away()
    assert run.expects(unreachable)
    assert not run.expects(b"Traceback (most recent call last)")
    run.go_away()
    run.come_back(1)
    assert run.expects(unreachable), "of the second outage"
    run.come_back(2)
    assert not run.expects(unreachable)
    assert run.expects(of_qt)
