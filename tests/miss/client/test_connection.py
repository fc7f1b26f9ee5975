"""One connection: authenticates with the device's key, comes back by itself, stays away when it is told to."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from miss.base.clock import SystemClock, monotonic_s, to_ms
from miss.base.ids import ConversationId, MessageId
from miss.client.connection import Connection, asked_pause, host_of, pause_before, socket_url
from miss.client.events import Announcer, ConnectionChanged, ConnectionState, EventStream
from miss.client.server_time import ServerTime
from miss.protocol.crypto.auth import verify_auth
from miss.protocol.errors import NotConnected
from miss.protocol.session import Rate, ServerSession, SessionLimits
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.frames import SUBPROTOCOL, Ready, Send, Typing
from tests.conditions import WAIT_S
from tests.miss.client.doubles import Wall
from tests.miss.client.script import HOUR_MS, Script, flush
from tests.miss.protocol.people import ALICE

CID, MID = ConversationId(b"c" * 32), MessageId(b"m" * 16)
MINUTE_MS = 60_000
"""What tells an hour from none, however slow the machine is."""


class Shell:
    """What stands around a connection."""

    def __init__(self, url: str) -> None:
        self.announcer = Announcer()
        self.events = self.announcer.stream()
        self.wall = Wall()
        self.time = ServerTime(self.wall)
        self.received: list[object] = []
        self.lost = 0
        self.turned_away = 0
        self.connection = Connection(
            url,
            did=ALICE.did,
            keys=ALICE.keys,
            time=self.time,
            random_bytes=lambda size: bytes(size),  # no pause before the first attempt to come back
            announcer=self.announcer,
            resume=lambda: 42,
            receive=self.received.append,
            lost=self._lose,
            turned_away=self._turn_away,
            rescue=self._rescue,
        )

    async def _rescue(self) -> bool:
        return False

    def _turn_away(self) -> None:
        self.turned_away += 1

    def _lose(self) -> None:
        self.lost += 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Shell"]:
        task = asyncio.create_task(self.connection.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, state: ConnectionState) -> ConnectionChanged:
        return await until(self.events, state)


async def until(events: EventStream, state: ConnectionState) -> ConnectionChanged:
    async with asyncio.timeout(WAIT_S):
        async for event in events:
            if isinstance(event, ConnectionChanged) and event.state is state:
                return event
    raise AssertionError


async def test_it_authenticates_with_the_devices_key_and_learns_the_time() -> None:
    script = Script()
    async with script.listening() as url, Shell(url).running() as shell:
        await shell.until(ConnectionState.OPEN)

        (auth,) = script.auths
        assert (auth.did, auth.resume) == (ALICE.did, 42)
        assert verify_auth(ALICE.keys.ik_public, auth.nonce, "127.0.0.1", auth.sig)
        assert abs(shell.time.skew_ms - HOUR_MS) < MINUTE_MS
        assert abs(auth.ts_ms - to_ms(SystemClock().now()) - HOUR_MS) < MINUTE_MS
        assert isinstance(shell.received[0], Ready)
        assert shell.connection.is_open
    assert not shell.connection.is_open


@pytest.mark.parametrize("hours", [8, -8])
async def test_a_clock_that_was_set_or_a_machine_that_slept_is_worth_another_hello(hours: int) -> None:
    script = Script()
    async with script.listening() as url, Shell(url).running() as shell:
        await shell.until(ConnectionState.OPEN)

        shell.wall.ahead = timedelta(hours=hours)
        shell.connection.report(Typing(CID, on=True))
        waiting = await shell.until(ConnectionState.WAITING)
        await shell.until(ConnectionState.OPEN)

        assert waiting.reason == ""
        assert len(script.auths) == 2
        assert abs(shell.time.now_ms() - to_ms(SystemClock().now()) - HOUR_MS) < MINUTE_MS

        # One that dozes between two packets does not begin anew with each.
        shell.wall.ahead *= 2
        for heard in (2, 3):
            shell.connection.report(Typing(CID, on=True))
            await script.hear(Typing, heard)
        assert len(script.auths) == 2


@pytest.mark.parametrize("code", [CloseCode.RESTART, CloseCode.SLOW, 1011, 1001])
async def test_it_comes_back(code: int) -> None:
    async def close_first(socket: ServerConnection, _: ServerSession) -> None:
        if len(script.auths) == 1:
            await socket.close(code)

    script = Script(close_first)
    async with script.listening() as url, Shell(url).running() as shell:
        await shell.until(ConnectionState.OPEN)
        await shell.until(ConnectionState.WAITING)
        await shell.until(ConnectionState.OPEN)

        assert len(script.auths) == 2
        assert shell.lost == 1


@pytest.mark.parametrize("code", [CloseCode.AUTH, CloseCode.REVOKED, CloseCode.REPLACED, CloseCode.PROTOCOL])
async def test_it_stays_away_when_another_attempt_would_change_nothing(code: CloseCode) -> None:
    async def refuse(socket: ServerConnection, session: ServerSession) -> None:
        session.refuse(code, "device_revoked")
        await flush(socket, session)
        await socket.close(code)

    script = Script(refuse)
    async with script.listening() as url, Shell(url).running() as shell:
        refused = await shell.until(ConnectionState.REFUSED)

        assert refused.reason == "device_revoked"
        assert len(script.auths) == 1
        assert shell.turned_away == 1


async def test_another_end_for_good_says_nothing_of_the_device() -> None:
    async def refuse(socket: ServerConnection, session: ServerSession) -> None:
        await socket.close(CloseCode.REPLACED)

    async with Script(refuse).listening() as url, Shell(url).running() as shell:
        await shell.until(ConnectionState.REFUSED)
        assert shell.turned_away == 0


async def test_a_stopped_connection_ends_and_stays_away() -> None:
    script = Script()
    async with script.listening() as url, Shell(url).running() as shell:
        await shell.until(ConnectionState.OPEN)
        shell.connection.stop()
        await shell.until(ConnectionState.REFUSED)
        assert len(script.auths) == 1
        assert shell.turned_away == 0


async def test_a_server_that_names_no_protocol() -> None:
    async with Script(subprotocol=None).listening() as url, Shell(url).running() as shell:
        assert (await shell.until(ConnectionState.REFUSED)).reason == CloseCode.PROTOCOL.explanation
        assert shell.received == []


async def test_a_server_that_does_not_speak_our_protocol() -> None:
    async with Script(subprotocol="other.1").listening() as url, Shell(url).running() as shell:
        await shell.until(ConnectionState.WAITING)
        assert shell.received == []


async def test_a_text_message_ends_the_connection() -> None:
    async def say_text(socket: ServerConnection, _: ServerSession) -> None:
        await socket.send("bonjour")

    async with Script(say_text).listening() as url, Shell(url).running() as shell:
        refused = await shell.until(ConnectionState.REFUSED)
        assert refused.reason == CloseCode.PROTOCOL.explanation


async def test_nobody_listens_yet() -> None:
    script = Script()
    async with script.listening() as url:
        pass
    async with Shell(url).running() as shell:
        assert (await shell.until(ConnectionState.WAITING)).reason == "ConnectionRefusedError"
        with pytest.raises(NotConnected):
            shell.connection.send_envelope(MID, CID, b"env")
        with pytest.raises(NotConnected):
            shell.connection.pull(CID, 1, 2, 10)


async def test_it_comes_back_when_the_server_says() -> None:
    async def refuse_first(socket: ServerConnection, session: ServerSession) -> None:
        if len(script.auths) == 1:
            session.refuse(CloseCode.RATE, "account_full", 0.4)
            await flush(socket, session)
            await socket.close(CloseCode.RATE)

    script = Script(refuse_first)
    since_s = monotonic_s()
    async with script.listening() as url, Shell(url).running() as shell:
        waiting = await shell.until(ConnectionState.WAITING)
        assert waiting.reason == "account_full"
        await shell.until(ConnectionState.CONNECTING)
        # Without being told it would be back at once.
        assert monotonic_s() - since_s >= 0.4
        assert shell.turned_away == 0


async def test_it_comes_back_when_a_refused_handshake_says() -> None:
    asked = 0

    def refuse_first(socket: ServerConnection, _: Request) -> Response | None:
        nonlocal asked
        asked += 1
        if asked > 1:
            return None
        response = socket.respond(429, "full")
        response.headers["Retry-After"] = "1"
        return response

    script = Script()
    server = serve(script, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)], process_request=refuse_first)
    since_s = monotonic_s()
    async with (
        server as listening,
        Shell(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}").running() as shell,
    ):
        await shell.until(ConnectionState.WAITING)
        await shell.until(ConnectionState.CONNECTING)
        assert monotonic_s() - since_s >= 1


@pytest.mark.parametrize(
    ("text", "pause_s"),
    [(None, 0), ("", 0), ("7", 7), ("999999", 60), ("9" * 5000, 0), ("-5", 0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0)],
)
def test_no_server_puts_anybody_off_for_long(text: str | None, pause_s: float) -> None:
    assert asked_pause(text) == pause_s


async def test_deposits_keep_to_the_pace_the_server_announced() -> None:
    script = Script(limits=SessionLimits(rates={Send: Rate(burst=2, per_s=10)}))
    async with script.listening() as url, Shell(url).running() as shell:
        await shell.until(ConnectionState.OPEN)
        started_s = monotonic_s()
        async with asyncio.timeout(WAIT_S):  # with the pace of before it would be minutes
            for _ in range(4):
                await shell.connection.wait_turn()

        assert monotonic_s() - started_s > 0.15


def test_addresses() -> None:
    assert socket_url("https://Chat.Example:8443") == "wss://Chat.Example:8443/api/chat/socket"
    assert socket_url("http://127.0.0.1:80/") == "ws://127.0.0.1:80/api/chat/socket"
    assert host_of("https://Chat.Example:8443") == "chat.example"


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_pauses_are_jittered_and_bounded(attempt: int, fraction: float) -> None:
    pause_s = pause_before(attempt, fraction)

    assert 0 <= pause_s <= 60
    if attempt == 1:
        assert pause_s < 1
    else:
        assert pause_s >= min(60, 2 ** (attempt - 1)) / 2


def test_pauses_differ_from_client_to_client() -> None:
    draw = random.Random(1)
    assert len({pause_before(4, draw.random()) for _ in range(20)}) == 20
