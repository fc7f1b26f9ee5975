"""The export: everything that was said, every file, and proofs that verify offline."""

import asyncio
import json
from pathlib import Path

from miss.base.ids import AccountId
from miss.client.examples import export
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.crypto.proof import parse_proof, verify_proof
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts
from tests.miss.client.examples.running import linked_folder
from tests.miss.client.files.test_pdf import PDF


async def test_a_conversation_is_exported_with_its_proofs(server: ChatServer, tmp_path: Path) -> None:
    folder = await linked_folder(server, tmp_path / "paul", PAUL_EXEMPLE)
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as anne:
        uid = next(entry.uid for entry in await anne.directory("EXEMPLE") if entry.uid)
        cid = await anne.create_conversation([AccountId(uid)], name="Plaie du talon")
        await until_true(anne, lambda: not anne.outgoing(cid))
        await anne.wait_sent(anne.send_text(cid, "amoxicilline 1 g"))
        await anne.wait_sent(await anne.send_file(cid, PDF, "écho.pdf", "le compte rendu", urgent=True))
        await anne.wait_sent(anne.send_text(cid, "erreur de patient"))
        await anne.wait_sent(anne.edit(cid, 2, "amoxicilline 2 g"))
        await anne.wait_sent(anne.react(cid, 3, "👍"))
        await anne.wait_sent(anne.delete(cid, 4))
        await until_true(anne, lambda: texts(anne, cid)[-1] == "")

    out = tmp_path / "out"
    await asyncio.to_thread(out.mkdir)
    assert await export.main(folder, "Plaie du talon", out) == 2

    written = json.loads((out / "conversation.json").read_text())
    assert written["name"] == "Plaie du talon"
    name, text, file, deleted = written["messages"]
    assert (name["type"], name["seq"]) == ("name", 1)
    assert (text["text"], [earlier["text"] for earlier in text["earlier"]]) == (
        "amoxicilline 2 g",
        ["amoxicilline 1 g"],
    )
    assert (file["files"], file["urgent"], file["reactions"]) == (["0003-0-écho.pdf"], True, {"👍": ["Anne MODELE"]})
    assert (deleted["text"], deleted["deleted_at"] is not None) == ("", True)
    assert (out / "0003-0-écho.pdf").read_bytes() == PDF
    assert sorted(path.name for path in out.glob("*.miss-proof")) == ["0002.miss-proof", "0003.miss-proof"]
    for seq, said in ((2, "amoxicilline 1 g"), (3, "le compte rendu")):  # what was signed, whatever was said since
        proof = parse_proof((out / f"{seq:04}.miss-proof").read_bytes())
        assert verify_proof(proof, bytes(server.signer.root_public)).body.text == said
