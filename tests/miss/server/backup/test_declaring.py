"""A restore is declared once: signed by ROOT, in the database, in the access log."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from miss.base.clock import SystemClock, to_ms
from miss.base.random import system_random
from miss.directory.audit import Subject
from miss.directory.signer.errors import OperatorKeysUnusable
from miss.server.backup.declaring import declare_restored
from miss.server.backup.service import find_restored, forget_restored, note_restored
from miss.server.service import find_services
from tests.databases import open_prepared_server
from tests.miss.server.running import settings_in

MOMENT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


async def test_it_is_signed_kept_and_written_down(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    await (await open_prepared_server(settings, SystemClock(), system_random, find_services())).close()
    # ROOT's key is in its safe.
    safe = tmp_path / "safe"
    safe.mkdir()
    (settings.operator_keys / "root.key").rename(safe / "root.key")
    with pytest.raises(OperatorKeysUnusable):
        await declare_restored(settings, MOMENT)

    first = await declare_restored(settings, MOMENT, safe / "root.key")
    second = await declare_restored(settings, MOMENT, safe / "root.key")
    assert [first.epoch, second.epoch] == [1, 2]
    assert first.restored_to_ms == to_ms(MOMENT)
    server = await open_prepared_server(settings, SystemClock(), system_random, find_services())
    try:
        assert await server.chat.restorations.list_after(0) == [first.raw, second.raw]
        [entry] = (await server.house.audit.list_(subject=Subject("store", "1"))).entries
        assert entry.fact is not None
        assert (entry.fact.act, entry.fact.detail) == ("store.restored", f"to {MOMENT.isoformat()}")
        assert entry.fact.actor.startswith("cli:")
    finally:
        await server.close()


def test_the_mark_of_a_restore_stands_until_it_is_declared(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.data_dir.mkdir()
    assert find_restored(settings) is None
    note_restored(settings.data_dir, MOMENT)
    assert find_restored(settings) == MOMENT
    forget_restored(settings)
    assert find_restored(settings) is None
