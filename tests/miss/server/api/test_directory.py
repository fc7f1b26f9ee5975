"""The directory's HTTP API: who may ask, what is answered, and what schemathesis finds against a real server."""

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from miss.base.ids import OrganizationId
from miss.directory.audit import Subject
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.tokens import ApiTokens, TokenScope
from miss.directory.practitioners import DirectoryEntry
from miss.directory.practitioners.model import practitioner_id
from miss.directory.sample import people
from miss.server.api.directory import ROOT
from miss.server.doors import Server
from tests.miss.server.desk import PATIENCE_S, browser_of, directory_desk, make_technician

ANNE = practitioner_id(people.ANNE_MODELE)
MANY = 10_000_000
PROBLEM = "application/problem+json"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    generous = {"token_searches_per_hour": MANY, "token_entries_per_day": MANY, "establishment_requests_per_min": MANY}
    async with directory_desk(tmp_path, **generous) as server:
        yield server


async def issue(server: Server, *scopes: TokenScope) -> tuple[str, str]:
    """A token's identifier and the token."""
    house = server.house
    tokens = ApiTokens(house.db, house.clock, house.random_bytes)
    issued = await tokens.issue(OrganizationId("590780193"), frozenset(scopes), "DPI fictif", "test")
    return issued.id, issued.token


@pytest.fixture
async def token(server: Server) -> str:
    return (await issue(server, TokenScope.DIRECTORY_READ))[1]


@pytest.fixture
async def program(server: Server, token: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"}
    base_url = f"{server.house.settings.public_origin}{ROOT}"
    async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=PATIENCE_S) as http:
        yield http


