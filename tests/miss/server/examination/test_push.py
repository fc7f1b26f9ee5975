"""What `miss check` says of Web Push."""

from pathlib import Path

import pytest

from miss.base.random import system_random
from miss.chat.push.wire.keys import FILE, load_or_create_push_keys
from miss.server.examination import push
from miss.server.examination.model import Grade
from miss.server.examination.push import examine_push
from tests.miss.server.running import settings_in


async def test_what_is_off_is_a_remark_that_names_the_setting(tmp_path: Path) -> None:
    (finding,) = await examine_push(settings_in(tmp_path))
    assert finding.grade is Grade.REMARK
    assert "MISS_PUSH_HOSTS" in finding.sentence()


async def test_services_that_do_not_answer_and_keys_that_others_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "TIMEOUT_S", 0.2)
    settings = settings_in(tmp_path, push_hosts="push.invalid,*.notify.invalid")
    (away,) = await examine_push(settings)
    assert away.grade is Grade.WARNING
    assert "push.invalid" in away.sentence()
    settings.operator_keys.mkdir(parents=True)
    load_or_create_push_keys(settings.operator_keys, system_random)
    assert [one.grade for one in await examine_push(settings)] == [Grade.WARNING]
    (settings.operator_keys / FILE).write_text("AAAA")
    assert [one.grade for one in await examine_push(settings)] == [Grade.PROBLEM, Grade.WARNING]
