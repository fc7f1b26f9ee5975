"""A chat server on a real port, and people with real keys who talk to it over HTTP and WebSocket."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import httpx
import msgspec
import pytest
import uvicorn
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from miss.base.clock import MovableClock, monotonic_s, to_ms
from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId, uuid7
from miss.base.random import RandomBytes
from miss.broker import Broker
from miss.chat import Chat, ChatLimits, chat_routes
from miss.chat.alarms.service import Notify, notify_nobody
from miss.chat.conversations.blocks import BlocksAmong, nobody_is_blocked
from miss.chat.limits import HttpRates
from miss.chat.push.service import PushServices
from miss.directory.accounts import Account, Accounts, ActivationPurpose
from miss.directory.practitioners import Practitioners
from miss.directory.signer import Signer
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.chains import Chain, apply_link, verify_chain
from miss.protocol.crypto.changes import compose_add, compose_revoke, compose_uek, seal_user_key_for
from miss.protocol.crypto.commits import Commit, HistoryPolicy, Policy, Role, open_box, open_history, parse_commit
from miss.protocol.crypto.envelopes import TEXT, Body, open_envelope, seal_envelope
from miss.protocol.crypto.keys import DeviceKeys, UserKey, seal_user_key
from miss.protocol.crypto.links import DevicePublic, Link, Proof, Who, compose_genesis, cosign, parse_link
from miss.protocol.crypto.membership import Author, compose_commit
from miss.protocol.crypto.pairing import compose_pairing_code, pairing_keys
from miss.protocol.crypto.vault import open_vault_entry, seal_vault_entry
from miss.protocol.limits import MAX_CLIENT_FRAME_BYTES
from miss.protocol.session import ClientSession, Rate
from miss.protocol.session.events import Answered, ClientEvent, HelloReceived
from miss.protocol.wire.frames import SUBPROTOCOL, Ack, Err, Heads, Page, Ready
from miss.server.websocket import DirectWebSocket
from miss.storage import Database
from miss.storage.blobs import DiskBlobs
from tests.conditions import WAIT_S

HOST = "127.0.0.1"
UNHURRIED = ChatLimits(http=HttpRates(*[Rate(burst=100_000, per_s=100_000)] * 6))
"""The rates are not what most tests are about."""
EACH_DATABASE = ("sqlite", "postgresql")

E = TypeVar("E", bound=ClientEvent)
Layer = type[DirectWebSocket] | Literal["websockets-sansio"]


@dataclass(frozen=True)
class Place:
    """What every process of one installation shares."""

    db: Database
    clock: MovableClock
    random_bytes: RandomBytes
    practitioners: Practitioners
    accounts: Accounts
    signer: Signer
    blobs: Path

    async def open_account(self, rpps: str) -> Account:
        """A verified account."""
        practitioner = await self.practitioners.find_by_rpps(rpps)
        assert practitioner is not None
        account = await self.accounts.open(practitioner.id, by="test")
        return await self.accounts.verify(account.uid, "test")

    async def issue_code(self, account: Account) -> str:
        return (await self.accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, "test")).code


@dataclass
class Process:
    """One server process: its chat, its port, a client for its HTTP."""

    chat: Chat
    url: str
    http: httpx.AsyncClient
    metrics: CollectorRegistry

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/api/chat/socket"

    def figure(self, name: str) -> float:
        """A metric's value."""
        return self.metrics.get_sample_value(name) or 0.0


