"""Who the attacks are aimed at: a care team on a real server, made once a session and copied for each test.

Anne (admin), Paul and Claire are in one conversation, whose newcomers read its history; Karim and Hugo have a device
and are not in it.  Everybody speaks to the server directly but the victim, whose connection is in the server's hands.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
from sqlmodel import SQLModel

from miss.base.clock import MovableClock, SystemClock, to_ms
from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.base.random import system_random
from miss.broker import MemoryBroker
from miss.client import HistoryPolicy, Policy, Store, link_device, pair_device
from miss.client.events import ConnectionState
from miss.client.model import TEXT
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import open_register
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, EVERYBODY, HUGO_FACTICE, KARIM_ESSAI, PAUL_EXEMPLE
from miss.protocol.crypto.chains import verify_chain
from miss.protocol.crypto.changes import compose_add
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import DevicePublic, Proof, cosign, countersign, parse_link
from miss.protocol.crypto.membership import Author
from miss.storage import Database
from tests.attacks.middle import Middle, between
from tests.attacks.watch import Watch, store_of, watching
from tests.conditions import WAIT_S
from tests.miss.chat.kit import Place, Process, running
from tests.miss.chat.world import open_place

CAST = {
    "anne": ANNE_MODELE,
    "paul": PAUL_EXEMPLE,
    "claire": CLAIRE_TEMOIN,
    "karim": KARIM_ESSAI,
    "hugo": HUGO_FACTICE,
}
BEFORE = ("bonjour", "présente", "pansement refait")
"""What is in the log before any attack: by Anne, Claire, Paul."""


@dataclass(frozen=True)
class Template:
    """Files to start from."""

    folder: Path
    uids: dict[str, AccountId]
    cid: ConversationId
    other_cid: ConversationId
    """A conversation of Anne and Paul alone."""
    links: dict[str, list[bytes]]
    """Everybody's chain, as sent."""
    authors: dict[str, Author]
    """Everybody's device, for those who conspire with the server."""
    first_commit: bytes
    """Of the conversation."""
    first_secret: bytes
    """Of its first epoch, which every member of then may hand to the server."""
    envelopes: tuple[bytes, ...]
    """Of the messages BEFORE, in order."""
    receipt: bytes
    """Of the first of them."""
    user_keys: dict[str, UserKey]
    root: bytes
    opcerts: tuple[bytes, ...]
    second_link: bytes
    """That Anne's chain might go on with."""


def _open_place(folder: Path) -> Place:
    clock = MovableClock(SystemClock().now())
    db = Database(f"sqlite:///{folder}/miss.db")
    return open_place(db, clock, system_random, folder / "operator", folder / "blobs")


@contextlib.asynccontextmanager
async def _serving(place: Place) -> AsyncIterator[Process]:
    broker = MemoryBroker()
    await broker.start()
    async with running(place, broker) as process:
        yield process
    await broker.close()
    await place.db.close()


async def populate(place: Place, process_url: str, folder: Path, *names: str) -> dict[str, AccountId]:
    """A linked device for each of these people, through the real doors; the stores lie in `folder`."""
    uids = {}
    for name in names:
        with store_of(folder, name) as store:
            account = await place.open_account(CAST[name])
            uids[name] = await link_device(
                store,
                process_url,
                rpps=CAST[name],
                code=(await place.accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, "test")).code,
                device_name="Poste d'essai",
                expected_fingerprint=place.signer.root_fingerprint,
                clock=place.clock,
                random_bytes=system_random,
            )
    return uids


async def import_cast(place: Place) -> None:
    """Tables, and the register's lines about the people of the play."""
    async with place.db.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    with open_register() as lines:
        header, *rest = lines
        await place.practitioners.import_register(
            [header, *(line for line in rest if line[2:13].decode() in EVERYBODY)]
        )


async def make_template(folder: Path) -> Template:
    """Register, accounts, devices, conversation, through the real doors."""
    place = _open_place(folder)
    await import_cast(place)
    async with _serving(place) as process:
        uids = await populate(place, process.url, folder, *CAST)
        async with contextlib.AsyncExitStack() as stack:
            anne, paul, claire = [
                await stack.enter_async_context(watching(store_of(folder, name), process.url, place))
                for name in ("anne", "paul", "claire")
            ]
            policy = Policy(history=HistoryPolicy.EVERYTHING)
            cid = await anne.client.create_conversation([uids["paul"], uids["claire"]], policy=policy)
            for watch, text in zip((anne, claire, paul), BEFORE, strict=True):
                await watch.until(partial(watch.knows, cid))
                await watch.client.wait_sent(watch.client.send_text(cid, text))
            for watch in (anne, paul, claire):
                await watch.until(partial(watch.shows, cid, BEFORE))
            other_cid = await anne.client.create_conversation([uids["paul"]])
            await paul.until(lambda: any(one.cid == other_cid for one in paul.client.conversations()))
    links, authors, user_keys = {}, {}, {}
    for name, uid in uids.items():
        with store_of(folder, name) as store:
            links[name] = store.people.links(uid)
            device, user_key = store.device.get(), store.device.find_user_key(1)
            assert user_key is not None
            user_keys[name] = user_key
            authors[name] = Author(device.uid, device.did, device.keys)
            if (epoch := store.conversations.find_epoch(cid, 1)) is not None:
                first_commit, first_secret = epoch.commit.stripped().to_bytes(), epoch.es
            if name == "anne":
                kept = [store.evidence.find(cid, seq) for seq in range(1, len(BEFORE) + 1)]
    assert first_secret is not None
    [receipt, *_] = [one.receipt for one in kept if one is not None and one.receipt is not None]
    return Template(
        folder=folder,
        uids=uids,
        cid=cid,
        other_cid=other_cid,
        links=links,
        authors=authors,
        first_commit=first_commit,
        first_secret=first_secret,
        envelopes=tuple(one.env for one in kept if one is not None),
        receipt=receipt,
        user_keys=user_keys,
        root=place.signer.root_public,
        opcerts=place.signer.opcerts,
        second_link=_second_link(place, links["anne"], authors["anne"]),
    )


