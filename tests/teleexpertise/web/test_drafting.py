"""What a page of a draft brought."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from miss.base.clock import to_ms
from teleexpertise.questionnaire.model import AttachmentRef
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.web.drafting import read_page
from teleexpertise.web.submitted import Submitted

REGISTRY = FormRegistry.load(files("forms"))
HEART = REGISTRY.published("cardiologie")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PHOTO = AttachmentRef("vue.jpg", "image/jpeg", 10, "ref-1")


def page(**fields: str | list[str]) -> Submitted:
    """Fields of a form, `_` for `.` in their names."""
    named = {
        name.replace("answered_at__", "answered-at:").replace("_", ".").replace("answered-at", "answered_at"): value
        for name, value in fields.items()
    }
    return Submitted({name: (value,) if isinstance(value, str) else tuple(value) for name, value in named.items()}, ())


def test_a_time_is_read_on_the_clock_that_the_page_showed() -> None:
    fields = {"k_ecg_date": "2026-11-20T12:30"}
    paris = read_page(HEART, page(**fields), {}, NOW).answers["k.ecg.date"]
    reunion = read_page(HEART, page(zone="Indian/Reunion", **fields), {}, NOW).answers["k.ecg.date"]
    assert paris == (datetime(2026, 11, 20, 11, 30, tzinfo=UTC),)
    assert reunion == (datetime(2026, 11, 20, 12, 30, tzinfo=ZoneInfo("Indian/Reunion")),)
    assert read_page(HEART, page(zone="../../etc/passwd", **fields), {}, NOW).answers["k.ecg.date"] == paris


def test_a_page_without_script_brings_everything_and_keeps_the_files_it_showed() -> None:
    before = {"k.ecg": (PHOTO,)}
    read = read_page(HEART, page(c_question="Faut-il ?"), before, NOW)
    assert (read.replaces, read.merges) == (True, False)
    assert read.answers["k.ecg"] == (PHOTO,)
    assert "k.ecg" not in read_page(HEART, page(remove="ref-1"), before, NOW).answers


def test_a_page_with_script_says_what_it_touched_and_leaves_files_to_the_draft() -> None:
    stamp = str(to_ms(NOW - timedelta(minutes=1)))
    read = read_page(
        HEART, page(merge="1", c_question="Faut-il ?", answered_at__c_question=stamp), {"k.ecg": (PHOTO,)}, NOW
    )
    assert (read.replaces, read.merges) == (False, True)
    assert "k.ecg" not in read.answers
    assert read.answered_at == {"c.question": NOW - timedelta(minutes=1)}
    assert read_page(HEART, page(merge="1", remove=["ref-1"]), {}, NOW).removed == {"ref-1"}


def test_a_clock_that_runs_ahead_is_held_back() -> None:
    stamp = str(to_ms(NOW + timedelta(days=400)))
    read = read_page(HEART, page(merge="1", answered_at__c_question=stamp), {}, NOW)
    assert read.answered_at == {"c.question": NOW}


@pytest.mark.parametrize("typed", ["douze", "<b>12</b>", "1e9", "12,5"])
def test_what_is_not_understood_stays_as_it_was_typed(typed: str) -> None:
    read = read_page(HEART, page(k_pas=typed), {}, NOW)
    assert read.unread == {"k.pas": (typed,)}
    assert "k.pas" not in read.answers
