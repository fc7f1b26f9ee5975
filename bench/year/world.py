"""Who takes part in the year, and how they behave: every number here is an assumption that the report states."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from miss.base.ids import PoolId, PractitionerId
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.availability.holidays import Territory
from teleexpertise.availability.model import Leave
from teleexpertise.dispatch.attempts import DeclineReason
from teleexpertise.dispatch.model import Pool, Terms

PARIS, REUNION = "Europe/Paris", "Indian/Reunion"
FIRST_DAY = date(2027, 1, 1)
DAYS = 365
EXPERTS_IN_POOL = 10


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How people behave, in shares of one and in times."""

    declines: float = 0.04
    lets_pass: float = 0.03
    """Offers that nobody looks at."""
    asks: float = 0.05
    """Requests that need a clarification."""
    stays_silent: float = 0.03
    """Requesters who never answer one."""
    accepts_in: timedelta = timedelta(minutes=45)
    """Mean of the expert's own working time from the offer to yes or no."""
    answers_in: timedelta = timedelta(minutes=90)
    """Mean of the expert's own working time from yes to the answer."""
    clarifies_in: timedelta = timedelta(hours=10)
    sick_spells: int = 4
    """A year; each of them two days that no calendar announced."""
    wishes: tuple[tuple[str, float], ...] = (("24h", 0.1), ("72h", 0.3), ("7j", 0.4), ("sans-urgence", 0.2))
    red_flags: float = 0.01
    reasons: tuple[DeclineReason, ...] = (DeclineReason.SCOPE, DeclineReason.INSUFFICIENT, DeclineReason.CONFLICT)


@dataclass
class Expert:
    """One expert of a pool: the year as they declared it, and the days nobody knows of."""

    id: PractitionerId
    terms: Terms
    availability: Availability
    sick: tuple[tuple[date, date], ...]
    credit: int = 0
    last_turn: datetime | None = None
    held: int = 0
    turns: list[datetime] = field(default_factory=list)

    def back_after(self, at: datetime) -> datetime:
        """`at`, or the morning after the spell it falls in."""
        for first, last in self.sick:
            if first <= at.date() <= last:
                return datetime.combine(last + timedelta(days=1), time(6), UTC)
        return at


@dataclass
class World:
    """Pools and their experts."""

    pools: dict[PoolId, Pool]
    experts: dict[PoolId, list[Expert]]


def make_world(random: Random, behaviour: Behaviour, experts: int = 4 * EXPERTS_IN_POOL) -> World:
    """Four pools, one of them on La Réunion: part-time weeks, five weeks of leave each, weights 1 to 3."""
    kinds = ("dermatologie", "cardiologie", "ophtalmologie", "plaies")
    pools, members = {}, {}
    for rank, kind in enumerate(kinds):
        zone = REUNION if kind == "plaies" else PARIS
        territory = Territory.LA_REUNION if kind == "plaies" else Territory.METROPOLE
        hours = Availability(
            weekly=tuple(WeeklySlot(day, time(9), time(18), zone) for day in range(5)), territory=territory
        )
        pool = Pool(
            id=PoolId(f"pool-{rank}"),
            name=kind,
            questionnaire=kind,
            coordinator_id=PractitionerId(f"coordinator-{rank}"),
            hours=hours,
            zone=zone,
            answer_within=timedelta(hours=27),
            accept_within=timedelta(hours=4),
            answer_time=timedelta(minutes=30),
        )
        pools[pool.id] = pool
        members[pool.id] = [
            make_expert(random, behaviour, PractitionerId(f"{kind}-{number:02}"), zone, territory)
            for number in range(experts // len(kinds))
        ]
    return World(pools, members)


def make_expert(random: Random, behaviour: Behaviour, id_: PractitionerId, zone: str, territory: Territory) -> Expert:
    """Two to five half days a week; one in five declared nothing and follows the pool's hours."""
    halves = [(day, half) for day in range(5) for half in ((time(9), time(12)), (time(14), time(18)))]
    drawn = [] if random.random() < 0.2 else random.sample(halves, random.randint(2, 5))
    leaves = tuple(
        Leave(first, first + timedelta(days=6))
        for first in (FIRST_DAY + timedelta(days=random.randrange(DAYS)) for _ in range(5))
    )
    spells = (FIRST_DAY + timedelta(days=random.randrange(DAYS)) for _ in range(behaviour.sick_spells))
    return Expert(
        id=id_,
        terms=Terms(weight=random.choice((1, 1, 1, 2, 3)), cap=random.choice((None, 12, 20))),
        availability=Availability(
            weekly=tuple(WeeklySlot(day, start, end, zone) for day, (start, end) in drawn),
            leaves=leaves,
            territory=territory,
        ),
        sick=tuple((first, first + timedelta(days=1)) for first in spells),
    )


def arrivals(random: Random, requests: int) -> list[datetime]:
    """When requests are sent: on weekdays mostly, in the day mostly, some at night and on Sundays."""
    by_day = (1.1, 1.1, 1.0, 1.1, 1.0, 0.3, 0.1)
    by_hour = tuple(1.0 if 8 <= hour < 19 else 0.15 for hour in range(24))
    days = [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]
    chosen = random.choices(days, [by_day[day.weekday()] for day in days], k=requests)
    hours = random.choices(range(24), by_hour, k=requests)
    return sorted(
        datetime.combine(day, time(hour), UTC) + timedelta(seconds=random.randrange(3600))
        for day, hour in zip(chosen, hours, strict=True)
    )
