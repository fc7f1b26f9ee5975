import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.chat.push.model import Answer, Outcome
from miss.chat.push.wire.gateway import Gateway, read_retry_after
from miss.chat.push.wire.keys import PushKey
from miss.outbound import Guard
from tests.miss.chat.push.standin import HOST, LOOPBACK, Browser, StandIn, said

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def test_what_leaves_is_always_the_same_but_for_keys(
    service: StandIn, clock: MovableClock, random_bytes: RandomBytes, key: PushKey
) -> None:
    gateway, browsers = service.gateway(clock, random_bytes), (Browser(), Browser())
    for number, browser in enumerate(browsers):
        answer = await gateway.send(browser.subscription(service.url(f"/send/{number}"), key), key)
        assert answer == Answer(Outcome.ACCEPTED, 201)
    await gateway.close()
    first, second = service.asked
    assert [asked.path for asked in service.asked] == ["/send/0", "/send/1"]
    assert first.headers == second.headers
    assert {name: first.headers[name] for name in ("ttl", "urgency", "topic", "content-encoding", "host")} == {
        "ttl": "259200",
        "urgency": "high",
        "topic": "wake",
        "content-encoding": "aes128gcm",
        "host": f"{HOST}:{service.port}",
    }
    assert [browser.open(asked.body) for browser, asked in zip(browsers, service.asked, strict=True)] == [b"", b""]
    assert len(first.body) == len(second.body) == int(first.headers["content-length"])
    assert first.body[:16] != second.body[:16]
    assert first.body[21:86] != second.body[21:86]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said("200 OK"), Answer(Outcome.ACCEPTED, 200)),
        (said("404 Not Found"), Answer(Outcome.GONE, 404)),
        (said("410 Gone"), Answer(Outcome.GONE, 410)),
        (said("429 Too Many", "Retry-After: 120"), Answer(Outcome.BUSY, 429, timedelta(seconds=120))),
        (said("503 Away"), Answer(Outcome.BUSY, 503)),
        (said("403 Forbidden"), Answer(Outcome.REFUSED, 403)),
        (said("413 Too Large"), Answer(Outcome.REFUSED, 413)),
        (said("307 Elsewhere", "Location: https://192.168.1.1/"), Answer(Outcome.REFUSED, 307)),
        (said("301 Moved", "Location: /send/2"), Answer(Outcome.REFUSED, 301)),
        (b"", Answer(Outcome.UNREACHABLE)),
        (b"bonjour\r\n\r\n", Answer(Outcome.UNREACHABLE)),
        (None, Answer(Outcome.UNREACHABLE)),
    ],
)
async def test_every_answer_has_its_meaning(
    answer: bytes | None,
    expected: Answer,
    service: StandIn,
    clock: MovableClock,
    random_bytes: RandomBytes,
    key: PushKey,
) -> None:
    service.answers.append(answer)
    gateway = service.gateway(clock, random_bytes, timeout_s=0.5 if answer is None else 5.0)
    assert await gateway.send(Browser().subscription(service.url(), key), key) == expected
    assert len(service.asked) == 1
    await gateway.close()


async def test_an_answer_without_end_is_not_read(
    service: StandIn, clock: MovableClock, random_bytes: RandomBytes, key: PushKey
) -> None:
    service.answers.append(b"HTTP/1.1 201 Created\r\nContent-Length: 99999999999\r\n\r\n" + b" " * 1_000_000)
    gateway = service.gateway(clock, random_bytes)
    assert (await gateway.send(Browser().subscription(service.url(), key), key)).outcome is Outcome.ACCEPTED
    await gateway.close()


async def test_a_name_that_leads_inside_later_is_not_followed(
    service: StandIn, clock: MovableClock, random_bytes: RandomBytes, key: PushKey
) -> None:
    async def rebound(host: str, port: int) -> Sequence[str]:
        return ("10.0.0.1",)

    gateway = Gateway(clock, random_bytes, Guard((LOOPBACK,), rebound), "mailto:a@miss.example", trust=service.trust)
    answer = await gateway.send(Browser().subscription(service.url(), key), key)
    assert answer == Answer(Outcome.UNREACHABLE)
    await gateway.close()


async def test_whoever_cannot_show_the_names_certificate_is_told_nothing(
    service: StandIn, clock: MovableClock, random_bytes: RandomBytes, key: PushKey
) -> None:
    async def to_loopback(host: str, port: int) -> Sequence[str]:
        return ("127.0.0.1",)

    guard = Guard((LOOPBACK,), to_loopback)
    for endpoint, trust in (
        (service.url(), ssl.create_default_context()),
        (f"https://other.example:{service.port}/", service.trust),
    ):
        gateway = Gateway(clock, random_bytes, guard, "mailto:a@miss.example", trust=trust)
        answer = await gateway.send(Browser().subscription(endpoint, key), key)
        assert answer == Answer(Outcome.UNREACHABLE)
        await gateway.close()
    assert service.asked == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", timedelta(0)),
        (" 90 ", timedelta(seconds=90)),
        ("Fri, 20 Nov 2026 09:02:00 GMT", timedelta(minutes=2)),
        ("Fri, 20 Nov 2026 08:00:00 GMT", timedelta(0)),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("9" * 30, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, expected: timedelta | None) -> None:
    assert read_retry_after(text, NOW) == expected
