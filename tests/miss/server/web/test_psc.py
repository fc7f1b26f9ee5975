"""Pro Santé Connect, against a real provider in a process of its own, through the pages."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from miss.base.clock import MovableClock, SystemClock
from miss.directory.accounts import Act
from miss.directory.sample import people
from miss.server.app import open_server
from miss.server.demo.people import load_directory
from miss.server.doors import Server
from miss.server.errors import SecretUnreadable
from miss.server.service import find_services
from miss.server.settings import Settings
from tests.miss.server.running import serving, settings_in
from tests.servers import free_port

CLIENT_ID, SECRET = "miss", "un secret de client fictif"
LOST = "n’a pas confirmé votre identité"


def person(rpps: str, **more: str) -> dict[str, str]:
    """What Pro Santé Connect says of somebody."""
    subject = f"f:550dc1c8-d97b-4b1e-ac8c-8eb4471cf9dd:8{rpps}"
    return {"sub": subject, "SubjectNameID": f"8{rpps}", "preferred_username": f"8{rpps}", "family_name": "X", **more}


@dataclass
class Provider:
    """The process, and what it is told."""

    issuer: str

    def tell(self, somebody: dict[str, str], **lies: Any) -> None:
        httpx.post(f"{self.issuer}/control", json={"user": somebody, "lies": lies}).raise_for_status()


@dataclass
class Scene:
    """Our server, the provider, a browser."""

    server: Server
    provider: Provider

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        origin = self.server.house.settings.public_origin
        async with httpx.AsyncClient(base_url=origin, headers={"Accept": "text/html", "Origin": origin}) as http:
            yield http

    async def sign_in(self, http: httpx.AsyncClient, begin: str = "/connexion/psc?suite=/compte") -> httpx.Response:
        """Out to the provider and back; the answer to the way back."""
        sent = await http.get(begin)
        assert sent.status_code == 303, sent.text
        back = await http.get(sent.headers["location"])
        assert back.status_code == 302, back.text
        return await http.get(back.headers["location"])


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def provider(port: int) -> Iterator[Provider]:
    redirect_uri = f"http://127.0.0.1:{port}/connexion/psc/retour"
    command = [sys.executable, "-m", "tests.miss.directory.sign_in.psc_provider", CLIENT_ID, SECRET, redirect_uri]
    root = Path(__file__).parents[4]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Provider(f"http://127.0.0.1:{int(process.stdout.readline())}")
        process.terminate()


def settings_for(folder: Path, port: int, issuer: str) -> Settings:
    file = folder / "psc.secret"
    file.write_text(f"{SECRET}\n")
    return settings_in(
        folder,
        port=port,
        psc_issuer=issuer,
        psc_client_id=CLIENT_ID,
        psc_client_secret_file=file,
        http_sign_ins_per_min=1000,
    )


@pytest.fixture
async def scene(tmp_path: Path, port: int, provider: Provider) -> AsyncIterator[Scene]:
    settings = settings_for(tmp_path, port, provider.issuer)
    async with serving(settings, MovableClock(SystemClock().now())) as server:
        await load_directory(server.house)
        provider.tell(person(people.ANNE_MODELE))
        yield Scene(server, provider)


async def test_whoever_has_the_rpps_number_of_an_account_is_signed_in(scene: Scene) -> None:
    async with scene.browser() as http:
        assert "Pro Santé Connect" in (await http.get("/connexion")).text
        arrived = await scene.sign_in(http)
        assert (arrived.status_code, arrived.headers["location"]) == (303, "/compte")
        assert "Dr Anne MODELE" in (await http.get("/compte")).text
        assert "Pro Santé Connect" in (await http.get("/compte/sessions")).text
        account = await scene.server.house.accounts.find_by_rpps(people.ANNE_MODELE)
        assert account is not None
        newest = (await scene.server.house.accounts.list_events(account.uid))[0]
        assert (newest.act, newest.detail) == (Act.SIGNED_IN, "pro_sante_connect")


async def test_without_an_account_a_page_says_what_to_do(scene: Scene) -> None:
    scene.provider.tell(person(people.LUCIE_SPECIMEN))
    async with scene.browser() as http:
        arrived = await scene.sign_in(http)
        assert arrived.status_code == 403
        assert "Pas encore de compte" in arrived.text
        assert "aucun compte MiSS" in arrived.text
        assert (await http.get("/compte")).status_code == 303


async def test_a_closed_account_stays_closed(scene: Scene) -> None:
    accounts = scene.server.house.accounts
    account = await accounts.find_by_rpps(people.ANNE_MODELE)
    assert account is not None
    await accounts.suspend(account.uid, "test", "")
    async with scene.browser() as http:
        arrived = await scene.sign_in(http)
        assert (arrived.status_code, "pas actif" in arrived.text) == (403, True)


LIES: list[dict[str, Any]] = [
    {"cancel": True},
    {"back": {"state": "x" * 43}},
    {"back": {"iss": "https://ailleurs.example"}},
    {"back": {"code": "inconnu"}},
    {"back": {"code": ""}},
    {"id": {"nonce": "x" * 43}},
    {"id": {"nonce": None}},
    {"id": {"aud": "another-client"}},
    {"id": {"iss": "https://ailleurs.example"}},
    {"id": {"exp": 1_600_000_000}},
    {"id": {"exp": None}},
    {"id": {"acr": "eidas0"}},
    {"id": {"acr": None}},
    {"id": {"azp": "another-client"}},
    {"id": {"sub": "somebody-else"}},
    {"sign": "none"},
    {"sign": "shared"},
    {"sign": "forged"},
    {"user": {"sub": "somebody-else"}},
    {"user": {"SubjectNameID": f"0{people.ANNE_MODELE}"}},
    {"user": {"SubjectNameID": people.ANNE_MODELE}},
    {"user": {"SubjectNameID": None}},
    {"user": {"SubjectNameID": 899900000011}},
    {"user": {"SubjectNameID": "8٩٩٩٠٠٠٠٠٠١١"}},
]


async def test_what_does_not_hold_signs_nobody_in(scene: Scene) -> None:
    for lies in LIES:
        scene.provider.tell(person(people.ANNE_MODELE), **lies)
        async with scene.browser() as http:
            arrived = await scene.sign_in(http)
            assert (arrived.status_code, LOST in arrived.text) == (401, True), lies
            assert http.cookies.get("miss") is None
            # The answer that failed cannot be tried again.
            assert (await http.get(str(arrived.url))).status_code == 400, lies


async def test_an_answer_serves_the_browser_that_asked_and_once(scene: Scene) -> None:
    async with scene.browser() as http, scene.browser() as other:
        sent = await http.get("/connexion/psc")
        back = (await http.get(sent.headers["location"])).headers["location"]
        assert (await other.get(back)).status_code == 400, "login CSRF"
        await other.get("/connexion/psc")
        assert (await other.get(back)).status_code == 401, "its own step, another's state"
        assert (await http.get(back)).status_code == 303
        assert (await http.get(back)).status_code == 400
        assert (await http.get("/compte")).status_code == 200, "and ends nothing"


async def test_what_is_asked_of_the_provider(scene: Scene) -> None:
    async with scene.browser() as http:
        asked = [parse_qs(urlsplit((await http.get("/connexion/psc")).headers["location"]).query) for _ in range(2)]
        for one in asked:
            assert one["acr_values"] == ["eidas1"]
            assert one["code_challenge_method"] == ["S256"]
            assert SECRET not in str(one)
        for name in ("state", "nonce", "code_challenge"):
            assert asked[0][name] != asked[1][name], name


async def test_the_provider_may_change_its_keys(scene: Scene) -> None:
    async with scene.browser() as http:
        assert (await scene.sign_in(http)).status_code == 303
        scene.provider.tell(person(people.ANNE_MODELE), new_key=True)
        assert (await scene.sign_in(http)).status_code == 303


async def test_proving_again_who_one_is(scene: Scene) -> None:
    clock = scene.server.house.clock
    assert isinstance(clock, MovableClock)
    confirm = "/compte/confirmation/psc?suite=/compte/securite/application"
    async with scene.browser() as http:
        await scene.sign_in(http)
        scene.server.house.sign_in.sessions.limits = scene.server.house.sign_in.sessions.limits.__class__(
            timedelta(minutes=30), timedelta(hours=12), fresh=timedelta(0)
        )
        asked = await http.get("/compte/securite/application")
        assert "Pro Santé Connect" in (await http.get(asked.headers["location"])).text
        before = http.cookies["miss"]
        arrived = await scene.sign_in(http, confirm)
        assert arrived.headers["location"] == "/compte/securite/application"
        assert http.cookies["miss"] != before
        scene.provider.tell(person(people.ANNE_MODELE), id={"auth_time": 1_600_000_000})
        assert (await scene.sign_in(http, confirm)).status_code == 401, "signed in there long ago"
        scene.provider.tell(person(people.KARIM_ESSAI))
        assert (await scene.sign_in(http, confirm)).status_code == 401, "somebody else"
        assert "Dr Anne MODELE" in (await http.get("/compte")).text


async def test_a_provider_that_lies_about_itself_is_not_followed(scene: Scene) -> None:
    for lie in (
        {"issuer": "https://ailleurs.example"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": 5},
        {"userinfo_endpoint": None},
    ):
        scene.provider.tell(person(people.ANNE_MODELE), discovery=lie)
        async with scene.browser() as http:
            answer = await http.get("/connexion/psc")
            assert (answer.status_code, "ne répond pas" in answer.text) == (503, True), lie


async def test_a_provider_that_is_away_leaves_the_other_ways_in(tmp_path: Path, port: int) -> None:
    settings = settings_for(tmp_path, port, f"http://127.0.0.1:{free_port()}")
    headers = {"Accept": "text/html"}
    async with serving(settings), httpx.AsyncClient(base_url=settings.public_origin, headers=headers) as http:
        assert (await http.get("/connexion/psc")).status_code == 503
        assert (await http.get("/connexion")).status_code == 200


async def test_it_is_not_there_unless_configured(tmp_path: Path) -> None:
    settings, headers = settings_in(tmp_path), {"Accept": "text/html"}
    async with serving(settings), httpx.AsyncClient(base_url=settings.public_origin, headers=headers) as http:
        assert (await http.get("/connexion/psc")).status_code == 404
        assert "Pro Santé Connect" not in (await http.get("/connexion")).text


async def test_settings_that_are_not_whole_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="go together"):
        Settings(psc_issuer="https://psc.example")
    file = tmp_path / "secret"
    with pytest.raises(ValidationError, match="https"):
        Settings(psc_issuer="http://psc.example", psc_client_id="a", psc_client_secret_file=file)
    settings = settings_in(tmp_path, psc_issuer="https://psc.example", psc_client_id="a", psc_client_secret_file=file)
    with pytest.raises(SecretUnreadable, match="secret"):
        await open_server(settings, SystemClock(), lambda size: bytes(size), find_services())
