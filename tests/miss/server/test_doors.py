"""What the composed server lets in, and how it says no: real sockets and pages, on the shipped settings but one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from miss.chat import ChatLimits, SocketCaps
from miss.protocol.wire.frames import SUBPROTOCOL
from miss.server.doors import Server
from miss.server.settings import Settings
from tests.miss.server.running import serving, settings_in

PASSWORD = "une phrase de passe fictive"
SITE = {"X-Forwarded-For": "198.51.100.7"}


def open_socket(
    server: Server, headers: Mapping[str, str] | None = None, **options: Any
) -> AbstractAsyncContextManager[ClientConnection]:
    url = server.house.settings.public_origin.replace("http", "ws", 1)
    return connect(
        f"{url}/api/chat/socket",
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        additional_headers=headers,
        proxy=None,
        close_timeout=1,
        **options,
    )


async def is_let_in(stack: AsyncExitStack, server: Server, headers: Mapping[str, str] | None = None) -> bool:
    """Whether a socket opens; it stays open."""
    try:
        await stack.enter_async_context(open_socket(server, headers))
    except InvalidStatus as refused:
        if refused.response.status_code == 429 and int(refused.response.headers["Retry-After"]) > 0:
            return False
        raise
    return True


@pytest.fixture
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Server]:
    """With the settings that the test names."""
    async with serving(settings_in(tmp_path, **getattr(request, "param", {}))) as server:
        yield server


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    origin = server.house.settings.public_origin
    async with httpx.AsyncClient(base_url=origin, headers={"Accept": "text/html", "Origin": origin}) as client:
        yield client


def with_settings(**changed: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("server", [changed], indirect=True, ids=[""])


# Sockets


async def test_compression_is_not_agreed_to(server: Server) -> None:
    async with open_socket(server, compression="deflate") as socket:
        assert socket.request is not None
        assert "permessage-deflate" in socket.request.headers["Sec-WebSocket-Extensions"]
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers
        assert await socket.recv()


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_foreign_page_is_refused_before_accept(server: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with open_socket(server, origin=Origin(origin)):
            pass
    async with open_socket(server, origin=Origin(server.house.settings.public_origin)) as socket:
        assert await socket.recv()


async def test_a_socket_has_ten_seconds_to_say_who_it_is(server: Server) -> None:
    # That it is closed then: tests/miss/chat/test_socket.py.
    assert server.chat.limits.session.auth_timeout_s == 10
    assert server.chat.limits.tick_s <= 5


def test_the_settings_are_the_limits(tmp_path: Path) -> None:
    settings, caps = Settings(data_dir=tmp_path), SocketCaps()
    assert settings.sockets_per_address == caps.per_address
    assert settings.sockets_unknown_per_address == caps.unknown_per_address
    assert settings.sockets_per_account == caps.per_account
    assert settings.sockets_per_process == caps.per_process
    http = ChatLimits().http
    assert (settings.searches_per_hour, settings.socket_openings_per_min) == (http.searches.burst, http.openings.burst)


@with_settings(
    sockets_per_address=1, sockets_unknown_per_address=2, sockets_per_account=3, sockets_per_process=4,
    socket_openings_per_min=5, searches_per_hour=6,
)  # fmt: skip
async def test_every_setting_reaches_its_limit(server: Server) -> None:
    limits = server.chat.limits
    assert limits.sockets == SocketCaps(1, 2, 3, 4)
    assert (limits.http.openings.burst, limits.http.searches.burst) == (5, 6)


# Whose address counts


@with_settings(sockets_unknown_per_address=1)
async def test_behind_a_trusted_proxy_the_clients_address_counts(server: Server) -> None:
    async with AsyncExitStack() as stack:
        let_in = partial(is_let_in, stack, server)
        assert await let_in(SITE)
        assert not await let_in(SITE)
        assert await let_in({"X-Forwarded-For": "198.51.100.8"})
        # What the client itself claims stands to the left of what the proxy adds.
        assert not await let_in({"X-Forwarded-For": "203.0.113.1, 198.51.100.7"})
        # One IPv6 network is one address.
        assert await let_in({"X-Forwarded-For": "2001:db8:1:2::3"})
        assert not await let_in({"X-Forwarded-For": "2001:db8:1:2:9::4"})
        assert await let_in({"X-Forwarded-For": "2001:db8:1:3::3"})


@with_settings(sockets_unknown_per_address=1, trusted_proxies="192.0.2.1,10.0.0.0/8")
async def test_nobody_else_chooses_the_address_they_are_counted_under(server: Server) -> None:
    async with AsyncExitStack() as stack:
        assert await is_let_in(stack, server, SITE)
        for headers in ({"X-Forwarded-For": "198.51.100.8"}, {"Forwarded": "for=198.51.100.9"}, {}):
            assert not await is_let_in(stack, server, headers)


@with_settings(sockets_unknown_per_address=1)
async def test_another_header_of_that_purpose_is_not_read(server: Server) -> None:
    """`Forwarded` (RFC 7239) passes through proxies that set X-Forwarded-For: the client wrote it."""
    async with AsyncExitStack() as stack:
        assert await is_let_in(stack, server, SITE)
        assert not await is_let_in(stack, server, SITE | {"Forwarded": "for=203.0.113.9"})


@with_settings(sockets_per_process=1)
async def test_a_full_server_answers_503(server: Server) -> None:
    async with open_socket(server):
        with pytest.raises(InvalidStatus) as refused:
            async with open_socket(server, SITE):
                pass
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "10"


# Pages


async def try_to_sign_in(http: httpx.AsyncClient, login: str, **headers: str) -> httpx.Response:
    return await http.post("/connexion", data={"login": login, "password": PASSWORD}, headers=headers)


@with_settings(http_sign_ins_per_min=3)
async def test_one_address_does_not_try_name_after_name(server: Server, http: httpx.AsyncClient) -> None:
    for number in range(3):
        assert (await try_to_sign_in(http, f"9990000001{number}")).status_code == 401
    refused = await try_to_sign_in(http, "99900000019")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 20
    assert "votre réseau" in refused.text
    # Codes are tried against the same count.
    form = {"rpps": "99900000011", "code": "0000", "password": PASSWORD, "password_again": PASSWORD}
    refused = await http.post("/activation", data=form)
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    assert (await try_to_sign_in(http, "99900000019", **SITE)).status_code == 401


async def test_patience_with_one_name_says_how_long(server: Server, http: httpx.AsyncClient) -> None:
    answers = [await try_to_sign_in(http, "99900000011") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 30


async def test_a_401_names_a_way_to_authenticate(server: Server, http: httpx.AsyncClient) -> None:
    """RFC 9110 §15.5.2; a scheme that browsers do not know, so that they show the page."""
    page = await try_to_sign_in(http, "99900000011")
    assert (page.status_code, "form" in page.text) == (401, True)
    program = await http.get("/compte/appareils", headers={"Accept": "application/json"})
    chat = await http.get("/api/chat/conversations")
    assert [answer.status_code for answer in (program, chat)] == [401, 401]
    assert [answer.headers["WWW-Authenticate"] for answer in (page, program, chat)] == [
        'Cookie realm="MiSS", form-action="/connexion"',
        'Cookie realm="MiSS", form-action="/connexion"',
        'Bearer realm="MiSS"',
    ]