@asynccontextmanager
async def running(
    place: Place,
    broker: Broker,
    limits: ChatLimits | None = None,
    *,
    send_buffer_bytes: int = 0,
    notify: Notify = notify_nobody,
    blocks_among: BlocksAmong = nobody_is_blocked,
    layer: Layer = DirectWebSocket,
    push: PushServices | None = None,
) -> AsyncIterator[Process]:
    """A process with its doors open; `layer`: what speaks WebSocket below the chat."""
    metrics = CollectorRegistry()
    listener = socket.create_server((HOST, 0))
    # asyncio does it for sockets it makes itself; on this one small answers would wait 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if send_buffer_bytes:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    chat = Chat(
        db=place.db,
        broker=broker,
        blobs=DiskBlobs(place.blobs),
        clock=place.clock,
        random_bytes=place.random_bytes,
        accounts=place.accounts,
        practitioners=place.practitioners,
        signer=place.signer,
        metrics=metrics,
        public_origin=url,
        limits=limits or UNHURRIED,
        notify=notify,
        blocks_among=blocks_among,
        push=push,
    )
    config = uvicorn.Config(
        Starlette(routes=chat_routes(chat)),
        ws=layer,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_max_size=MAX_CLIENT_FRAME_BYTES,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    config.load()
    server = uvicorn.Server(config)
    # `serve` would add signal handlers and waits of a tenth of a second; a test needs neither.
    server.lifespan = config.lifespan_class(config)
    await chat.start()
    await server.startup([listener])
    try:
        async with httpx.AsyncClient(base_url=url, timeout=WAIT_S, trust_env=False) as http:
            yield Process(chat, url, http, metrics)
    finally:
        await chat.close()
        for door in server.servers:
            door.close()
        # What is still open belongs to a test that failed.
        for task in server.server_state.tasks:
            task.cancel()
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
        listener.close()


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body['code']} {body['params']}")
        self.status = status
        self.code = body["code"]
        self.text = body["text"]
        self.params = body["params"]


def unpack(response: httpx.Response) -> dict[str, Any]:
    """The body of a good answer; raises Refused for another."""
    body: dict[str, Any] = msgspec.msgpack.decode(response.content)
    if response.status_code >= 400:
        raise Refused(response.status_code, body)
    return body


async def post(process: Process, path: str, body: object, token: str = "", **headers: str) -> dict[str, Any]:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    content = body if isinstance(body, bytes | AsyncIterator) else msgspec.msgpack.encode(body)
    return unpack(await process.http.post(f"/api/chat/{path}", content=content, headers=headers))


async def put(process: Process, path: str, body: object, token: str = "") -> dict[str, Any]:
    return await ask(process, "PUT", path, body, token)


