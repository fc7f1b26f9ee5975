import io
import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teleexpertise.availability.calendars import reading
from teleexpertise.availability.calendars.reading import MAX_EVENTS, CalendarRefused, Refusal, Span, read_calendar
from tests.teleexpertise.availability.calendars.ics import available, calendar, event, vavailability

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
AFTER, BEFORE = datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 12, 21, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def busy(data: bytes, zone: ZoneInfo = PARIS, after: datetime = AFTER, before: datetime = BEFORE) -> list[Span]:
    return read_calendar(data, zone, after, before)[0]


def refusal(data: bytes) -> tuple[Refusal, str]:
    with pytest.raises(CalendarRefused) as refused:
        busy(data)
    return refused.value.refusal, refused.value.detail


def test_events_are_busy_in_their_own_zone_and_say_nothing_else() -> None:
    data = calendar(
        event(), event("20261123T090000", "20261123T100000", zone="Indian/Reunion", uid="2"),
        event("20261124T100000Z", "20261124T110000Z", uid="3"),
    )  # fmt: skip
    assert busy(data) == [
        (utc("2026-11-23T05:00"), utc("2026-11-23T06:00")),
        (utc("2026-11-23T08:00"), utc("2026-11-23T09:00")),
        (utc("2026-11-24T10:00"), utc("2026-11-24T11:00")),
    ]


def test_hours_without_a_zone_and_whole_days_are_the_owners() -> None:
    data = calendar(event(zone=""), event("20261125", "20261126", uid="2"))
    assert busy(data, REUNION) == [
        (utc("2026-11-23T05:00"), utc("2026-11-23T06:00")),
        (utc("2026-11-24T20:00"), utc("2026-11-25T20:00")),
    ]


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"])
def test_what_takes_no_time_is_left_out(line: str) -> None:
    assert busy(calendar(event("20261123T090000", "20261123T100000", line))) == []


def test_a_series_loses_what_it_excludes_and_what_is_moved() -> None:
    series = event(
        "20261102T090000", "20261102T100000", "RRULE:FREQ=WEEKLY;BYDAY=MO", "EXDATE;TZID=Europe/Paris:20261130T090000"
    )
    moved = event("20261208T140000", "20261208T150000", "RECURRENCE-ID;TZID=Europe/Paris:20261207T090000")
    cancelled = event(
        "20261214T090000", "20261214T100000", "RECURRENCE-ID;TZID=Europe/Paris:20261214T090000", "STATUS:CANCELLED"
    )
    assert [start for start, _ in busy(calendar(series, moved, cancelled))] == [
        utc("2026-11-23T08:00"),
        utc("2026-12-08T13:00"),
    ]


