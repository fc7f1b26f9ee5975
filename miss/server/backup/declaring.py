"""A restore to an older point, declared: signed by ROOT, kept in the database, written into the access log.  ADR 51"""

import getpass
from datetime import datetime
from pathlib import Path

from miss.base.clock import from_ms, to_ms
from miss.chat.restorations import service as restorations
from miss.chat.restorations import store
from miss.directory.audit import Subject
from miss.directory.signer import RootLedger
from miss.protocol.crypto.restorations import Restoration
from miss.server.commands.session import opened
from miss.server.settings import Settings


async def declare_restored(settings: Settings, moment: datetime, root_key: Path | None = None) -> Restoration:
    """Sign and keep that this server was restored to `moment`; the statement.

    `root_key`: where ROOT's key is; by default among the operator's keys.  Raises OperatorKeysUnusable,
    RestorationFork, a RestorationError.
    """
    async with opened(settings) as server:
        house = server.house
        ledger = RootLedger(
            root_key or settings.operator_keys / "root.key", server.chat.signer.root_public, house.clock
        )
        async with house.db.snapshot() as tx:
            known = [one.raw for one in await store.list_after(tx, 0)]
        statements = ledger.declare(to_ms(moment), known)
        last = statements[-1]
        async with house.db.transaction() as tx:
            await restorations.keep(tx, statements, house.clock)
            house.audit.append(
                tx,
                actor=f"cli:{getpass.getuser()}",
                act="store.restored",
                subject=Subject("store", str(last.epoch)),
                detail=f"to {from_ms(last.restored_to_ms).isoformat()}",
            )
    return last