async def ask(process: Process, method: str, path: str, body: object = None, token: str = "") -> dict[str, Any]:
    """Any method."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = b"" if body is None else msgspec.msgpack.encode(body)
    return unpack(await process.http.request(method, f"/api/chat/{path}", content=content, headers=headers))


async def get(process: Process, path: str, token: str, **headers: str) -> dict[str, Any]:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return unpack(await process.http.get(f"/api/chat/{path}", headers=headers))


@dataclass
class Member:
    """A person with one linked device."""

    rpps: str
    code: str
    who: Who
    uid: AccountId
    did: DeviceId
    keys: DeviceKeys
    user_key: UserKey
    link: bytes = b""

    @classmethod
    async def arrive(cls, process: Process, place: Place, rpps: str) -> Self:
        """Open an account, use the code, link the device."""
        account = await place.open_account(rpps)
        member = await cls.prepare(process, place, account, rpps, await place.issue_code(account))
        await member.link_device(process, member.genesis(place.clock.now()))
        return member

    @classmethod
    async def prepare(cls, process: Process, place: Place, account: Account, rpps: str, code: str) -> Self:
        """Everything but the link itself."""
        shown = await post(process, "activation", {"rpps": rpps, "code": code})
        assert shown["uid"] == account.uid
        return cls(
            rpps,
            code,
            Who(**shown["who"]),
            AccountId(shown["uid"]),
            DeviceId(place.random_bytes(16)),
            DeviceKeys.generate(place.random_bytes),
            UserKey.generate(1, place.random_bytes),
        )

    def genesis(self, now: datetime, who: Who | None = None) -> bytes:
        """The person's first link, dated `now`."""
        return compose_genesis(
            uid=self.uid,
            did=self.did,
            keys=self.keys,
            user_key=self.user_key,
            who=who or self.who,
            proof=Proof("activation-code", to_ms(now)),
            ts_ms=to_ms(now),
        ).to_bytes()

    async def link_device(self, process: Process, link: bytes) -> None:
        """Give in the code with the link."""
        asked = {"rpps": self.rpps, "code": self.code, "link": link, "name": "Poste de garde"}
        self.link = (await post(process, "devices", asked))["link"]

    async def second_device(self, process: Process, place: Place, name: str = "Tablette") -> "Member":
        """The same person on one more device, let in by this one."""
        code = compose_pairing_code(place.random_bytes)
        slot = pairing_keys(code).slot
        await post(process, "pairing", {"slot": slot}, self.token(process))
        await put(process, f"pairing/{slot.hex()}/offer", {"offer": b"offer"})
        await put(process, f"pairing/{slot.hex()}/answer", {"answer": b"answer"}, self.token(process))
        other = replace(self, did=DeviceId(place.random_bytes(16)), keys=DeviceKeys.generate(place.random_bytes))
        link = cosign(await self.addition(process, place, other), other.keys)
        box = seal_user_key(self.user_key, self.uid, other.did, other.keys.ek_public)
        asked = {"link": link.to_bytes(), "box": box, "name": name}
        other.link = (await post(process, f"pairing/{slot.hex()}/device", asked))["link"]
        return other

    async def addition(self, process: Process, place: Place, other: "Member", method: str = "device") -> Link:
        """The link that lets `other`, a device of this person, in."""
        now_ms = to_ms(place.clock.now())
        return compose_add(
            await self.chain_of(process, self.uid),
            device=DevicePublic(other.did, other.keys.ik_public, other.keys.ek_public),
            by=self.did,
            by_keys=self.keys,
            proof=Proof(method, now_ms),
            ts_ms=now_ms,
        )

    async def revoke(self, process: Process, place: Place, did: DeviceId) -> dict[str, Any]:
        """Revoke one of the person's other devices, and bring along all that could be read."""
        return await self.rotate(process, place, await self.revocation(process, place, did))

    async def rotate(self, process: Process, place: Place, change: tuple[Link, UserKey]) -> dict[str, Any]:
        """Send a change of user key with boxes and vault; from then on the new key is this device's."""
        link, user_key = change
        boxes = seal_user_key_for(apply_link(await self.chain_of(process, self.uid), link), user_key)
        vault = await Keyring(process, self).seal(user_key, place.random_bytes)
        asked = {"link": link.to_bytes(), "boxes": boxes, "vault": vault}
        answered = await post(process, "links", asked, self.token(process))
        self.user_key = user_key
        return answered

    async def revocation(self, process: Process, place: Place, did: DeviceId) -> tuple[Link, UserKey]:
        """The link that revokes one of the person's other devices, and the user key it brings."""
        chain = await self.chain_of(process, self.uid)
        now_ms = to_ms(place.clock.now())
        user_key = UserKey.generate(chain.uek_gen + 1, place.random_bytes)
        link = compose_revoke(
            chain,
            did=did,
            user_key=user_key,
            by=self.did,
            by_keys=self.keys,
            proof=Proof("device", now_ms),
            ts_ms=now_ms,
        )
        return link, user_key

    async def renewal(self, process: Process, place: Place) -> tuple[Link, UserKey]:
        """The link that renews the user key, and that key."""
        chain = await self.chain_of(process, self.uid)
        now_ms = to_ms(place.clock.now())
        user_key = UserKey.generate(chain.uek_gen + 1, place.random_bytes)
        link = compose_uek(
            chain, user_key=user_key, by=self.did, by_keys=self.keys, proof=Proof("device", now_ms), ts_ms=now_ms
        )
        return link, user_key

    def token(self, process: Process) -> str:
        """An HTTP token, as `ready` carries it."""
        return process.chat.devices.issue_token(self.did)

    async def chain_of(self, process: Process, uid: AccountId) -> Chain:
        """Somebody's chain, verified against the pinned root."""
        got = await get(process, f"users/{uid.hex()}/chain", self.token(process))
        links = [parse_link(link) for link in got["links"]]
        return verify_chain(links, process.chat.signer.root_public, got["opcerts"])

    @asynccontextmanager
    async def connected(self, process: Process, *, resume: int | None = None) -> AsyncIterator["Wire"]:
        """A socket that has authenticated and has its first heads."""
        async with opened(process) as wire:
            await wire.authenticate(self, resume)
            yield wire