def _second_link(place: Place, links: list[bytes], author: Author) -> bytes:
    """A device more, as it should be."""
    chain = verify_chain(map(parse_link, links), place.signer.root_public, place.signer.opcerts)
    keys, now_ms = DeviceKeys.generate(system_random), to_ms(place.clock.now())
    link = compose_add(
        chain,
        device=DevicePublic(DeviceId(system_random(16)), keys.ik_public, keys.ek_public),
        by=author.did,
        by_keys=author.keys,
        proof=Proof("device", now_ms),
        ts_ms=now_ms,
    )
    return countersign(cosign(link, keys), place.signer._op_key).to_bytes()


@dataclass
class Scene:
    """One copy of the team, its server running."""

    place: Place
    process: Process
    folder: Path
    template: Template
    middle: Middle
    written: set[tuple[AccountId, str]] = field(default_factory=set)
    """Who really wrote what: nothing else may ever be shown."""

    @property
    def cid(self) -> ConversationId:
        return self.template.cid

    @property
    def uids(self) -> dict[str, AccountId]:
        return self.template.uids

    def store(self, name: str) -> Store:
        return store_of(self.folder, name)

    def honest(self, name: str) -> contextlib.AbstractAsyncContextManager[Watch]:
        """A client that speaks to the server itself."""
        return watching(self.store(name), self.process.url, self.place)

    def deceived(self, name: str, *, synced: bool = True) -> contextlib.AbstractAsyncContextManager[Watch]:
        """A client whose connection the server tampers with."""
        return watching(self.store(name), self.middle.url, self.place, synced=synced)

    async def write(self, watch: Watch, text: str) -> int:
        """Somebody writes, and the server has it."""
        self.written.add((watch.client.uid, text))
        async with asyncio.timeout(WAIT_S):
            return await watch.client.wait_sent(watch.client.send_text(self.cid, text))

    def note_written(self, watch: Watch, text: str) -> None:
        self.written.add((watch.client.uid, text))

    def require_truth(self, watch: Watch) -> None:
        """Everything shown was written by the person it is attributed to; nobody is a member who should not be."""
        for one in watch.shown(self.cid):
            assert one.uid is not None
            assert one.type != TEXT or (one.uid, one.text) in self.written, f"{watch.client.uid.hex()} shows {one!r}"


async def pair(scene: Scene, host: Watch, name: str, url: str) -> None:
    """One more device for the host's owner, whose store is called `name`; `url`: its way to the server.

    Raises what the new device or the host refuses.
    """
    invitation = await host.client.devices.invite()
    with store_of(scene.folder, name) as store:
        guest = asyncio.create_task(
            pair_device(
                store, url, invitation.code, device_name=name, clock=scene.place.clock, random_bytes=system_random
            )
        )
        try:
            async with asyncio.timeout(WAIT_S):
                await invitation.offer()
                await invitation.accept()
                await guest
        finally:
            guest.cancel()
            await asyncio.gather(guest, return_exceptions=True)


@contextlib.asynccontextmanager
async def staged(template: Template, folder: Path) -> AsyncIterator[Scene]:
    """The team in a folder of its own."""
    shutil.copytree(template.folder, folder, dirs_exist_ok=True)
    place = _open_place(folder)
    # The team has been quiet since: nothing may depend on how long ago the template was made.
    place.clock.advance(timedelta(hours=1))
    async with (
        _serving(place) as process,
        httpx.AsyncClient(base_url=process.url, timeout=30) as http,
        between(process.url, http) as middle,
    ):
        scene = Scene(place, process, folder, template, middle)
        authors = ("anne", "claire", "paul")
        scene.written |= {(template.uids[name], text) for name, text in zip(authors, BEFORE, strict=True)}
        yield scene


async def recover(scene: Scene, victim: Watch, other: Watch) -> None:
    """The server is honest again and the connection new: both write, both read.  Raises AssertionError if not."""
    victim.names.clear()
    await scene.middle.cut()
    is_open = f"ConnectionChanged {ConnectionState.OPEN}"
    await victim.until(lambda: is_open in victim.names and "Synced" in victim.names)
    await scene.write(other, "après l'attaque")
    await victim.until(lambda: "après l'attaque" in victim.texts(scene.cid))
    await scene.write(victim, "bien reçu")
    await other.until(lambda: "bien reçu" in other.texts(scene.cid))
