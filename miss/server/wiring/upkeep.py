"""What a deployment does by itself while nobody looks: register, access log, keys, mails past their time."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from miss.directory.audit import AuditUpkeep
from miss.directory.imports.daily import DailyImport
from miss.directory.signer import Signer
from miss.mail.retention import MailRetention
from miss.server.house import House
from miss.storage import Database
from miss.storage.jobs import JobHandler
from miss.storage.sealed import KeyUpkeep

IMPORT_COMMAND = (
    *(sys.executable, "-c", "from miss.server.cli import main; main()"),
    *("directory", "import", "--quiet"),
)
"""What the daily import runs: this very installation, in a process of its own."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The handlers of these jobs, and what plans them."""

    job_handlers: tuple[JobHandler, ...]
    starts: tuple[Callable[[], Awaitable[None]], ...]


def build_upkeep(house: House, keys: Database, signer: Signer) -> Upkeep:
    """`keys`: the key store's database."""
    settings, lent = house.settings, (house.clock, house.random_bytes)
    log = AuditUpkeep(house.db, *lent, signer.audit_key, settings.audit_retention_months)
    daily = DailyImport(
        house.practitioners.imports,
        house.db,
        *lent,
        folder=settings.directory_folder,
        hour=settings.directory_hour,
        command=IMPORT_COMMAND,
    )
    mails = MailRetention(house.db, house.keystore, *lent, timedelta(days=settings.mail_retention_days))
    renewal = KeyUpkeep(house.db, keys, settings.master_key, *lent, every=timedelta(days=settings.master_key_days))
    return Upkeep(
        tuple(room.job_handler() for room in (log, daily, mails, renewal)),
        (log.start, daily.start, mails.start, *([renewal.start] if settings.renews_master_key else [])),
    )
