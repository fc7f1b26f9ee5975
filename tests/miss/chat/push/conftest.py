"""The stand-in for a push service, and a process that uses it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.broker import MemoryBroker
from miss.chat.push.wire.keys import PushKey, PushKeys
from tests.miss.chat.kit import Place, Process, running
from tests.miss.chat.push.standin import StandIn, make_certificate, one_key, standing_in
from tests.miss.chat.world import Template, World


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("push") / "push.pem")


@pytest.fixture
async def service(certificate: Path) -> AsyncIterator[StandIn]:
    async with standing_in(certificate) as one:
        yield one


@pytest.fixture(scope="session")
def key() -> PushKey:
    return one_key()


@pytest.fixture
async def pushing(place: Place, memory_broker: MemoryBroker, service: StandIn, key: PushKey) -> AsyncIterator[Process]:
    """A process that wakes closed devices through the stand-in."""
    services = service.services(place.clock, place.random_bytes, PushKeys((key,)))
    async with running(place, memory_broker, push=services) as one:
        yield one


@pytest.fixture
def template_world(template: Template, pushing: Process, place: Place) -> World:
    """Its people, who talk to `pushing`."""
    return template.world.at(pushing, place)
