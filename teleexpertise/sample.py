"""A fictive pool of dermatologists for the demonstration, on top of the sample directory."""

from datetime import time, timedelta

from miss.directory.practitioners import Practitioner, PractitionerNotFound, Practitioners
from miss.directory.sample import people
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.dispatch import Terms
from teleexpertise.house import Teleexpertise

ZONE = "Europe/Paris"
WORKING_DAYS = range(5)
POOL = "Dermatologie – Hauts-de-France"


async def make_sample(built: Teleexpertise, practitioners: Practitioners) -> None:
    """One pool, its coordinator, two experts and the weeks they drew; nothing if the pool exists.

    Raises PractitionerNotFound if the sample directory was not imported.
    """
    form = built.registry.latest("dermatologie")
    async with built.parts.db.snapshot() as tx:
        if any(pool.name == POOL for pool in await built.dispatch.list_pools(tx)):
            return
    # No public holidays, here and below: the demonstration must play on any day of the year.
    days = tuple(WeeklySlot(day, time(8), time(19), ZONE) for day in WORKING_DAYS)
    hours = Availability(weekly=days, territory=None)
    pool = await built.dispatch.create_pool(
        name=POOL,
        questionnaire=form.id,
        coordinator_id=(await _get(practitioners, people.MARC_COORDO)).id,
        hours=hours,
        zone=ZONE,
        answer_within=timedelta(hours=55),
        accept_within=timedelta(hours=6),
        answer_time=timedelta(hours=2),
    )
    for rpps in (people.ANNE_MODELE, people.KARIM_ESSAI):
        expert = await _get(practitioners, rpps)
        await built.dispatch.put_member(pool.id, expert.id, Terms())
        mornings = [WeeklySlot(day, time(9), time(12), ZONE) for day in WORKING_DAYS]
        await built.availabilities.replace_week(expert.id, mornings, territory=None)


async def _get(practitioners: Practitioners, rpps: str) -> Practitioner:
    found = await practitioners.find_by_rpps(rpps)
    if found is None:
        raise PractitionerNotFound
    return found
