"""The notice of a later version, through the real server: told once it is genuine, never for anything else."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from ssl import create_default_context

import pytest
from nacl.signing import SigningKey

from clients.desktop.policy import Policy
from clients.desktop.releases import compose_releases
from clients.desktop.state import facts as f
from clients.desktop.state.model import Release
from clients.desktop.sync.updates import Updates
from clients.desktop.sync.ways import Letter
from miss.base.clock import SystemClock
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.server.demo.people import issue_code, load_directory
from miss.server.doors import Server
from tests.clients.desktop.desk import Desk
from tests.miss.server.running import serving, settings_in

KEY, OTHER = SigningKey(b"p" * 32), SigningKey(b"q" * 32)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path / "server", desktop_releases=tmp_path / "releases.json")) as server:
        yield server


def publish(folder: Path, version: str, sequence: int, key: SigningKey = KEY, days: int = 30) -> None:
    now = SystemClock().now()
    signed = {
        "sequence": sequence,
        "issued_at": now - timedelta(days=60),
        "expires_at": now + timedelta(days=days),
        "releases": [{"version": version}],
    }
    (folder / "releases.json").write_bytes(compose_releases(signed, key))


class Installation:
    """One machine that asks."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server_url = server.house.settings.public_origin
        self._told: list[f.Fact] = []
        self.updates = Updates(
            key=bytes(KEY.verify_key), version="0.1.0", folder=folder, clock=SystemClock(), tell=self._told.append
        )

    async def ask(self) -> list[f.Fact]:
        self._told.clear()
        assert await self.updates.ask(self._server_url, create_default_context())
        return list(self._told)


async def test_genuine_lists_are_told_and_no_others(server: Server, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    here = Installation(server, home)
    assert await here.ask() == [], "this server has no list"
    publish(tmp_path, "0.1.0", 1)
    assert await here.ask() == [f.ReleaseTold(None)]
    publish(tmp_path, "0.2.0", 2)
    assert await here.ask() == [f.ReleaseTold(Release("0.2.0"))]

    publish(tmp_path, "0.1.5", 1)
    assert await Installation(server, home).ask() == [], "a list from before, after a restart too"
    publish(tmp_path, "0.3.0", 3, days=-1)
    assert await here.ask() == [], "an expired one"
    publish(tmp_path, "9.0.0", 9, OTHER)
    [forged] = await here.ask()
    assert isinstance(forged, f.Troubled)
    assert "signature" in forged.sentence
    assert await here.ask() == [], "said once"
    (tmp_path / "releases.json").write_bytes(b"x" * 10_000_000)
    assert [type(one) for one in await here.ask()] == [f.Troubled]


async def test_a_server_that_is_away_is_asked_again(tmp_path: Path) -> None:
    updates = Updates(key=b"", version="0.1.0", folder=tmp_path, clock=SystemClock(), tell=lambda _fact: None)
    assert not await updates.ask("http://127.0.0.1:9", create_default_context())


@pytest.mark.desktop
async def test_an_open_account_hears_of_it_unless_it_wants_not_to(
    server: Server, desks: Callable[..., Desk], tmp_path: Path
) -> None:
    publish(tmp_path, "0.2.0", 1)
    house = server.house
    await load_directory(house)
    for rpps, policy in ((ANNE_MODELE, Policy()), (PAUL_EXEMPLE, Policy(update_notice=False))):
        desk = desks(rpps, policy=policy, release_key=bytes(KEY.verify_key))
        code = await issue_code(house, rpps, ActivationPurpose.DEVICE)
        fingerprint = server.chat.signer.root_fingerprint
        await desk.enrol(Letter(house.settings.public_origin, rpps, code, fingerprint))
        await desk.until(lambda desk=desk: desk.state.is_synced)  # type: ignore[misc]
        if policy.update_notice:
            await desk.until(lambda desk=desk: desk.state.release == Release("0.2.0"))  # type: ignore[misc]
            desk.do(f.ReleaseSeen())
            assert desk.state.release is None
        else:
            await desk.close_account()
            assert not [one for one in desk.facts if isinstance(one, f.ReleaseTold)]