async def ask(http: httpx.AsyncClient, path: str, **params: str | int) -> Any:
    answer = await http.get(path, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def refusal(http: httpx.AsyncClient, path: str, **params: str | int) -> tuple[int, str]:
    answer = await http.get(path, params=params)
    assert answer.headers["content-type"] == PROBLEM, answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    return answer.status_code, problem["code"]


async def test_a_search_in_the_terms_of_the_national_directory(program: httpx.AsyncClient) -> None:
    page = await ask(program, "/practitioners", q="dermatologie", town="Lille", radius=30)
    assert page["nextPage"] is None
    found = {entry["id"]: entry for entry in page["entry"]}
    assert list(found)[:2] == [practitioner_id(people.KARIM_ESSAI), ANNE], "the nearest first, then by name"
    anne = found[ANNE]
    assert anne["name"] == {"text": "Dr Anne MODELE", "family": "MODELE", "given": "Anne", "prefix": "Dr"}
    assert anne["specialty"][0]["code"] == "SM15"
    assert (anne["isMember"], anne["distanceKm"], anne["resourceType"]) == (True, 0.0, "Practitioner")
    assert "mailbox" not in anne


async def test_an_entry_whole_is_recorded_under_the_tokens_name(server: Server, program: httpx.AsyncClient) -> None:
    anne = await ask(program, f"/practitioners/{ANNE}")
    assert {"system": "https://rpps.esante.gouv.fr", "value": people.ANNE_MODELE} in anne["identifier"]
    assert [box["value"] for box in anne["mailbox"]] == ["anne.modele@ch-fictif.mssante.example"]
    role = anne["practitionerRole"][0]
    assert role["organization"]["address"]["city"] == "Lille"
    (entry,) = (await server.house.audit.list_(subject=Subject.practitioner(ANNE))).entries
    assert entry.fact is not None
    assert entry.fact.actor.startswith("token:")

    theirs = role["organization"]["id"]
    assert (await ask(program, f"/organizations/{theirs}"))["name"] == role["organization"]["name"]
    listed = await ask(program, "/organizations", town="lille", name="labo")
    assert [one["name"] for one in listed["entry"]] == ["Laboratoire fictif de biologie médicale"]
    assert {"code": "60", "display": "Infirmier"} in (await ask(program, "/codings/professions"))["entry"]
    assert "SM15" in [one["code"] for one in (await ask(program, "/codings/specialties"))["entry"]]


async def test_places_that_establishments_declare_are_told(server: Server, program: httpx.AsyncClient) -> None:
    house = server.house
    hospital = Establishment(
        id=OrganizationId("F599990009"), name="CH fictif", kind=EstablishmentKind.HOSPITAL, town="Lille"
    )
    await Establishments(house.db, house.clock, house.random_bytes).open(hospital, "test")
    said = {StaffField.FAMILY: "MODELE", StaffField.GIVEN: "Anne", StaffField.RPPS: people.ANNE_MODELE}
    said |= {StaffField.FUNCTION: "Cheffe", StaffField.PHONE: "03 53 01 00 02"}
    await Roster(house.db, house.clock, house.random_bytes, house.practitioners).add(hospital.id, said, "test")
    place = {
        "organization": "CH fictif",
        "city": "Lille",
        "unit": "",
        "function": "Cheffe",
        "telecom": [{"system": "phone", "value": "03 53 01 00 02"}],
    }
    assert (await ask(program, f"/practitioners/{ANNE}"))["declaredPlace"] == [place]
    assert "CH fictif (Cheffe)" in (await program.get("/export/csv")).text
    [feed] = [start.__self__ for start in server.starts if type(getattr(start, "__self__", 0)).__name__ == "ChangeFeed"]  # type: ignore[attr-defined]
    await feed.refresh()
    told = {one["id"]: one["entry"]["declaredPlace"] for one in (await ask(program, "/changes"))["changes"]}
    assert told[ANNE] == [place]


async def test_the_red_list_leaves_by_no_door(server: Server, program: httpx.AsyncClient) -> None:
    await server.house.practitioners.describe(ANNE, DirectoryEntry(is_red_listed=True), by="test")
    assert (await ask(program, "/practitioners", q="modele anne"))["entry"] == []
    for format_ in ("csv", "ldif", "vcard"):
        assert people.ANNE_MODELE not in (await program.get(f"/export/{format_}")).text
    assert ANNE not in [change["id"] for change in (await ask(program, "/changes"))["changes"]]


async def test_exports_and_changes_agree(server: Server, program: httpx.AsyncClient) -> None:
    file = await program.get("/export/csv")
    assert file.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(file.text, newline="")))
    assert (await ask(program, "/changes"))["changes"] == [], "nothing was compared yet"
    [feed] = [start.__self__ for start in server.starts if type(getattr(start, "__self__", 0)).__name__ == "ChangeFeed"]  # type: ignore[attr-defined]
    await feed.refresh()
    page = await ask(program, "/changes", since=0)
    assert [change["id"] for change in page["changes"]] == [row["identifiant"] for row in rows]
    assert {change["kind"] for change in page["changes"]} == {"new"}
    assert page["cursor"] == len(rows)
    assert (await ask(program, "/changes", since=page["cursor"]))["changes"] == []
    assert await refusal(program, "/changes", since=page["cursor"] + 1) == (409, "directory_cursor_unknown")


async def test_wrong_parameters_are_named(program: httpx.AsyncClient) -> None:
    wrong: tuple[tuple[str, dict[str, str]], ...] = (
        ("/practitioners", {"q": "ab"}),
        ("/practitioners", {"q": "a\0bcd"}),
        ("/practitioners", {"unknown": "x"}),
        ("/practitioners", {"q": "modele", "page": "1_0"}),
        ("/practitioners", {"q": "modele", "page": "11"}),
        ("/practitioners", {"q": "modele", "radius": "-1"}),
        ("/practitioners/x", {}),
        ("/organizations", {}),
        ("/organizations/%00", {}),
        ("/codings/towns", {}),
        ("/export/exe", {}),
        ("/export/csv", {"excel": "1"}),
        ("/changes", {"since": "abc"}),
    )
    for path, params in wrong:
        answer = await program.get(path, params=params)
        assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM), (path, params)
        problem = answer.json()
        assert problem["code"] == "wrong_parameters"
        assert problem["faults"]


async def test_a_parameter_said_twice_is_refused(program: httpx.AsyncClient) -> None:
    answer = await program.get("/practitioners?q=modele&q=essai")
    assert answer.json()["faults"][0]["name"] == "q"


async def test_what_is_not_there_says_so(program: httpx.AsyncClient) -> None:
    assert await refusal(program, "/practitioners/899900000995") == (404, "practitioner_not_found")
    assert await refusal(program, "/organizations/none") == (404, "organization_not_found")


