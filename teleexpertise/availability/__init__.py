"""When an expert can be asked: a drawn week, leave, exceptions and public holidays, in local time.

What is stored is what the expert said (« le mardi de 9 h à 12 h, à La Réunion »), never an instant, so that a
change of clocks or of law moves the opening and not the intention.  Calendars of other software (`calendars`) only
close what is open.
"""

from teleexpertise.availability.holidays import Territory
from teleexpertise.availability.model import (
    WEEKDAYS,
    Availability,
    DayException,
    Leave,
    Opening,
    Slot,
    WeeklySlot,
    availability_from_json,
    availability_from_text,
    availability_to_json,
)
from teleexpertise.availability.service import Availabilities
from teleexpertise.availability.working_time import (
    add_working_time,
    find_working_time_end,
    working_time_between,
)

__all__ = [
    "WEEKDAYS",
    "Availabilities",
    "Availability",
    "DayException",
    "Leave",
    "Opening",
    "Slot",
    "Territory",
    "WeeklySlot",
    "add_working_time",
    "availability_from_json",
    "availability_from_text",
    "availability_to_json",
    "find_working_time_end",
    "working_time_between",
]
