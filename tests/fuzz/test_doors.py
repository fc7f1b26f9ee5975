"""Every door of the chat, given hostile bodies, paths, queries and headers: an answer with a name, never a failure."""

import re
from random import Random
from typing import Any, Final

import msgspec
import pytest
from starlette.routing import Route

from miss.base.errors import error_table
from miss.chat import chat_routes
from tests.fuzz.drivers import LINKS, WRAPS, raw
from tests.fuzz.mutations import mutate
from tests.fuzz.shapes import request_shapes
from tests.miss.chat.kit import Process
from tests.miss.chat.world import World

ROUNDS: Final = 10
HOSTILE_PLACES: Final = ("00" * 16, "00" * 32, "zz" * 16, "%00", "0" * 4000, "٣" * 32, "-1", "1", "9" * 15, "é")
HOSTILE_QUERIES: Final = (
    "", "?limit=-1", "?limit=99999999999999999999", "?from_epoch=٣", "?q=%00%00%00", "?q=" + "a" * 3000, "?after=,",
    "?after=zz,1", "?after=" + "00" * 32 + ",-1", "?from_seq=0&to_seq=0", "?wait_s=-1", "?size=-1",
    "?size=" + "9" * 30,
)  # fmt: skip
HOSTILE_HEADERS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"Range": "bytes=9-1"},
    {"Range": "bytes=" + "9" * 18 + "-"},
    {"Upload-Offset": "-1"},
    {"Accept-Language": ";q=,*;" + "a" * 500},
    {"Content-Type": "application/json"},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer " + "A" * 3000},
)


def everything(world: World) -> dict[str, Any]:
    """One body that every door takes: each picks its own fields."""
    body: dict[str, Any] = {}
    for _, sample in request_shapes():
        body |= msgspec.msgpack.decode(sample)
    return body | {
        "rpps": world.anne.rpps,
        "code": world.anne.code,
        "link": LINKS[1],
        "commit": world.team.commit.to_bytes(),
        "did": world.anne.did,
        "wraps": [WRAPS[0]],
        "box": raw("keys", "bobs_user_key_sealed_to_his_device"),
        "boxes": [[world.anne.did, raw("keys", "bobs_user_key_sealed_to_his_device")]],
        "vault": [[world.team.cid, 1, raw("vault", "sealed")]],
        "want": [[world.paul.uid, 0]],
        "acknowledgement": raw("statements", "acknowledgement"),
        "offer": raw("pairing", "offer"),
        "answer": raw("pairing", "answer"),
    }


def doors(process: Process) -> list[tuple[str, str]]:
    """Method and path of each."""
    routes = [route for route in chat_routes(process.chat) if isinstance(route, Route)]
    return [(method, route.path) for route in routes for method in sorted(route.methods or ()) if method != "HEAD"]


def places(path: str, world: World, rng: Random) -> str:
    """The path with its places filled: by what exists, or by what nobody would ask for."""
    known = {
        "cid": world.team.cid.hex(),
        "uid": world.paul.uid.hex(),
        "did": world.anne.did.hex(),
        "seq": "1",
        "slot": "07" * 16,
        "blob": "07" * 16,
    }
    return re.sub(
        r"\{(\w+)\}",
        lambda place: known.get(place[1], "1") if rng.random() < 0.6 else rng.choice(HOSTILE_PLACES),
        path,
    )


@pytest.mark.parametrize("seed", range(2))
async def test_every_door_answers_by_name(process: Process, world: World, seed: int) -> None:
    rng = Random(seed)
    body = msgspec.msgpack.encode(everything(world))
    names = error_table()
    answered = set()
    for method, path in doors(process):
        for turn in range(ROUNDS):
            headers = {"Authorization": f"Bearer {world.anne.token(process)}", **rng.choice(HOSTILE_HEADERS)}
            content = body if turn == 0 else mutate(body, rng)
            if path.endswith("/blobs") and turn:
                content = content[:2000]
            url = places(path, world, rng) + rng.choice(HOSTILE_QUERIES)
            response = await process.http.request(method, url, content=content, headers=headers)
            answered.add(response.status_code)
            said = f"{method} {url} {content[:300].hex()}"
            assert response.status_code < 500, said
            if response.status_code >= 400 and response.headers["content-type"] == "application/msgpack":
                assert msgspec.msgpack.decode(response.content)["code"] in names, said
    assert {200, 400, 401} <= answered, "some were let in, some were refused"


async def test_the_body_that_every_door_takes_is_one(process: Process, world: World) -> None:
    body = msgspec.msgpack.encode(everything(world))
    for shape, _ in request_shapes():
        msgspec.msgpack.decode(body, type=shape)