@dataclass
class Keyring:
    """All that a person's current user key opens, as the server hands it out."""

    process: Process
    member: Member
    cids: frozenset[bytes] = frozenset()
    """Conversations the person has left, besides those in the list."""

    async def read(self) -> dict[tuple[ConversationId, int], bytes]:
        """The secret of each epoch that opens; each is checked against its commit."""
        token = self.member.token(self.process)
        listed = (await get(self.process, "conversations", token))["conversations"]
        found: dict[tuple[ConversationId, int], bytes] = {}
        for cid in {ConversationId(line[0]) for line in listed} | {ConversationId(cid) for cid in self.cids}:
            found |= await self._open_boxes(cid, token)
        page: dict[str, Any] = {"more": True}
        after = ""
        while page["more"]:
            page = await get(self.process, f"vault?limit=3&after={after}", token)
            assert page["generation"] == self.member.user_key.generation
            for cid, epoch, sealed in page["entries"]:
                after = f"{cid.hex()},{epoch}"
                place = ConversationId(cid), epoch
                found[place] = open_vault_entry(self.member.user_key, self.member.uid, *place, sealed)
        return found

    async def _open_boxes(self, cid: ConversationId, token: str) -> dict[tuple[ConversationId, int], bytes]:
        got = await get(self.process, f"conversations/{cid.hex()}/commits?from_epoch=1", token)
        commits = {commit.core.epoch: commit for commit in map(parse_commit, got["commits"])}
        found = {}
        for commit, box, history in zip(commits.values(), got["boxes"], got["histories"], strict=True):
            if box is None:
                continue
            full = commit.with_box(self.member.uid, box, history)
            found[cid, commit.core.epoch] = open_box(full, self.member.uid, self.member.user_key)
            if history is not None:
                older = open_history(full, self.member.uid, self.member.user_key, commits)
                found |= {(cid, epoch): es for epoch, es in older.items()}
        return found

    async def seal(self, user_key: UserKey, random_bytes: RandomBytes) -> list[tuple[bytes, int, bytes]]:
        """The whole vault under `user_key`."""
        uid = self.member.uid
        return [
            (cid, epoch, seal_vault_entry(user_key, uid, cid, epoch, es, random_bytes))
            for (cid, epoch), es in (await self.read()).items()
        ]


@asynccontextmanager
async def opened(process: Process, origin: str | None = None) -> AsyncIterator["Wire"]:
    """A socket that has said nothing yet."""
    async with connect(
        process.socket_url,
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        origin=Origin(origin) if origin else None,
        compression=None,
        ping_interval=None,
        proxy=None,
        close_timeout=1,
    ) as websocket:
        yield Wire(websocket)


class Wire:
    """One client connection: the protocol's own client session on a real socket."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket
        self.session = ClientSession(now_s=monotonic_s())
        self.events: list[ClientEvent] = []
        self.ready: Ready | None = None
        self.heads: Heads | None = None

    async def authenticate(self, member: Member, resume: int | None = None) -> None:
        hello = await self.next(HelloReceived)
        self.session.authenticate(member.did, sign_auth(member.keys.ik, hello.nonce, HOST), hello.server_ts_ms, resume)
        await self.flush()
        self.ready = await self.next(Ready)
        self.heads = await self.next(Heads)

    async def flush(self) -> None:
        for data in self.session.frames_to_send():
            await self.websocket.send(data)

    async def next(self, kind: type[E]) -> E:
        """The next event of that kind; others wait their turn."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for event in self.events:
                    if isinstance(event, kind):
                        self.events.remove(event)
                        return event
                await self.receive()

    async def receive(self) -> None:
        data = await self.websocket.recv()
        assert isinstance(data, bytes)
        self.session.receive(data, monotonic_s())
        assert self.session.close_code is None
        await self.flush()
        self.events += self.session.events()

    async def send(self, mid: MessageId, cid: ConversationId, env: bytes) -> Ack | Err:
        """Deposit and wait for the answer."""
        self.session.send_envelope(mid, cid, env)
        await self.flush()
        answer = (await self.next(Answered)).answer
        assert not isinstance(answer, Page)
        return answer

    async def pull(self, cid: ConversationId, from_seq: int, to_seq: int, limit: int = 1000) -> Page | Err:
        self.session.pull(cid, from_seq, to_seq, limit)
        await self.flush()
        answer = (await self.next(Answered)).answer
        assert not isinstance(answer, Ack)
        return answer

    async def settle(self) -> list[ClientEvent]:
        """Everything the server had queued for this socket: what came before the answer to a pull of nothing."""
        self.session.pull(ConversationId(bytes(32)), 1, 1, 1)
        await self.flush()
        await self.next(Answered)
        events, self.events = self.events, []
        return events

    async def _receive_forever(self) -> None:
        while True:
            await self.receive()

    async def closed(self) -> int:
        """The close code, once the server has closed."""
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(self._receive_forever(), WAIT_S)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


