"""One WebSocket, kept alive: connects, authenticates with the device's key, and connects again.  protocol §7

The rules of the conversation with the server are `miss.protocol.session`'s; this shell moves the bytes, watches the
clock and decides when to try again.  One task owns the session; the reader only hands it what came in.  Never
compressed, never authenticated by URL.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ssl import SSLContext
from typing import Final
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from miss.base.clock import monotonic_s
from miss.base.ids import ConversationId, DeviceId, MessageId
from miss.base.random import RandomBytes
from miss.client.errors import ServerUnreachable
from miss.client.events import Announcer, ConnectionChanged, ConnectionState
from miss.client.obstacles import obstacle
from miss.client.server_time import ServerTime
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.errors import NotConnected
from miss.protocol.limits import MAX_FRAME_BYTES
from miss.protocol.session import ClientSession, Rate
from miss.protocol.session.events import ClientEvent, HelloReceived
from miss.protocol.session.rates import TokenBucket
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.frames import SUBPROTOCOL, Del, Err, Presence, Read, Ready, Recv, Typing

FIRST_PAUSE_S: Final = 1.0
MAX_PAUSE_S: Final = 60.0
OPEN_TIMEOUT_S: Final = 10.0
WRITE_TIMEOUT_S: Final = 20.0
ASK_TIME_EVERY_S: Final = 60.0
"""Awake, between two connections made to ask the time: a machine that dozes sleeps after every packet."""
SLOWEST_PER_S: Final = 0.01
"""Deposits a second at least, whatever the server announces."""
PATH: Final = "/api/chat/socket"
UNKNOWN: Final = "auth_refused"
TURNED_AWAY: Final = frozenset({"device_revoked", "account_not_active"})
"""Refusals that say that this device, or its owner, does not count any more."""


def pause_before(attempt: int, fraction: float) -> float:
    """Seconds to wait before the `attempt`-th try in a row (from 1): within one, then doubling up to 60, jittered.

    `fraction`: random, 0 ≤ fraction < 1.
    """
    if attempt <= 1:
        return FIRST_PAUSE_S * fraction
    longest = min(MAX_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempt - 1, 10))
    return longest * (0.5 + fraction / 2)


def asked_pause(text: str | None) -> float:
    """Seconds that a server asks for (Retry-After, RFC 9110 §10.2.3), within reason; 0 if it gives no number."""
    return min(float(text), MAX_PAUSE_S) if text and text.isdecimal() and len(text) < 10 else 0.0


def socket_url(server_url: str) -> str:
    """`wss://host/api/chat/socket` for `https://host`."""
    parts = urlsplit(server_url)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{PATH}"


def host_of(server_url: str) -> str:
    """The name that signatures cover: lower case, without the port."""
    return urlsplit(server_url).hostname or ""


class Connection:
    """The connection of one device; `run` lasts until it is cancelled or the server will not have the device."""

    def __init__(
        self,
        server_url: str,
        *,
        did: DeviceId,
        keys: DeviceKeys,
        time: ServerTime,
        random_bytes: RandomBytes,
        announcer: Announcer,
        resume: Callable[[], int | None],
        receive: Callable[[ClientEvent], None],
        lost: Callable[[], None],
        turned_away: Callable[[], None],
        rescue: Callable[[], Awaitable[bool]],
        ssl_context: SSLContext | None = None,
    ) -> None:
        """`receive` takes every event after `hello`, `ready` first; `lost` is called when an open connection ends,
        `turned_away` when the server will not have this device, or its owner, any more.  `rescue` is asked when it
        does not know this device: true if it may next time."""
        self._server_url = server_url
        self._url = socket_url(server_url)
        self._host = host_of(server_url)
        self._did = did
        self._keys = keys
        self._time = time
        self._random_bytes = random_bytes
        self._announcer = announcer
        self._resume = resume
        self._receive = receive
        self._lost = lost
        self._turned_away = turned_away
        self._rescue = rescue
        self._stopped = asyncio.Event()
        self._ssl_context = ssl_context
        self._session: ClientSession | None = None
        self._rate = Rate(1, SLOWEST_PER_S)
        self._pace: TokenBucket | None = None
        self._wake = asyncio.Event()
        self._refusal = ""
        self._obstacle: ServerUnreachable | None = None
        self._asked_pause_s = 0.0
        self._asked_time_at_s = float("-inf")
        self._socket: ClientConnection | None = None
        self._at_once = asyncio.Event()
        self.opened = 0
        """Connections that were ever open: tells one from the next."""
        self.state = ConnectionState.CONNECTING

    # What others ask of it

    @property
    def refusal(self) -> str:
        """Why the last connection ended, if it was the server's decision."""
        return self._refusal

    @property
    def is_open(self) -> bool:
        return self._session is not None and self._session.is_open

    async def wait_turn(self) -> None:
        """Keep to the server's pace for deposits: returns when the next one may go."""
        if self._pace is not None and (wait_s := self._pace.take(monotonic_s())):
            await asyncio.sleep(wait_s)
            if self._pace is not None:
                self._pace.take(monotonic_s())

    def send_envelope(self, mid: MessageId, cid: ConversationId, env: bytes) -> None:
        """Deposit an envelope; the answer comes as an event.  Raises NotConnected."""
        self._open_session().send_envelope(mid, cid, env)
        self._wake.set()

    def pull(self, cid: ConversationId, from_seq: int, to_seq: int, limit: int) -> None:
        """Ask for a range of the log; the answer comes as an event.  Raises NotConnected."""
        self._open_session().pull(cid, from_seq, to_seq, limit)
        self._wake.set()

    def report(self, frame: Recv | Read | Typing | Presence | Del) -> None:
        """Say something that has no answer of its own.  Raises NotConnected."""
        self._open_session().report(frame)
        self._wake.set()

    def _open_session(self) -> ClientSession:
        if self._session is None:
            raise NotConnected
        return self._session

    def stop(self) -> None:
        """End the connection, and make no other: this device does not count any more."""
        self._stopped.set()
        self._wake.set()

    def try_now(self) -> None:
        """The machine has slept, or its network is another one: what was open is given up, and a pause ends.

        A socket that was open before looks open still, for as long as nothing is written to it.
        """
        self._at_once.set()
        if self._socket is not None:
            self._socket.transport.abort()

    # Staying connected

    async def run(self) -> None:
        """Connect and stay connected."""
        attempt = 0
        while not self._stopped.is_set():
            self._announce(ConnectionState.CONNECTING)
            self._refusal, self._obstacle, self._asked_pause_s = "", None, 0.0
            self._at_once.clear()
            was_open, reconnects = await self._connect_once()
            if not reconnects and not (self._refusal == UNKNOWN and await self._rescue()):
                break
            attempt = 1 if was_open else attempt + 1
            self._announce(ConnectionState.WAITING)
            fraction = int.from_bytes(self._random_bytes(4), "big") / 2**32
            # All who were told to come back then do not come back at once.
            pause_s = max(pause_before(attempt, fraction), self._asked_pause_s * (1 + fraction / 2))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._at_once.wait(), pause_s)
        self._announce(ConnectionState.REFUSED)

    def _announce(self, state: ConnectionState) -> None:
        self.state = state
        self._announcer.announce(ConnectionChanged(state, self._refusal, self._obstacle))

    async def _connect_once(self) -> tuple[bool, bool]:
        """Whether the connection was ever open, and whether to try again."""
        session = ClientSession(now_s=monotonic_s())
        was_open, code = False, None
        try:
            async with connect(
                self._url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                max_size=MAX_FRAME_BYTES,
                ping_interval=None,  # the session has its own, which also tells a live server from a live proxy
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=1,
                ssl=(self._ssl_context or True) if self._url.startswith("wss:") else None,
            ) as socket:
                if socket.subprotocol != SUBPROTOCOL:
                    session.close(CloseCode.PROTOCOL)
                self._session, self._socket = session, socket
                await self._serve(socket, session)
                code = socket.close_code
        except (OSError, TimeoutError, WebSocketException) as error:
            self._obstacle = await obstacle(error, self._server_url)
            self._refusal = self._refusal or (self._obstacle.code if self._obstacle else type(error).__name__)
            if isinstance(error, InvalidStatus):
                self._asked_pause_s = asked_pause(error.response.headers.get("Retry-After"))
        finally:
            self._session = self._socket = None
            was_open = self._pace is not None
            self._pace = None
            if was_open:
                self._lost()
        code = session.close_code or code
        if session.close_code is not None:
            self._refusal = self._refusal or session.close_code.explanation
        is_out = code == CloseCode.REVOKED or self._refusal in TURNED_AWAY or (was_open and code == CloseCode.AUTH)
        if is_out and not self._stopped.is_set():
            self._turned_away()
        return was_open, session.reconnects_after(code)

    async def _serve(self, socket: ClientConnection, session: ClientSession) -> None:
        """Drive one session over one socket until either ends."""
        incoming: list[bytes | str] = []
        reader = asyncio.create_task(self._read(socket, incoming))
        try:
            while True:
                now_s = monotonic_s()
                for data in incoming:
                    if isinstance(data, str):
                        session.close(CloseCode.PROTOCOL)
                    else:
                        session.receive(data, now_s)
                incoming.clear()
                if self._stopped.is_set():
                    session.close(CloseCode.REVOKED)
                session.tick(now_s)
                for event in session.events():
                    self._take(event, session)
                for frame in session.frames_to_send():
                    async with asyncio.timeout(WRITE_TIMEOUT_S):
                        await socket.send(frame)
                if session.close_code is not None:
                    await socket.close(session.close_code, session.close_code.explanation)
                    return
                if (reader.done() and not incoming) or (session.is_open and self._asks_time(now_s)):
                    return
                await self._sleep_until(session.wake_at_s)
        except ConnectionClosed:
            # What arrived before the end still counts.
            await reader
            for data in incoming:
                if isinstance(data, bytes):
                    session.receive(data, monotonic_s())
            for event in session.events():
                self._take(event, session)
        finally:
            reader.cancel()

    def _asks_time(self, now_s: float) -> bool:
        """True if another hello is needed, which alone tells the time."""
        if not self._time.has_stepped() or now_s - self._asked_time_at_s < ASK_TIME_EVERY_S:
            return False
        self._asked_time_at_s = now_s
        return True

    async def _read(self, socket: ClientConnection, incoming: list[bytes | str]) -> None:
        try:
            async for data in socket:
                incoming.append(data)
                self._wake.set()
        except ConnectionClosed:
            pass
        finally:
            self._wake.set()

    async def _sleep_until(self, at_s: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, at_s - monotonic_s())):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    def _take(self, event: ClientEvent, session: ClientSession) -> None:
        match event:
            case HelloReceived():
                self._time.note(event.server_ts_ms)
                signature = sign_auth(self._keys.ik, event.nonce, self._host)
                session.authenticate(self._did, signature, self._time.now_ms(), self._resume())
                self._rate = Rate(max(event.send_burst, 1), max(event.send_per_s, SLOWEST_PER_S))
            case Ready():
                self._pace = TokenBucket(self._rate, monotonic_s())
                self.opened += 1
                self._announce(ConnectionState.OPEN)
                self._receive(event)
            case Err(fatal=True):
                self._refusal = event.code
                self._asked_pause_s = min(event.retry_after_s or 0.0, MAX_PAUSE_S)
            case _:
                self._receive(event)
