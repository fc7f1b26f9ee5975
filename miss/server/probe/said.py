"""A run in words, in JSON, and as Prometheus's text for node_exporter's textfile collector."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from miss.base.clock import to_ms
from miss.base.text import Language, Text
from miss.server.probe.model import Run, Step, Verdict

_SIGNS: Final = {True: "✓", False: "✗"}
_VERDICTS: Final = {
    Verdict.FINE: Text(fr="tout fonctionne", en="everything works"),
    Verdict.SLOW: Text(fr="tout fonctionne, lentement", en="everything works, slowly"),
    Verdict.BROKEN: Text(fr="quelque chose ne fonctionne pas", en="something does not work"),
    Verdict.UNKNOWN: Text(fr="la sonde n’a pas pu avoir lieu", en="the probe could not run"),
}


def in_words(run: Run, verdict: Verdict, language: Language) -> Sequence[str]:
    """A line for each step, the verdict last."""
    return [*(_line(step, language) for step in run.steps), _VERDICTS[verdict].in_(language)]


def _line(step: Step, language: Language) -> str:
    refusal = f"   {step.refusal}" if step.refusal else ""
    return f"{_SIGNS[not step.refusal]} {step.text.in_(language):<48} {step.seconds * 1000:7.0f} ms{refusal}"


def as_json(run: Run, verdict: Verdict) -> str:
    """One object, of one line."""
    steps = [{"name": step.name, "seconds": round(step.seconds, 4), "refusal": step.refusal} for step in run.steps]
    return json.dumps({"at": run.at.isoformat(), "verdict": verdict.name.lower(), "steps": steps})


def write_metrics(file: Path, run: Run, verdict: Verdict) -> None:
    """Replace `file` in one move, so that nobody reads half of it.  Raises OSError."""
    registry = CollectorRegistry()
    works = Gauge("miss_probe_works", "1: people can send a message and a request; 0: they cannot.", registry=registry)
    works.set(verdict in {Verdict.FINE, Verdict.SLOW})
    at = Gauge("miss_probe_timestamp_seconds", "When the last probe began.", registry=registry)
    at.set(to_ms(run.at) / 1000)
    seconds = Gauge("miss_probe_step_seconds", "How long each step took; one that failed has none.", ["step"],
                    registry=registry)  # fmt: skip
    for step in run.steps:
        if not step.refusal:
            seconds.labels(step.name).set(step.seconds)
    write_to_textfile(str(file), registry)