def test_a_zone_by_its_windows_name_or_described_by_the_calendar_is_known() -> None:
    described = (
        "BEGIN:VTIMEZONE\nTZID:Cabinet\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0400\n"
        "TZOFFSETTO:+0400\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    assert busy(calendar(event(zone="Romance Standard Time"))) == [(utc("2026-11-23T08:00"), utc("2026-11-23T09:00"))]
    assert busy(calendar(described, event(zone="Cabinet"))) == [(utc("2026-11-23T05:00"), utc("2026-11-23T06:00"))]


def test_outside_of_available_is_busy() -> None:
    mornings = available("20261102T090000", "20261102T120000", "FREQ=WEEKLY;BYDAY=MO,TU")
    data = calendar(vavailability(mornings), event("20261124T100000", "20261124T110000"))
    after, before = utc("2026-11-23T00:00"), utc("2026-11-25T00:00")
    assert busy(data, after=after, before=before) == [
        (after, utc("2026-11-23T08:00")),
        (utc("2026-11-23T11:00"), utc("2026-11-24T08:00")),
        (utc("2026-11-24T09:00"), utc("2026-11-24T10:00")),
        (utc("2026-11-24T11:00"), before),
    ]


def test_the_smallest_priority_decides_within_its_bounds() -> None:
    always = vavailability(available("20261101T000000", "20261102T000000", "FREQ=DAILY"), lines="PRIORITY:5\n")
    travel = "DTSTART:20261123T060000Z\nDTEND:20261123T180000Z\nPRIORITY:1\n"
    closed = vavailability(lines=travel)
    undefined = vavailability(lines="PRIORITY:0\n")
    expected = [(utc("2026-11-23T06:00"), utc("2026-11-23T18:00"))]
    assert busy(calendar(always, closed, undefined)) == expected
    assert busy(calendar(undefined, closed, always)) == expected


def test_a_duration_ends_a_vavailability() -> None:
    data = calendar(vavailability(lines="DTSTART:20261123T060000Z\nDURATION:PT2H\n"))
    assert busy(data) == [(utc("2026-11-23T06:00"), utc("2026-11-23T08:00"))]


def test_broken_events_are_counted_and_the_others_read() -> None:
    broken = "BEGIN:VEVENT\nUID:9\nDTSTART:demain\nEND:VEVENT\n"
    undated = "BEGIN:VEVENT\nUID:8\nEND:VEVENT\n"
    rule = event("20261123T090000", "20261123T100000", "RRULE:FREQ=PARFOIS", uid="7")
    spans, events, skipped = read_calendar(calendar(broken, undated, rule, event()), PARIS, AFTER, BEFORE)
    assert (len(spans), events, skipped) == (1, 4, 3)


@pytest.mark.parametrize(
    "data",
    [b"", b"bonjour", b"\x00\xff\xfe" * 9, b"%PDF-1.7 ...", b"BEGIN:VCALENDAR\r\n", b"BEGIN:VEVENT\r\nEND:VEVENT"],
)
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    assert refusal(data) == (Refusal.UNREADABLE, "")


def test_an_unknown_zone_is_named() -> None:
    assert refusal(calendar(event(zone="Mars/Olympus"))) == (Refusal.ZONE, "Mars/Olympus")
    excluded = event("20261123T090000", "20261123T100000", "RRULE:FREQ=DAILY", "EXDATE;TZID=Lune:20261124T090000")
    assert refusal(calendar(excluded)) == (Refusal.ZONE, "Lune")


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=3", "FREQ=HOURLY"])
def test_rules_within_the_day_are_refused(rule: str) -> None:
    frequency = rule.partition(";")[0]
    assert refusal(calendar(event("20261123T090000", "20261123T100000", f"RRULE:{rule}"))) == (Refusal.RULE, frequency)
    inside = vavailability(available("20261123T090000", "20261123T100000", rule))
    assert refusal(calendar(inside)) == (Refusal.RULE, frequency)


def test_a_day_of_many_times_is_refused() -> None:
    rule = "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,1,2,3,4"
    assert refusal(calendar(event("20261123T090000", "20261123T100000", rule)))[0] is Refusal.RULE


def test_too_many_events_and_too_many_occurrences_are_refused() -> None:
    assert refusal(calendar(event() * (MAX_EVENTS + 1))) == (Refusal.TOO_MANY, "")
    ancient = [event("00010101T090000", "00010101T100000", "RRULE:FREQ=DAILY")]
    assert refusal(calendar(*ancient)) == (Refusal.TOO_HEAVY, "")


@pytest.mark.parametrize("zone", [PARIS, REUNION])
@given(
    hour=st.integers(0, 23),
    minute=st.sampled_from([0, 30]),
    length_min=st.sampled_from([30, 60, 180, 1440]),
    interval=st.integers(1, 3),
)
@settings(max_examples=12, deadline=None)
def test_a_daily_event_keeps_its_wall_clock_through_both_changes_of_clocks(
    zone: ZoneInfo, hour: int, minute: int, length_min: int, interval: int
) -> None:
    """Against the definition: each day's wall-clock start, whatever the offset of that day (RFC 5545 §3.3.5)."""
    first = datetime.combine(date(2026, 10, 20), time(hour, minute))
    end = first + timedelta(minutes=length_min)
    data = calendar(
        event(f"{first:%Y%m%dT%H%M%S}", f"{end:%Y%m%dT%H%M%S}", f"RRULE:FREQ=DAILY;INTERVAL={interval}", zone=str(zone))
    )
    after, before = utc("2026-10-21T00:00"), utc("2027-04-02T00:00")
    found = busy(data, zone, after, before)
    assert found == sorted(found)
    assert all(one_end < next_start for (_, one_end), (next_start, _) in pairwise(found))
    for number in range(0, 160, interval):
        wall = datetime.combine(first.date() + timedelta(days=number), time(hour, minute), zone)
        starts_at = wall.astimezone(UTC)
        if wall.replace(fold=1).astimezone(UTC) != starts_at:
            continue  # a time that the night skips or shows twice: only that it is there at all is asked, below
        if after <= starts_at < before:
            assert any(start <= starts_at < end for start, end in found), wall
    total = sum(((end - start) for start, end in found), timedelta())
    assert total <= timedelta(minutes=length_min + 60) * 165


def test_the_process_reads_and_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_limit_this_process", lambda: None)
    asked = {"zone": "Europe/Paris", "after": AFTER.timestamp(), "before": BEFORE.timestamp()}

    def answered(data: bytes) -> bytes:
        target = io.BytesIO()
        reading.main(io.BytesIO(json.dumps(asked).encode() + b"\n" + data), target)
        return target.getvalue()

    said = json.loads(answered(calendar(event()))[1:])
    assert said["busy"] == [[int(utc("2026-11-23T08:00").timestamp()), int(utc("2026-11-23T09:00").timestamp())]]
    assert answered(calendar(event(zone="Lune"))) == b"-zone:Lune"
    assert b"FICTIF" not in answered(calendar(event())), "titles stay in the file"


def test_whole_days_count_from_local_midnight_on_the_nights_of_the_change() -> None:
    night = calendar(event("20261025", "20261026"))
    [(start, end)] = busy(night, PARIS, utc("2026-10-20T00:00"), utc("2026-11-01T00:00"))
    assert end - start == timedelta(hours=25)
    assert start.astimezone(PARIS).date() == date(2026, 10, 25)
