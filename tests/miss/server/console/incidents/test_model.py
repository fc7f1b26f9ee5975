"""Incidents by their rules: phases, refused dates, texts that any feed may hold."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.text import Language
from miss.server.console.incidents.errors import IncidentClosed, IncidentDatesRefused, IncidentIncomplete
from miss.server.console.incidents.model import (
    BODY_CHARS,
    TITLE_CHARS,
    Incident,
    Kind,
    Phase,
    Told,
    Update,
    add,
    announce,
    require_told,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAID = Told("Les envois attendent.", "Mails wait.")


def announced(
    kind: Kind = Kind.INCIDENT,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    title: Told = Told("Messagerie ralentie", "Mail is slow"),  # noqa: B008 - a frozen value
    said: Told = SAID,
) -> Incident:
    return announce(
        id="i1", kind=kind, title=title, first=Update("u1", NOW, said), starts_at=starts_at, ends_at=ends_at
    )


def test_an_incident_is_open_until_somebody_says_that_it_is_over() -> None:
    incident = announced()
    assert (incident.starts_at, incident.over_at) == (NOW, None)
    assert incident.phase(NOW + 1000 * HOUR) is Phase.OPEN
    more = add(incident, Update("u2", NOW + HOUR, Told("Cause trouvée.")), closes=False)
    assert more.phase(NOW + HOUR) is Phase.OPEN
    closed = add(more, Update("u3", NOW + 2 * HOUR, Told("Rétabli.")), closes=True)
    assert closed.phase(NOW + 2 * HOUR) is Phase.PAST
    assert [word.id for word in closed.updates] == ["u1", "u2", "u3"]
    assert closed.updated_at == NOW + 2 * HOUR
    with pytest.raises(IncidentClosed):
        add(closed, Update("u4", NOW + 3 * HOUR, SAID), closes=False)


def test_a_maintenance_begins_and_ends_by_itself_or_sooner() -> None:
    planned = announced(Kind.MAINTENANCE, starts_at=NOW + HOUR, ends_at=NOW + 3 * HOUR)
    phases = [planned.phase(NOW + hours * HOUR) for hours in (0, 1, 2, 3)]
    assert phases == [Phase.PLANNED, Phase.OPEN, Phase.OPEN, Phase.PAST]
    closed = add(planned, Update("u2", NOW + 2 * HOUR, Told("Fini plus tôt.")), closes=True)
    assert closed.phase(NOW + 2 * HOUR) is Phase.PAST
    cancelled = add(planned, Update("u2", NOW, Told("Annulé.")), closes=True)
    assert cancelled.phase(NOW + HOUR) is Phase.PAST
    with pytest.raises(IncidentClosed):
        add(planned, Update("u2", NOW + 3 * HOUR, SAID), closes=True)


@pytest.mark.parametrize(
    ("kind", "starts_at", "ends_at"),
    [
        (Kind.MAINTENANCE, None, NOW + HOUR),
        (Kind.MAINTENANCE, NOW + HOUR, None),
        (Kind.MAINTENANCE, NOW + HOUR, NOW + HOUR),
        (Kind.MAINTENANCE, NOW - 2 * HOUR, NOW),
        (Kind.INCIDENT, NOW + HOUR, None),
    ],
)
def test_dates_that_make_no_sense(kind: Kind, starts_at: datetime | None, ends_at: datetime | None) -> None:
    with pytest.raises(IncidentDatesRefused):
        announced(kind, starts_at=starts_at, ends_at=ends_at)


def test_an_incident_has_no_planned_end_and_may_have_begun_before() -> None:
    incident = announced(starts_at=NOW - HOUR, ends_at=NOW + HOUR)
    assert (incident.starts_at, incident.ends_at) == (NOW - HOUR, None)


@pytest.mark.parametrize("told", [Told(""), Told(" \n"), Told("", "English only"), Told("x" * (TITLE_CHARS + 1))])
def test_a_title_is_french_and_short(told: Told) -> None:
    with pytest.raises(IncidentIncomplete):
        announced(title=told)


def test_french_stands_in_for_a_missing_english_and_is_called_french() -> None:
    alone = Told("Rétabli.")
    assert (alone.in_(Language.EN), alone.language(Language.EN)) == ("Rétabli.", Language.FR)
    assert (SAID.in_(Language.EN), SAID.language(Language.EN)) == ("Mails wait.", Language.EN)
    assert SAID.in_(Language.FR) == "Les envois attendent."


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_whatever_is_kept_can_stand_in_a_feed(text: str) -> None:
    try:
        kept = require_told(Told(f"x{text}"), BODY_CHARS).fr
    except IncidentIncomplete:
        return
    kept.encode()
    assert ET.fromstring(f"<a>{escape(kept)}</a>").text == kept  # noqa: S314 - our own words
