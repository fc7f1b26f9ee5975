"""The settings of Web Push, and what the composition root makes of them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.chat.push.wire.keys import load_push_keys
from miss.server.service import Services
from miss.server.settings import Settings
from miss.server.wiring.push import push_contact
from tests.databases import open_prepared_server
from tests.miss.server.running import settings_in


def test_named_services_are_told_apart() -> None:
    settings = Settings(push_hosts=" push.example, *.Notify.example,", push_networks="10.0.0.0/24, fd00::/8")
    assert settings.push_services == {"push.example", "*.notify.example"}
    assert [str(network) for network in settings.push_private] == ["10.0.0.0/24", "fd00::/8"]
    assert Settings().push_services == frozenset()


@pytest.mark.parametrize(
    "hosts", ["https://push.example", "push", "*", "*.", "push.example/x", "a.*.example", "10.0.0.1:8"]
)
def test_what_is_no_host_is_refused(hosts: str) -> None:
    with pytest.raises(ValidationError, match="MISS_PUSH_HOSTS"):
        Settings(push_hosts=hosts)


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValidationError, match="MISS_PUSH_NETWORKS"):
        Settings(push_networks="10.0.0.1/8")


def test_whom_a_push_service_turns_to() -> None:
    assert push_contact(Settings(public_url="https://miss.example/")) == "https://miss.example"
    assert push_contact(Settings(mail_domain="chu.example")) == "mailto:assistance@chu.example"


async def test_keys_are_made_once_services_are_named(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, push_hosts="push.example")
    server = await open_prepared_server(settings, SystemClock(), system_random, Services())
    assert server.chat.push.wakeups is not None
    assert len(load_push_keys(settings.operator_keys).all) == 1
    await server.close()
