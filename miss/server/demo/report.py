"""What the demonstration did, step by step, and what it produced."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from miss.base.clock import monotonic_s


class StepFailed(AssertionError):
    """A step of the story did not happen as told."""


@dataclass(slots=True)
class Report:
    """Prints each step as it passes, keeps it for `report.json`, and files what was produced in `folder`."""

    folder: Path
    steps: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def step(self, sentence: str) -> Iterator[dict[str, Any]]:
        """One step: printed and timed; the block fills in the facts.  It fails when the block raises."""
        facts: dict[str, Any] = {}
        started = monotonic_s()
        ok = False
        try:
            yield facts
            ok = True
        finally:
            duration_ms = round((monotonic_s() - started) * 1000)
            self.steps.append({"step": sentence, "ok": ok, "duration_ms": duration_ms, **facts})
            shown = "  ".join(f"{name}={value}" for name, value in facts.items())
            typer.echo(f"{'  ✓' if ok else '  ✗'} {sentence}" + (f"   ({shown})" if shown else ""))

    def say(self, heading: str) -> None:
        """A heading between steps."""
        typer.secho(f"\n{heading}", bold=True)

    def file(self, name: str, content: bytes | str) -> None:
        """Keep one produced file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def finish(self, *, ok: bool) -> None:
        """Write `report.json`."""
        report = {"ok": ok and all(step["ok"] for step in self.steps), "steps": self.steps}
        self.file("report.json", json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def require(happened: bool, what: str) -> None:
    """Raises StepFailed."""
    if not happened:
        raise StepFailed(what)
