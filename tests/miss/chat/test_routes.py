"""The doors: who may come in, in which language they are answered, what is too much."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from starlette.routing import Route

from miss.chat import chat_routes
from tests.miss.chat.kit import Process, Refused, ask, get, post
from tests.miss.chat.world import World

NOBODY = "00" * 16
NOWHERE = "00" * 32
WITHOUT_TOKEN = {
    ("POST", "activation"),
    ("POST", "devices"),
    ("POST", "token"),
    ("POST", "own-chain"),
    ("GET", "restorations"),
    ("POST", "restored-links"),
    ("POST", "recovery/open"),
    ("POST", "recovery/devices"),
    ("PUT", f"pairing/{NOBODY}/offer"),
    ("GET", f"pairing/{NOBODY}/answer"),
    ("POST", f"pairing/{NOBODY}/device"),
}
"""The doors that prove their caller by other means."""
BODIES: Mapping[str, dict[str, Any]] = {
    "activation": {"rpps": "99900000045", "code": "AAAA-AAAA-AAAA"},
    "devices": {"rpps": "99900000045", "code": "AAAA-AAAA-AAAA", "link": b"", "name": "x"},
    "token": {"did": bytes(16), "ts": 0, "sig": bytes(64)},
    "own-chain": {"did": bytes(16), "ts": 0, "sig": bytes(64)},
    "recovery/open": {"rpps": "99900000045", "code": "AAAA-AAAA-AAAA"},
    "links": {"link": b"\xc0"},
    "commits": {"commit": b"\xc0"},
}


def doors(process: Process) -> list[tuple[str, str]]:
    """Every HTTP route: method and path below /api/chat, identifiers filled in."""
    routes = [route for route in chat_routes(process.chat) if isinstance(route, Route)]
    paths = [route.path.removeprefix("/api/chat/") for route in routes]
    filled = [path.format(uid=NOBODY, did=NOBODY, slot=NOBODY, cid=NOWHERE, blob=NOBODY, seq="1") for path in paths]
    methods = [next(iter((route.methods or set()) - {"HEAD"})) for route in routes]
    return list(zip(methods, filled, strict=True))


async def knock(process: Process, method: str, path: str, token: str) -> Refused:
    with pytest.raises(Refused) as refused:
        await ask(process, method, path, None if method == "GET" else BODIES.get(path, b""), token)
    return refused.value


async def test_every_other_door_needs_a_token(process: Process, world: World) -> None:
    for method, path in doors(process):
        if (method, path) not in WITHOUT_TOKEN:
            for token in ("", "x", world.anne.token(process)[:-4] + "AAA="):
                refused = await knock(process, method, path, token)
                assert (refused.status, refused.code) == (401, "token_refused"), path


async def test_what_does_not_exist_is_not_found_by_anybody(process: Process, world: World) -> None:
    asked = [path for method, path in doors(process) if method == "GET" and NOBODY in path and "pairing" not in path]
    assert len(asked) >= 6
    answers = []
    for path in asked:
        for member in (world.anne, world.hugo):
            refused = await knock(process, "GET", path, member.token(process))
            answers.append((refused.status, refused.code, refused.text))
    assert set(answers) == {(404, "not_found", answers[0][2])}


async def test_a_conversation_of_others_looks_like_none(process: Process, world: World) -> None:
    theirs = await knock(process, "GET", f"conversations/{world.team.cid.hex()}/commits", world.hugo.token(process))
    nobodys = await knock(process, "GET", f"conversations/{NOWHERE}/commits", world.hugo.token(process))
    assert (theirs.status, theirs.code, theirs.text) == (nobodys.status, nobodys.code, nobodys.text)


async def test_errors_speak_the_readers_language(process: Process) -> None:
    body = BODIES["activation"]
    with pytest.raises(Refused) as french:
        await post(process, "activation", body, **{"Accept-Language": "fr-FR,fr"})
    with pytest.raises(Refused) as english:
        await post(process, "activation", body, **{"Accept-Language": "en"})
    assert "inexact" in french.value.text
    assert "wrong" in english.value.text
    assert french.value.code == english.value.code == "wrong_activation_code"


@pytest.mark.parametrize(
    "body",
    [b"", b"\xc1", b"not messagepack", b"\x80", msgspec.msgpack.encode({"rpps": 1, "code": 2}), b"\x91" * 60_000],
)
async def test_a_body_that_is_not_the_right_one_is_told_apart(process: Process, body: bytes) -> None:
    for path in BODIES:
        if ("POST", path) in WITHOUT_TOKEN:
            refused = await knock_with(process, path, body, "")
            assert (refused.status, refused.code) == (400, "bad_request")


async def knock_with(process: Process, path: str, body: bytes, token: str) -> Refused:
    with pytest.raises(Refused) as refused:
        await post(process, path, body, token)
    return refused.value


async def test_a_body_over_its_cap_is_refused(process: Process, world: World) -> None:
    assert (await knock_with(process, "activation", bytes(70_000), "")).code == "body_too_large"
    too_long = await knock_with(process, "commits", bytes(2 * 1024 * 1024 + 100), world.anne.token(process))
    assert (too_long.status, too_long.code) == (413, "body_too_large")


@pytest.mark.parametrize(
    "path",
    [
        "users/xyz/chain",
        "users/00/chain",
        "blobs/zz",
        "conversations/00/commits",
        f"conversations/{NOWHERE}/receipts/x",
    ],
)
async def test_an_identifier_that_is_none_is_told_apart(process: Process, world: World, path: str) -> None:
    refused = await knock(process, "GET", path, world.anne.token(process))
    assert (refused.status, refused.code) == (400, "bad_request")


async def test_the_directory_names_people_and_who_can_be_written_to(process: Process, world: World) -> None:
    token = world.anne.token(process)
    [paul] = (await get(process, "directory?q=exemple", token))["entries"]
    assert paul == {
        "uid": world.paul.uid,
        "rpps": world.paul.rpps,
        "family": "EXEMPLE",
        "given": "Paul",
        "profession": "Médecin",
        "specialty": "Médecine générale",
        "town": "Dunkerque",
    }
    # Lucie has no device, hence no address.
    [lucie] = (await get(process, "directory?q=specimen", token))["entries"]
    assert lucie["uid"] is None
    with pytest.raises(Refused) as refused:
        await get(process, "directory?q=%20a%20b", token)
    assert refused.value.code == "search_too_short"


async def test_answers_do_not_stay_in_caches(process: Process, world: World) -> None:
    headers = {"Authorization": f"Bearer {world.anne.token(process)}"}
    answer = await process.http.get("/api/chat/conversations", headers=headers)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/msgpack"
