"""One exchange: refusals keep their name and sentence, silence has one, an expired token is renewed once."""

import httpx
import msgspec
import pytest

from miss.base.text import Language
from miss.client.errors import ServerRefused, ServerUnreachable
from miss.client.http import HttpExchange
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
