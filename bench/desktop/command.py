"""`python3 run.py bench desktop`: what the desktop client costs, offscreen, with an account of 20,000 messages.

python3 run.py bench desktop --json FILE [--messages 20000] [--runs 3] [--idle 20]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from bench.desktop.world import seed
from bench.engines import ROOT

CONVERSATIONS: Final = 40
GOALS: Final = {"window_s": 1.0, "idle_mb": 150.0, "idle_cpu_percent": 1.0}
SAID: Final = {
    "window_s": "process to window, s",
    "window_cpu_s": "of which processor, s",
    "window_mb": "memory of the locked window, MB",
    "unlocked_s": "code typed to list shown, s",
    "conversation_s": "conversation opened and drawn, s",
    "indexed_s": "everything searchable, s",
    "full_mb": "memory after indexing, MB",
    "idle_mb": "memory at rest, MB",
    "idle_cpu_percent": "processor at rest, % of a core",
}


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench desktop", description=__doc__)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds of rest")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="miss-desktop-") as folder:
        seed(Path(folder), asked.messages, CONVERSATIONS)
        runs = [_run(Path(folder), asked.idle, asked.messages) for _rank in range(asked.runs)]
    asked.json.write_text(json.dumps(runs, indent=2))
    figures = {name: median(run[name] for run in runs) for name in SAID}
    for name, value in figures.items():
        goal = GOALS.get(name)
        print(f"{SAID[name]:<36} {value:8.2f}" + (f"   (goal: {goal:g})" if goal else ""))
    return int(any(figures[name] > goal for name, goal in GOALS.items()))


def _run(home: Path, idle_s: float, messages: int) -> dict[str, float]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bench.desktop.window", str(home), str(idle_s), str(messages)]
    finished = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return figures
