"""A fictive pool of dermatologists, and short ways to say who is in it."""

from datetime import UTC, datetime, time, timedelta

from miss.base.ids import PoolId, PractitionerId, RequestId
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.dispatch import Member, Need, Pool, Terms

PARIS = "Europe/Paris"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""A Friday, 10:00 in Paris."""
DEADLINE = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
OFFICE = Availability(tuple(WeeklySlot(weekday, time(8), time(18), PARIS) for weekday in range(5)))
ALWAYS = Availability(tuple(WeeklySlot(day, time(0), time(0), PARIS) for day in range(7)), territory=None)
NEVER = Availability((WeeklySlot(0, time(9), time(10), PARIS),), territory=None)
"""A slot a week, far from most deadlines: away, for a test that does not last until Monday."""
REQUESTER = PractitionerId("requester")
ANNE, BRUNO, CAROL, DAVID, EMMA = (PractitionerId(name) for name in ("anne", "bruno", "carol", "david", "emma"))
POOL = Pool(
    id=PoolId("dermatology"),
    name="Dermatologie",
    questionnaire="dermatologie",
    coordinator_id=PractitionerId("coordinator"),
    hours=OFFICE,
    zone=PARIS,
    answer_within=50 * HOUR,
    accept_within=4 * HOUR,
    answer_time=2 * HOUR,
)


def a_need(number: int = 1, deadline: datetime = DEADLINE, **rest: object) -> Need:
    """Request `number`, in a week."""
    return Need(RequestId(f"request-{number}"), REQUESTER, deadline, **rest)  # type: ignore[arg-type]


def a_member(practitioner_id: PractitionerId, availability: Availability = OFFICE, **rest: object) -> Member:
    """A member; terms and standing by their names."""
    in_terms = ("weight", "competences", "cap", "weekly_quota", "active")
    terms = Terms(**{name: rest.pop(name) for name in in_terms if name in rest})  # type: ignore[arg-type]
    return Member(practitioner_id, terms, availability, **rest)  # type: ignore[arg-type]


def slot(weekday: int, start: int, end: int) -> Availability:
    """One slot a week, Paris hours."""
    return Availability((WeeklySlot(weekday, time(start), time(end), PARIS),))
