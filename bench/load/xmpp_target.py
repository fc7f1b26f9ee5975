"""XMPP: SASL PLAIN, one MUC room a group, one stanza a message, archives (XEP-0313) for what was missed.

As lean as the other clients: stanzas are found by their tags and their `id`, not parsed.  The room sends every
message back to its author (XEP-0045 §7.4): that copy is the acknowledgement, and both servers are configured to
store a message before they send it to anybody.
"""

import asyncio
import re
from base64 import b64encode

from bench.load.score import Score, now_s
from bench.load.spec import Spec

STEP_TIMEOUT_S = 60.0
PASSWORD = "fictive"
PAGE = 250
"""What ejabberd lets through in one answer at most."""
_MESSAGE = re.compile(rb"<message\b[^>]*?\bid=['\"]m(\d+)['\"]")
_ITEM = re.compile(rb"<result\b")
_LAST = re.compile(rb"<last>([^<]+)</last>")
_END = b"</message>"


def user_name(user: int) -> str:
    """The account of the `user`-th person."""
    return f"u{user}"


class XmppClient(asyncio.Protocol):
    """One session."""

    transport: asyncio.Transport

    def __init__(self, target: "XmppTarget", user: int, timed: bool) -> None:
        self._target = target
        self._score = target.score
        self._user = user
        self._timed = timed
        self._room = target.room_of(user)
        self._buffer = b""
        self._awaited: tuple[tuple[bytes, ...], asyncio.Future[bytes]] | None = None
        self._counts = False

    # Logging in

    async def log_in(self, *, join: bool) -> None:
        """Stream, SASL, stream again, resource, presence, room.  Raises ValueError with what the server said."""
        domain = self._target.domain
        stream = (
            f"<stream:stream to='{domain}' version='1.0' xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams'>"
        )
        secret = b64encode(f"\0{user_name(self._user)}\0{PASSWORD}".encode()).decode()
        await self.ask(stream, b"</stream:features>")
        await self.ask(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>", b"<success")
        self._buffer = b""
        await self.ask(stream, b"</stream:features>")
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind>"
        await self.ask(f"<iq type='set' id='bind'>{bind}</iq>", b"</iq>")
        if join:
            muc = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"
            to = f"{self._room}/{user_name(self._user)}"
            # Status 110: « this is yourself », the end of the occupants' list; then comes the subject.
            await self.ask(f"<presence/><presence to='{to}'>{muc}</presence>", b"<subject", b"<subject/")
        self._counts = True
        self._buffer = b""

    async def ask(self, text: str, *answers: bytes) -> bytes:
        """Send, and wait for one of `answers`; everything received until then."""
        self._awaited = (answers, asyncio.get_running_loop().create_future())
        self.transport.write(text.encode())
        async with asyncio.timeout(STEP_TIMEOUT_S):
            return await self._awaited[1]

    # asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._awaited and not self._awaited[1].done():
            self._awaited[1].set_exception(ConnectionError(f"cut: {self._buffer[-300:]!r}"))

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data
        if self._awaited and not self._awaited[1].done():
            self._buffer = data
            self._answer(data)
        elif self._counts:
            end = data.rfind(_END) + len(_END)
            if end < len(_END):
                self._buffer = data
                return
            self._buffer = data[end:]
            self._count(data[:end])

    def _answer(self, data: bytes) -> None:
        assert self._awaited
        answers, future = self._awaited
        if any(answer in data for answer in answers):
            self._buffer = b""
            future.set_result(data)
        elif b"<failure" in data or b"</stream:stream>" in data or b"type='error'" in data:
            future.set_exception(ValueError(data[-300:].decode(errors="replace")))

    def _count(self, data: bytes) -> None:
        score, at_s = self._score, now_s()
        if b"type='error'" in data:
            score.problems["a message was refused: " + data[-200:].decode(errors="replace")] += 1
            return
        for found in _MESSAGE.finditer(data):
            user, intended_s = self._target.sent[int(found[1])]
            if user != self._user:
                score.delivered += 1
                if self._timed:
                    score.times_s.append(at_s - intended_s)
                continue
            score.accepted += 1
            if score.on_accept:
                score.on_accept(user, at_s)

    # What it can do

    def send(self, intended_s: float) -> None:
        sent = self._target.sent
        sent.append((self._user, intended_s))
        self._score.sent += 1
        head = f"<message to='{self._room}' type='groupchat' id='m{len(sent) - 1}'><body>"
        self.transport.write(head.encode() + self._target.text + b"</body></message>")

    def close(self) -> None:
        self.transport.abort()

    async def fetch_archive(self) -> int:
        """Every page of the room's archive; how many messages came."""
        count, after = 0, ""
        while True:
            query = f"<set xmlns='http://jabber.org/protocol/rsm'><max>{PAGE}</max>{after}</set>"
            got = await self.ask(
                f"<iq type='set' to='{self._room}' id='q{count}'><query xmlns='urn:xmpp:mam:2'>{query}</query></iq>",
                b"</fin>",
            )
            items = len(_ITEM.findall(got))
            count += items
            last = _LAST.search(got)
            if b"complete='true'" in got or not items or last is None:
                return count
            after = f"<after>{last[1].decode()}</after>"


class XmppTarget:
    """One server.  `sent`: who sent the n-th message and when it was meant to leave."""

    def __init__(self, spec: Spec) -> None:
        self.score = Score()
        self.sent: list[tuple[int, float]] = []
        self.domain = spec.domain
        self.text = b"a" * spec.payload_bytes
        self._rooms_domain = spec.rooms_domain
        self._port = spec.ports[0]
        self._group = spec.group

    def room_of(self, user: int) -> str:
        """The room of the person's group."""
        return f"g{user // self._group if self._group else 0}@{self._rooms_domain}"

    async def open(self, user: int, *, timed: bool = False, join: bool = True) -> XmppClient:
        """See `Target`."""
        client = XmppClient(self, user, timed)
        await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", self._port)
        await client.log_in(join=join)
        return client

    async def catch_up(self, user: int, count: int) -> float:
        """See `Target`.  The asking begins when the person has joined, without history."""
        client = await self.open(user)
        began_s = now_s()
        received = await client.fetch_archive()
        taken_s = now_s() - began_s
        client.close()
        if received != count:
            raise ValueError(f"{received} messages came instead of {count}")
        return taken_s

    async def list_(self, user: int) -> float:
        """Nothing in XMPP is asked or answered by it."""
        raise NotImplementedError
