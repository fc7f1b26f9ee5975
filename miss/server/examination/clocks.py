"""What time it is here: whether somebody keeps the clock right, and whether it is later than what was written.

Codes of second factors, certificates and deadlines are judged by it.  `adjtimex` tells what the kernel was told by
chrony, ntpd or systemd-timesyncd (man 2 adjtimex); it is only read.
"""

import ctypes
import sys
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.server.examination.model import Finding, of_error, warning
from miss.server.premises import require_clock
from miss.server.settings import Settings
from miss.storage import Database

_NOT_SYNCHRONISED: Final = 5
"""TIME_ERROR of <sys/timex.h>."""
_TIMEX_BYTES: Final = 512
"""More than `struct timex` has; all zero it asks for nothing to be changed."""


async def examine_clock(settings: Settings, clock: Clock) -> list[Finding]:
    """This machine's clock, beside the kernel's word and beside the database."""
    return [*_judge(is_synchronised()), *await _examine_past(settings, clock)]


def is_synchronised() -> bool | None:
    """True: the kernel was told so; None: it cannot be asked here."""
    if not sys.platform.startswith("linux"):
        return None
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return None if state < 0 else bool(state != _NOT_SYNCHRONISED)


def _judge(synchronised: bool | None) -> list[Finding]:
    if synchronised is not False:
        return []
    return [
        warning(
            "Rien ne règle l’horloge de cette machine : installez chrony (apt install chrony).",
            "Nothing keeps the clock of this machine right: install chrony (apt install chrony).",
        )
    ]


async def _examine_past(settings: Settings, clock: Clock) -> list[Finding]:
    db = Database(settings.database)
    try:
        await require_clock(db, clock)
    except MissError as error:
        return [of_error(error)]
    except SQLAlchemyError:
        return []  # a database without its schema: said by those who examine the databases
    finally:
        await db.close()
    return []
