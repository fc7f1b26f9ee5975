"""The team under attack, made once and copied for each test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import certifi
import pytest

from tests.attacks.scene import Scene, Template, make_template, staged


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Of the authorities that every HTTP client loads, one will do where nothing is encrypted: a third of the time."""
    end = "-----END CERTIFICATE-----\n"
    path = tmp_path_factory.mktemp("tls") / "one.pem"
    path.write_text(Path(certifi.where()).read_text().partition(end)[0] + end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Made once."""
    return asyncio.run(make_template(tmp_path_factory.mktemp("team")))


@pytest.fixture
async def scene(team: Template, tmp_path: Path) -> AsyncIterator[Scene]:
    """A copy of its own, the server running."""
    async with staged(team, tmp_path) as scene:
        yield scene
