"""The example of the README runs as it is printed."""

import asyncio
import re
from pathlib import Path
from typing import Any

import miss.client
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts
from tests.miss.client.files.test_photo import jpeg

README = Path(miss.client.__file__).with_name("README.md")


async def test_the_example(server: ChatServer, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(example, str(README), "exec"), names)  # noqa: S102  # our own file
    await server.link_everybody(PAUL_EXEMPLE)
    folder = tmp_path / "anne"
    folder.mkdir()

    code = await server.activate(ANNE_MODELE)
    await names["install"](folder, server.url, ANNE_MODELE, code, server.signer.root_fingerprint)
    async with server.online(PAUL_EXEMPLE) as paul:
        greeting = asyncio.create_task(names["greet"](folder, "EXEMPLE", jpeg()))
        await until_true(paul, lambda: paul.conversations() and len(texts(paul, paul.conversations()[0].cid)) == 2)
        cid = paul.conversations()[0].cid
        assert texts(paul, cid)[0] == "Bonjour, voici la photo."
        paul.send_text(cid, "Bien reçue.")

        assert await greeting == "Bien reçue."


def test_every_call_it_names_exists() -> None:
    table = README.read_text().partition("## Words")[2].partition("## Where")[0]
    calls = set(re.findall(r"`([a-z_]+)[(`]", table))

    assert {"send_photo", "link_device", "mark_read"} <= calls
    for call in calls - {"async"}:
        assert hasattr(miss.client.Client, call) or hasattr(miss.client, call), call
