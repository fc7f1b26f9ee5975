"""HTTP requests of one device, each of one kind.  protocol §7, "Over HTTP" """

from enum import StrEnum
from itertools import count

import httpx
import msgspec

from bench.world import World
from miss.base.clock import Clock, to_ms
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.crypto.primitives import hash_

PHOTO_BYTES = 300_000
"""A photo of 12 megapixels at 1,600 pixels, encrypted (performance design)."""
CHAINS = 10
_MSGPACK = {"Content-Type": "application/msgpack", "Accept": "application/msgpack"}


class Call(StrEnum):
    """A kind of request."""

    TOKEN = "http token"
    CONVERSATIONS = "http conversations"
    CHAINS = "http chains of 10"
    DELETIONS = "http deletions"
    UPLOAD = "http photo up"
    DOWNLOAD = "http photo down"


class _Token(msgspec.Struct):
    token: str


class _Blob(msgspec.Struct):
    id: bytes


class Caller:
    """One device."""

    def __init__(self, port: int, world: World, user: int, clock: Clock) -> None:
        self._clock = clock
        self._http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/chat", timeout=30)
        self._world = world
        self._person = world.people[user]
        self._ik = DeviceKeys.from_secret(self._person.secret).ik
        self._blob = b""
        self._photo = count()

    async def prepare(self) -> None:
        """Take a token, and put a photo there to be fetched again."""
        await self.call(Call.TOKEN)
        await self.call(Call.UPLOAD)

    async def close(self) -> None:
        """Give the connection back."""
        await self._http.aclose()

    async def call(self, kind: Call) -> None:
        """One request.  Raises httpx.HTTPStatusError if it is refused."""
        match kind:
            case Call.TOKEN:
                answer = await self._send("POST", "/token", self._signed("http-token"))
                token = msgspec.msgpack.decode(answer, type=_Token).token
                self._http.headers["Authorization"] = f"Bearer {token}"
            case Call.CONVERSATIONS:
                await self._send("GET", "/conversations")
            case Call.CHAINS:
                people = self._world.people[:CHAINS]
                await self._send("POST", "/chains", {"want": [[one.uid, 0] for one in people]})
            case Call.DELETIONS:
                await self._send("GET", "/deletions")
            case Call.UPLOAD:
                content = next(self._photo).to_bytes(8, "big") + bytes(PHOTO_BYTES - 8)
                response = await self._http.post("/blobs", content=content, headers={"Accept": "application/msgpack"})
                response.raise_for_status()
                self._blob = msgspec.msgpack.decode(response.content, type=_Blob).id
            case Call.DOWNLOAD:
                await self._send("GET", f"/blobs/{self._blob.hex()}")

    async def _send(self, method: str, path: str, body: object = None) -> bytes:
        content = None if body is None else msgspec.msgpack.encode(body)
        response = await self._http.request(method, path, content=content, headers=_MSGPACK)
        response.raise_for_status()
        return response.content

    def _signed(self, label: str) -> dict[str, object]:
        """As the client does it (`miss.client.api`)."""
        ts_ms = to_ms(self._clock.now())
        moment = hash_(label, self._person.did + ts_ms.to_bytes(8, "big"))
        return {"did": self._person.did, "ts": ts_ms, "sig": sign_auth(self._ik, moment, self._world.host)}
