"""What a run amounts to, and how it is said."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from miss.base.text import Language, Text
from miss.server.probe.errors import NotHealthy
from miss.server.probe.model import Run, Step, StepStopped, Verdict, Watch
from miss.server.probe.said import as_json, in_words, write_metrics

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
TEXT = Text(fr="Le serveur répond", en="The server answers")


def ticking(*readings_s: float) -> Watch:
    """A watch that shows these instants, one after another."""
    shown = iter(readings_s)
    return Watch(lambda: next(shown))


def test_steps_are_timed_in_order() -> None:
    watch = ticking(1.0, 1.5, 2.0, 2.25)
    for name in ("health", "sign_on"):
        with watch.step(name, TEXT):
            pass
    assert [(step.name, step.seconds, step.refusal) for step in watch.steps] == [
        ("health", 0.5, ""),
        ("sign_on", 0.25, ""),
    ]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(NotHealthy(status="down"), "not_healthy"), (TimeoutError(), "timeout"), (KeyError("x"), "unexpected_answer")],
)
def test_a_step_that_fails_is_named_and_ends_the_run(wrong: Exception, code: str) -> None:
    watch = ticking(1.0, 2.0)
    with pytest.raises(StepStopped), watch.step("health", TEXT):
        raise wrong
    assert [(step.name, step.refusal) for step in watch.steps] == [("health", code)]


def test_a_defect_of_ours_is_no_finding() -> None:
    with pytest.raises(ZeroDivisionError), ticking(1.0, 2.0).step("health", TEXT):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ([("a", 0.1, ""), ("b", 1.0, "")], Verdict.FINE),
        ([("a", 0.1, ""), ("b", 1.1, "")], Verdict.SLOW),
        ([("a", 9.0, ""), ("b", 0.1, "timeout")], Verdict.BROKEN),
    ],
)
def test_the_exit_code_is_what_a_monitor_expects(steps: list[tuple[str, float, str]], verdict: Verdict) -> None:
    run = Run(AT, tuple(Step(name, TEXT, seconds, refusal) for name, seconds, refusal in steps))
    assert run.verdict(slow_s=1.0) is verdict
    assert [int(one) for one in Verdict] == [0, 1, 2, 3]


BROKEN = Run(AT, (Step("health", TEXT, 0.012, ""), Step("sign_on", TEXT, 30.0, "timeout")))


def test_it_is_said_in_both_languages() -> None:
    french = in_words(BROKEN, Verdict.BROKEN, Language.FR)
    assert [line.split()[0] for line in french[:2]] == ["✓", "✗"]
    assert "12 ms" in french[0]
    assert french[1].endswith("timeout")
    assert french[2] == "quelque chose ne fonctionne pas"
    assert in_words(BROKEN, Verdict.BROKEN, Language.EN)[2] == "something does not work"


def test_json_is_one_object_of_one_line() -> None:
    said = json.loads(as_json(BROKEN, Verdict.BROKEN))
    assert said["verdict"] == "broken"
    assert said["steps"][1] == {"name": "sign_on", "seconds": 30.0, "refusal": "timeout"}


def test_figures_are_those_of_the_alert_rules(tmp_path: Path) -> None:
    file = tmp_path / "miss.prom"
    write_metrics(file, BROKEN, Verdict.BROKEN)
    lines = set(file.read_text().splitlines())
    assert {"miss_probe_works 0.0", 'miss_probe_step_seconds{step="health"} 0.012'} <= lines
    assert {line.partition("{")[0].split()[0] for line in lines if line[0] != "#"} == {
        "miss_probe_works", "miss_probe_timestamp_seconds", "miss_probe_step_seconds",
    }  # fmt: skip
    assert not any("sign_on" in line for line in lines), "a step that failed has no duration"
    write_metrics(file, Run(AT, BROKEN.steps[:1]), Verdict.FINE)
    assert "miss_probe_works 1.0" in file.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["miss.prom"]