@dataclass
class Team:
    """A conversation as one client knows it: the commits it made, the secrets, everybody's chains."""

    process: Process
    place: Place
    commit: Commit
    es: bytes
    chains: dict[AccountId, Chain]
    secrets: dict[int, bytes] = field(default_factory=dict)

    @property
    def cid(self) -> ConversationId:
        return ConversationId(self.commit.core.cid)

    @classmethod
    async def gather(cls, process: Process, place: Place, admin: Member, *others: Member) -> Self:
        """The first commit, by `admin`."""
        chains = {member.uid: await admin.chain_of(process, member.uid) for member in (admin, *others)}
        commit, es = compose_commit(
            author=Author(admin.uid, admin.did, admin.keys),
            members={uid: Role.ADMIN if uid == admin.uid else Role.MEMBER for uid in chains},
            policy=Policy(),
            chains=chains,
            random_bytes=place.random_bytes,
        )
        await post(process, "commits", {"commit": commit.to_bytes()}, admin.token(process))
        return cls(process, place, commit, es, chains, {1: es})

    def next_commit(self, by: Member, *members: Member, policy: Policy | None = None) -> tuple[Commit, bytes]:
        """A commit after the current one: `by` is the admin, `members` are the others."""
        return compose_commit(
            author=Author(by.uid, by.did, by.keys),
            members={by.uid: Role.ADMIN} | {member.uid: Role.MEMBER for member in members},
            policy=policy or self.commit.core.policy,
            chains=self.chains,
            random_bytes=self.place.random_bytes,
            previous=self.commit,
            secrets=self.secrets if policy and policy.history is HistoryPolicy.EVERYTHING else None,
        )

    async def change(self, by: Member, *members: Member, policy: Policy | None = None) -> None:
        """Commit new members."""
        for member in (by, *members):
            self.chains[member.uid] = await by.chain_of(self.process, member.uid)
        commit, es = self.next_commit(by, *members, policy=policy)
        await post(self.process, "commits", {"commit": commit.to_bytes()}, by.token(self.process))
        self.commit, self.es = commit, es
        self.secrets[commit.core.epoch] = es

    def body(self, text: str) -> Body:
        now = self.place.clock.now()
        return Body(mid=MessageId(uuid7(now, self.place.random_bytes)), ts=to_ms(now), type=TEXT, text=text)

    def seal(self, by: Member, body: Body) -> bytes:
        return seal_envelope(
            es=self.es, commit=self.commit, did=by.did, ik=by.keys.ik, body=body, random_bytes=self.place.random_bytes
        )

    def write(self, by: Member, text: str) -> tuple[MessageId, ConversationId, bytes]:
        """A message, ready to be sent."""
        body = self.body(text)
        return body.mid, self.cid, self.seal(by, body)

    def read(self, env: bytes) -> str:
        """What an envelope of the current epoch says."""
        return open_envelope(env, self.es, self.commit, self.chains).body.text
