"""One exchange: refusals keep their name and sentence, silence has one, an expired token is renewed once."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec
import pytest
import uvicorn

from miss.base.text import Language
from miss.client.errors import ServerRefused, ServerUnreachable
from miss.client.http import KEEP_S, HttpExchange
from tests.miss.client.doubles import Server


class Answer(msgspec.Struct):
    value: int


def refusal(code: str) -> tuple[int, dict[str, object]]:
    return 401, {"code": code, "text": "Une phrase.", "params": {"any": 1}}


async def test_bodies_are_messagepack_both_ways() -> None:
    server = Server()
    server.answers["/x"] = 200, {"value": 7, "later": "ignored"}

    answer = await server.exchange().exchange("POST", "/x", Answer, body={"question": b"\0"})

    assert answer == Answer(7)
    sent = server.requests[0]
    assert msgspec.msgpack.decode(sent.content) == {"question": b"\0"}
    assert sent.headers["content-type"] == "application/msgpack"
    assert sent.headers["accept-language"] == "fr"


async def test_a_refusal_keeps_its_code_and_sentence() -> None:
    server = Server()
    server.answers["/x"] = refusal("wrong_activation_code")

    with pytest.raises(ServerRefused) as refused:
        await server.exchange().exchange("GET", "/x", Answer)

    assert refused.value.server_code == "wrong_activation_code"
    assert refused.value.sentence() == "Une phrase."


@pytest.mark.parametrize("answer", [(200, b"<html>"), (502, b"<html>Bad gateway"), (200, {"value": "seven"})])
async def test_what_is_not_an_answer_is_no_answer(answer: tuple[int, object]) -> None:
    server = Server()
    server.answers["/x"] = answer

    with pytest.raises(ServerUnreachable):
        await server.exchange().exchange("GET", "/x", Answer)


async def test_nobody_there() -> None:
    http = HttpExchange("http://127.0.0.1:1", language=Language.FR)

    with pytest.raises(ServerUnreachable):
        await http.exchange("GET", "/x", Answer)
    await http.aclose()


class KeptAlive:
    """A server that never closes a connection by itself; counts those that were made."""

    def __init__(self) -> None:
        self.connections = 0
        self.tasks: list[asyncio.Task[None] | None] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.append(asyncio.current_task())
        packed = msgspec.msgpack.encode({"value": self.connections})
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)
                await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(("idle_s", "connections"), [(0, 1), (KEEP_S + 0.5, 2)])
async def test_a_connection_is_given_up_before_the_server_does(
    idle_s: float, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert uvicorn.Config(app="").timeout_keep_alive - 1 > KEEP_S
    server = KeptAlive()
    async with await asyncio.start_server(server, "127.0.0.1", 0) as listener:
        http = HttpExchange(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", language=Language.FR)
        await http.exchange("GET", "/x", Answer)
        passed = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: passed() + idle_s)
        assert await http.exchange("GET", "/x", Answer) == Answer(connections)
        await http.aclose()
        await asyncio.gather(*filter(None, server.tasks))


async def test_authorities_are_read_only_where_they_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    await HttpExchange("http://chat.example", language=Language.FR).aclose()
    with pytest.raises(FileNotFoundError):
        HttpExchange("https://chat.example", language=Language.FR)


async def test_an_expired_token_is_renewed_once() -> None:
    server = Server()
    asked: list[bool] = []

    async def token(renew: bool) -> str:
        asked.append(renew)
        return "new" if renew else "old"

    def answer(request: httpx.Request) -> tuple[int, dict[str, object]]:
        fresh = request.headers["authorization"] == "Bearer new"
        return (200, {"value": 1}) if fresh else refusal("token_refused")

    server.answers["/x"] = answer
    assert await server.exchange().exchange("GET", "/x", Answer, token=token) == Answer(1)
    assert asked == [False, True]

    server.answers["/x"] = refusal("token_refused")
    with pytest.raises(ServerRefused):
        await server.exchange().exchange("GET", "/x", Answer, token=token)
    assert len(server.requests) == 4
