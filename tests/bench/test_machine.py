"""What processes cost."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from bench.machine import cpu_s, describe, memory_kb, tree

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
held = bytearray(30_000_000)
print(child.pid, flush=True)
child.wait()
print("done", flush=True)
sys.stdin.read()
"""
BURN = """
import time
while time.process_time() < 0.3:
    pass
"""


@pytest.fixture
def parent() -> Iterator["subprocess.Popen[str]"]:
    """A process whose child uses 0.3 s and ends."""
    command = [sys.executable, "-c", PARENT, BURN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def test_children_count_while_they_live_and_afterwards(parent: "subprocess.Popen[str]") -> None:
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert {parent.pid, child} <= tree([parent.pid])
    assert os.getpid() not in tree([parent.pid])
    assert parent.stdout.readline() == "done\n"
    assert 0.3 <= cpu_s([parent.pid]) < 3
    assert child not in tree([parent.pid])
    assert 30_000 < memory_kb([parent.pid]) < 200_000


def test_cpu_is_that_of_the_clock() -> None:
    before_s, began_s = cpu_s([os.getpid()]), time.process_time()
    while time.process_time() - began_s < 0.2:
        pass
    assert cpu_s([os.getpid()]) - before_s == pytest.approx(0.2, abs=0.06)


def test_processes_that_are_gone_cost_nothing() -> None:
    assert cpu_s([2**22 + 1]) == 0
    assert memory_kb([2**22 + 1]) == 0


def test_the_machine_is_described() -> None:
    described = describe()
    assert {"cpu", "kernel", "os", "python", "fdatasync_ms"} <= described.keys()
    assert float(described["fdatasync_ms"]) > 0
