"""A store that a failing disk has damaged: it is named, and the server and the recovery key bring everything back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clients.desktop.state import facts as f
from clients.desktop.sync.ways import Recovery
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.clients.desktop.desk import Desk
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts
from tests.miss.client.second_devices import ticket

pytestmark = pytest.mark.desktop
PAGE = 4096


def zeroes(content: bytes) -> bytes:
    """Every page but the first is gone, as a disk that was full leaves a file."""
    return content[:PAGE] + bytes(len(content) - PAGE)


def cut(content: bytes) -> bytes:
    """The end is missing."""
    return content[: len(content) // 2]


def noise(content: bytes) -> bytes:
    """It is no database any more."""
    return b"\xa5" * len(content)


async def test_damaged_and_brought_back(server: ChatServer, desks: Callable[..., Desk]) -> None:
    await server.link_everybody(PAUL_EXEMPLE)
    desk = desks("desk")
    await desk.link(server, ANNE_MODELE)
    await desk.until(lambda: desk.state.is_synced)
    async with server.online(PAUL_EXEMPLE) as paul:
        uids = [paul.uid]
        cid = await desk.ask(lambda account: account.begin(uids, "Plaie du talon"))
        await desk.ask(lambda account: account.send_text(cid, "Une lésion du talon."))
        await until_true(paul, lambda: paul.conversations() and "Une lésion du talon." in texts(paul, cid))
        secret = await desk.ask(lambda account: account.prepare_recovery(replace=False))
        await desk.ask(lambda account: account.confirm_recovery(secret))
        await desk.close_account()

        [profile] = desk.profiles.list_()
        whole = profile.chat_path.read_bytes()
        for damage in (zeroes, cut, noise):
            spoil(profile.chat_path, damage(whole))
            with pytest.raises(AssertionError, match="altérées"):
                await desk.open("MODELE")
            assert desk.state.me is None, "nothing half open"
        spoil(profile.chat_path, whole)
        await desk.open("MODELE")
        await desk.until(lambda: desk.state.rows)
        await desk.close_account()
        spoil(profile.chat_path, noise(whole))

        # As the page of the lock does it: the account is taken off this machine, and linked anew by the paper.
        desk.core.forget(profile, lambda: None)
        await desk.until(lambda: not desk.profiles.list_())
        code = await ticket(server, ANNE_MODELE, ActivationPurpose.RECOVERY)
        await desk.enrol(Recovery(server.url, ANNE_MODELE, code, secret, server.signer.root_fingerprint))
        await desk.until(lambda: desk.state.is_synced and desk.state.rows)
        desk.do(f.ConversationChosen(cid))
        desk.core.show(lambda account: account.show(cid))
        await desk.until(lambda: shown(desk) == ["Une lésion du talon."])
        await desk.ask(lambda account: account.send_text(cid, "Me revoici."))
        await until_true(paul, lambda: "Me revoici." in texts(paul, cid))


def shown(desk: Desk) -> list[str]:
    """What was written in the open conversation."""
    messages = desk.state.thread.messages if desk.state.thread else ()
    return [one.text for one in messages if one.type == "text"]


def spoil(path: Path, content: bytes) -> None:
    """Another content, and nothing beside it that would bring the old one back."""
    for suffix in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(content)
