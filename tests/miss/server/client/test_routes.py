"""What a browser is sent under /app/, and under which policy."""

import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from miss.base.errors import MissError
from miss.server.client import ClientPages, load_client
from miss.server.client.errors import ClientNotBuilt
from tests.miss.server.client.test_files import FILES, build_in


def browser(pages: ClientPages) -> httpx.AsyncClient:
    app = Starlette(routes=pages.routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://miss.example")


@pytest.fixture
def pages(tmp_path: Path) -> ClientPages:
    build_in(tmp_path)
    return ClientPages(load_client(tmp_path))


async def test_the_page_and_its_policy(pages: ClientPages) -> None:
    async with browser(pages) as http:
        answer = await http.get("/app/", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, FILES["index.html"])
    assert answer.headers["cache-control"] == "no-cache"
    rules = dict(rule.partition(" ")[::2] for rule in answer.headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["style-src"] == "'self'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert rules["trusted-types"] == "miss"
    assert not any("unsafe-inline" in value or "*" in value or "http" in value for value in rules.values())


async def test_what_is_named_by_its_content_is_kept_for_ever_and_nothing_else(pages: ClientPages) -> None:
    async with browser(pages) as http:
        kept = {name: (await http.get(f"/app/{name}")).headers["cache-control"] for name in (*FILES, "hashes.json")}
    assert {name for name, rule in kept.items() if "immutable" in rule} == {
        "assets/start-AB12.js",
        "assets/libsodium-CD34.wasm",
    }


async def test_it_is_sent_small_to_who_takes_it_so(pages: ClientPages) -> None:
    async with browser(pages) as http:
        async with http.stream("GET", "/app/assets/start-AB12.js", headers={"Accept-Encoding": "gzip"}) as small:
            raw = b"".join([part async for part in small.aiter_raw()])
        plain = await http.get("/app/assets/start-AB12.js", headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content == FILES["assets/start-AB12.js"]
    assert "content-encoding" not in plain.headers
    assert small.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


async def test_what_a_browser_has_is_not_sent_again(pages: ClientPages) -> None:
    async with browser(pages) as http:
        first = await http.get("/app/")
        again = await http.get("/app/", headers={"If-None-Match": first.headers["etag"]})
        other = await http.get("/app/", headers={"If-None-Match": 'W/"0000"'})
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


@pytest.mark.parametrize("name", ["nothing.js", "assets/", "assets/%2e%2e/index.html", "%2e%2e/files.py"])
async def test_there_is_nothing_else(pages: ClientPages, name: str) -> None:
    async with browser(pages) as http:
        assert (await http.get(f"/app/{name}")).status_code == 404


async def test_without_a_slash_one_is_sent_on(pages: ClientPages) -> None:
    async with browser(pages) as http:
        answer = await http.get("/app")
    assert (answer.status_code, answer.headers["location"]) == (308, "/app/")


@pytest.mark.parametrize("path", ["/app/", "/app/hashes.json"])
async def test_what_was_never_built_says_so(path: str) -> None:
    async with browser(ClientPages(None)) as http:
        with pytest.raises(MissError) as refused:
            await http.get(path)
    assert isinstance(refused.value, ClientNotBuilt)
