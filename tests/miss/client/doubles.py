"""A server's HTTP side that answers what a test tells it to: for what a real one would never do.  A clock as well."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec

from miss.base.clock import SystemClock
from miss.base.text import Language
from miss.client.account.epoch_secrets import EpochSecrets
from miss.client.account.user_keys import UserKeys
from miss.client.account.vault import Vault
from miss.client.api import ServerApi
from miss.client.epochs import Epochs
from miss.client.events import Announcer
from miss.client.http import HttpExchange
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.protocol.crypto.opcert import Purpose
from tests.miss.protocol.people import OPERATOR, Person, Stream

OPCERTS = [OPERATOR.cert().raw, OPERATOR.cert(Purpose.RECEIPT).raw]
Answer = tuple[int, Any]
"""Status and body, to be packed."""


class Wall:
    """A machine's clock that somebody sets, forward and back."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


class Server:
    """Answers by path; keeps the requests."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[httpx.Request], Answer]] = {}
        self.requests: list[httpx.Request] = []
        self._chains: dict[bytes, list[bytes]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.get(request.url.path, (404, {"code": "not_found", "text": "Rien.", "params": {}}))
        status, body = answer(request) if callable(answer) else answer
        content = body if isinstance(body, bytes) else msgspec.msgpack.encode(body)
        return httpx.Response(status, content=content)

    def shows_chain(self, person: Person, *, links: list[bytes] | None = None) -> None:
        """Let the server show this chain of `person`."""
        shown = [link.to_bytes() for link in person.links] if links is None else links
        self._chains[person.uid] = shown
        self.answers[f"/api/chat/users/{person.uid.hex()}/chain"] = 200, {"links": shown, "opcerts": OPCERTS}
        self.answers["/api/chat/chains"] = self._many_chains

    def _many_chains(self, request: httpx.Request) -> Answer:
        want = msgspec.msgpack.decode(request.content)["want"]
        found = [(uid, self._chains.get(uid, [])[known:]) for uid, known in want]
        return 200, {"chains": found, "opcerts": OPCERTS, "more": False}

    def exchange(self) -> HttpExchange:
        return HttpExchange("http://chat.example", language=Language.FR, transport=httpx.MockTransport(self))

    def api(self, owner: Person) -> ServerApi:
        """What `owner`'s device asks this server through."""
        api = ServerApi(
            self.exchange(),
            did=owner.did,
            keys=owner.keys,
            host="chat.example",
            time=ServerTime(SystemClock()),
        )
        api.take_token("a-token")
        return api


def epochs_on(store: Store, api: ServerApi, identities: Identities, time: ServerTime, announcer: Announcer) -> Epochs:
    """The epochs of a linked store, with what opens them."""
    device = store.device.get()
    user_keys = UserKeys(store, device, identities, api, announcer)
    secrets = EpochSecrets(store, device, user_keys, Vault(store, device, user_keys, api), api)
    return Epochs(store, device, identities, api, time, Stream("epochs"), announcer, secrets)
