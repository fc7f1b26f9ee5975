"""One stage from all that was said, whatever the order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import MailId
from miss.base.text import Language
from miss.mail.trace.model import INTEGRATION_ERRORS, NAMES, REPORTED, Mailed, Stage, Step, fate_of, timeline

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MAILED = Mailed(
    id=MailId("1"),
    message_id="<m@miss.example>",
    about="request:1",
    sender="miss@miss.example",
    recipient="a@b.example",
    author="",
    stage=Stage.ACCEPTED,
    state=Stage.ACCEPTED,
    queued_at=NOW,
    settled_at=NOW + timedelta(minutes=1),
    reply="250 2.0.0 taken",
    attempts=0,
    due_at=None,
    digest=None,
    size_bytes=1,
    is_readable=True,
)


def _step(stage: Stage, minutes: int = 2, code: str = "") -> Step:
    return Step(stage=stage, at=NOW + timedelta(minutes=minutes), source="dsn", by="mx.b.example", code=code)


steps = st.builds(_step, st.sampled_from(sorted(REPORTED)), st.integers(0, 60), st.sampled_from(["", "902", "5.1.1"]))


@given(st.lists(steps, max_size=6), st.randoms())
def test_the_order_of_arrival_does_not_matter(said: list[Step], chance: object) -> None:
    shuffled = list(said)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fate_of(said) == fate_of(shuffled)


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ([_step(Stage.DELIVERED), _step(Stage.DELAYED, 9)], Stage.DELIVERED),
        ([_step(Stage.DELIVERED), _step(Stage.FAILED, 9)], Stage.FAILED),
        ([_step(Stage.DISPLAYED), _step(Stage.FAILED, 9)], Stage.DISPLAYED),
        ([_step(Stage.REJECTED, 3, "902"), _step(Stage.INTEGRATED, 9)], Stage.INTEGRATED),
        ([_step(Stage.INTEGRATED, 3), _step(Stage.REJECTED, 9, "904")], Stage.REJECTED),
    ],
)
def test_what_counts(said: list[Step], stage: Stage) -> None:
    fate = fate_of(said)
    assert fate is not None
    assert fate.stage is stage


def test_nothing_said_is_no_fate() -> None:
    assert fate_of([]) is None


def test_the_timeline_is_in_order_and_explains_a_refusal() -> None:
    shown = timeline(MAILED, [_step(Stage.REJECTED, 9, "902"), _step(Stage.DELIVERED, 2)])
    assert [entry.stage for entry in shown] == [Stage.QUEUED, Stage.ACCEPTED, Stage.DELIVERED, Stage.REJECTED]
    reason = shown[-1].reason
    assert reason is not None
    assert reason.in_(Language.FR) == "identifiant du patient inconnu"
    assert shown[1].detail == "250 2.0.0 taken"


def test_a_mail_that_waits_says_why() -> None:
    [entry] = timeline(replace(MAILED, settled_at=None, state=Stage.QUEUED, reply="451 later"), [])
    assert entry.detail == "451 later"


def test_every_stage_and_code_has_words() -> None:
    assert set(NAMES) == set(Stage)
    assert set(INTEGRATION_ERRORS) == {str(code) for code in range(900, 907)}