async def test_who_may_ask(server: Server, program: httpx.AsyncClient, token: str) -> None:
    asked = "/practitioners?q=modele"
    program.headers["Authorization"] = "Bearer misst_wrong"
    wrong = await program.get(asked)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "program_token_refused")
    assert wrong.headers["www-authenticate"] == 'Bearer realm="MiSS"'
    _, scim = await issue(server, TokenScope.SCIM)
    program.headers["Authorization"] = f"Bearer {scim}"
    assert await refusal(program, asked) == (403, "program_token_out_of_scope")
    del program.headers["Authorization"]
    assert await refusal(program, asked) == (401, "sign_in_needed")

    async with browser_of(server, people.PAUL_EXEMPLE, accept="application/json") as paul:
        assert (await paul.get(f"{ROOT}{asked}")).status_code == 200
        # An Authorization header is judged alone: a session does not help a wrong token.
        both = await paul.get(f"{ROOT}{asked}", headers={"Authorization": "Bearer misst_wrong"})
        assert both.status_code == 401
        for path in ("/export/csv", "/changes"):
            assert await refusal(paul, f"{ROOT}{path}") == (403, "not_your_role")
    await make_technician(server.house, people.MARC_COORDO)
    async with browser_of(server, people.MARC_COORDO) as marc:
        assert (await marc.get(f"{ROOT}/export/xlsx")).content.startswith(b"PK")


async def test_a_revoked_token_opens_nothing(server: Server, program: httpx.AsyncClient) -> None:
    house = server.house
    identifier, token = await issue(server, TokenScope.DIRECTORY_READ)
    program.headers["Authorization"] = f"Bearer {token}"
    await ask(program, "/practitioners", q="modele")
    await ApiTokens(house.db, house.clock, house.random_bytes).revoke(identifier, "test")
    assert await refusal(program, "/practitioners", q="modele") == (401, "program_token_refused")


async def test_tokens_and_people_have_quotas(tmp_path: Path) -> None:
    async with directory_desk(tmp_path / "small", token_searches_per_hour=2, searches_per_hour=1) as server:
        _, token = await issue(server, TokenScope.DIRECTORY_READ)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            base_url=server.house.settings.public_origin, headers=headers, timeout=PATIENCE_S
        ) as http:
            for _ in range(2):
                await ask(http, f"{ROOT}/practitioners", q="modele")
            for path in (f"/practitioners/{ANNE}", "/organizations?town=lille", "/practitioners?q=essai"):
                answer = await http.get(f"{ROOT}{path}")
                assert (answer.status_code, answer.json()["code"]) == (429, "directory_quota_reached")
                assert int(answer.headers["retry-after"]) > 0
            _, other = await issue(server, TokenScope.DIRECTORY_READ)
            http.headers["Authorization"] = f"Bearer {other}"
            # Another token of the same establishment is no way round.
            assert await refusal(http, f"{ROOT}/practitioners", q="essai") == (429, "directory_quota_reached")
        async with browser_of(server, people.PAUL_EXEMPLE) as paul:
            await paul.get("/annuaire?q=modele")
            assert await refusal(paul, f"{ROOT}/practitioners", q="modele") == (429, "directory_quota_reached")


async def test_the_document_is_for_everybody_and_names_every_route(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.house.settings.public_origin) as stranger:
        document = (await stranger.get(f"{ROOT}/openapi.json")).json()
    assert document["openapi"].startswith("3.1.")
    served = {
        route.path.removeprefix(ROOT)  # type: ignore[attr-defined]
        for route in server.app.routes
        if getattr(route, "path", "").startswith(ROOT)
    }
    assert set(document["paths"]) == served - {"/openapi.json"}
    assert document["servers"] == [{"url": f"{server.house.settings.public_origin}{ROOT}"}]


async def test_schemathesis_finds_nothing(server: Server, token: str, tmp_path: Path) -> None:
    """Right and wrong data for every operation, from the document alone: no 5xx, every answer as declared."""
    command = (
        *(str(Path(sys.executable).with_name("schemathesis")), "run"),
        f"{server.house.settings.public_origin}{ROOT}/openapi.json",
        *("--header", f"Authorization: Bearer {token}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "15"),
        *("--seed", "20261122", "--no-color", "--workers", "1"),
    )
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-6_000:]
    assert "7 passed" in said.decode(), "the examples are of people who are there"
