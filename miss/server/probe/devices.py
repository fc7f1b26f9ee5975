"""The two devices: made once beside the running server, opened for each run.

The folder may be carried to another machine; it opens nothing but a conversation of two fictive people and their own
requests.  One probe at a time holds it (StoreInUse).
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext
from typing import TYPE_CHECKING, Final

from miss.base.clock import Clock
from miss.base.ids import AccountId, ConversationId
from miss.base.random import RandomBytes
from miss.client import Client, Policy, Store, key_from_file, link_device, reset_device
from miss.directory.accounts import ActivationPurpose
from miss.directory.practitioners.probes import ANSWERING, ANSWERING_RPPS, ASKING, ASKING_RPPS
from miss.directory.roles import Role
from miss.server.probe.errors import ProbeNotPrepared, ProbePreparedAlready

if TYPE_CHECKING:
    from miss.server.doors import Server

DEVICE_NAME: Final = "Sonde"
KEPT_S: Final = 24 * 60 * 60
"""Messages of probes are deleted after a day."""
_PEOPLE: Final = {"asking": (ASKING_RPPS, ASKING), "answering": (ANSWERING_RPPS, ANSWERING)}
_READY: Final = "probe.json"
BY: Final = "probe"


@dataclass(frozen=True, slots=True)
class Letter:
    """What an activation letter says: made inside, used at the doors."""

    rpps: str
    code: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Devices:
    """Both, online."""

    asking: Client
    answering: Client
    conversation: ConversationId


@dataclass(frozen=True, slots=True)
class ProbeFolder:
    """Where both lie."""

    path: Path
    clock: Clock
    random_bytes: RandomBytes
    trust: SSLContext | None = None

    @property
    def is_ready(self) -> bool:
        """True: a probe can run."""
        return (self.path / _READY).exists()

    async def link(self, server_url: str, letters: dict[str, Letter], *, reset: bool) -> None:
        """Make both devices and their conversation, at the running server's doors.  Raises as `link_device`."""
        if self.is_ready:
            raise ProbePreparedAlready(folder=self.path)
        uids: dict[str, AccountId] = {}
        for name, letter in letters.items():
            with self._store(name) as store:
                uids[name] = await (reset_device if reset else link_device)(
                    store,
                    server_url,
                    rpps=letter.rpps,
                    code=letter.code,
                    device_name=DEVICE_NAME,
                    expected_fingerprint=letter.fingerprint,
                    clock=self.clock,
                    random_bytes=self.random_bytes,
                    ssl_context=self.trust,
                )
        async with self._online("asking", server_url) as asking:
            cid = await asking.create_conversation([uids["answering"]], name=DEVICE_NAME, policy=Policy(ttl_s=KEPT_S))
        (self.path / _READY).write_text(json.dumps({"server": server_url, "conversation": cid.hex()}) + "\n")

    def server_url(self) -> str:
        """Where the devices were made.  Raises ProbeNotPrepared."""
        return str(self._read()["server"])

    @asynccontextmanager
    async def online(self, server_url: str) -> AsyncIterator[Devices]:
        """Both devices, caught up.  Raises ProbeNotPrepared, StoreInUse, DeviceRefused."""
        cid = ConversationId(bytes.fromhex(self._read()["conversation"]))
        async with AsyncExitStack() as stack:
            asking, answering = [
                await stack.enter_async_context(self._online(name, server_url)) for name in ("asking", "answering")
            ]
            yield Devices(asking, answering, cid)

    @asynccontextmanager
    async def _online(self, name: str, server_url: str) -> AsyncIterator[Client]:
        with self._store(name) as store:
            opened = Client.open(
                store,
                clock=self.clock,
                random_bytes=self.random_bytes,
                server_url=server_url,
                ssl_context=self.trust,
            )
            async with opened as client:
                await client.wait_synced()
                yield client

    def _store(self, name: str) -> Store:
        folder = self.path / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Store(folder / "chat.db", key_from_file(folder / "chat.key", self.random_bytes), self.random_bytes)

    def _read(self) -> dict[str, str]:
        try:
            read: dict[str, str] = json.loads((self.path / _READY).read_text())
        except (OSError, ValueError):
            raise ProbeNotPrepared(folder=self.path) from None
        return read


async def write_letters(server: "Server", *, reset: bool) -> dict[str, Letter]:
    """Open and verify both accounts if they are not, and issue each a code.  Raises as `Accounts.issue_activation`."""
    accounts, letters = server.house.accounts, {}
    for name, (rpps, practitioner_id) in _PEOPLE.items():
        account = await accounts.find_by_rpps(rpps) or await accounts.open(practitioner_id, by=BY)
        if not account.is_active:
            account = await accounts.verify(account.uid, by=BY)
            await server.house.roles.appoint(account, Role.PRACTITIONER, by=BY)
        purpose = ActivationPurpose.RESET if reset else ActivationPurpose.DEVICE
        issued = await accounts.issue_activation(account.uid, purpose, by=BY)
        letters[name] = Letter(rpps, issued.code, server.chat.signer.root_fingerprint)
    return letters
