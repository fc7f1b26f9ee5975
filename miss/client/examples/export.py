"""An export: one conversation to a folder, for a patient's file or for a judge.

    python -m miss.client.examples.export FOLDER "Plaie du talon" OUT

OUT then holds `conversation.json` (who said what, when, with earlier versions and deletions), every file as it was
sent, and for each message a proof that `miss proof verify OUT/0001.miss-proof` reads offline.  Deleted and refused
messages stay visible as such, and have no proof.  What is exported is in clear: keep it as you would the record.
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.client import Client, Conversation, Message, Store, key_from_file
from miss.client.model import TEXT


async def export(client: Client, conversation: Conversation, out: Path) -> int:
    """Write the conversation to `out`, an empty folder; how many messages were proved.

    Raises what `Client.export_proof` and `Client.fetch_file` raise; run again, it begins again.
    """
    names = {member.uid: member.display_name for member in conversation.members}
    lines, proved, after_seq = [], 0, 0
    while page := client.messages(conversation.cid, after_seq):
        for message in page:
            lines.append(_describe(message, names))
            if message.type == TEXT and not message.refused and not message.is_deleted:
                await _write_evidence(client, message, out)
                proved += 1
        after_seq = page[-1].seq
    text = json.dumps({"name": conversation.name, "messages": lines}, ensure_ascii=False, indent=2)
    (out / "conversation.json").write_text(text, encoding="utf-8")
    return proved


async def _write_evidence(client: Client, message: Message, out: Path) -> None:
    """The proof and the files of one message."""
    proof = await client.export_proof(message.cid, message.seq)
    (out / f"{message.seq:04}.miss-proof").write_bytes(proof)
    for index in range(len(message.attachments)):
        content = await client.fetch_file(message, index)
        (out / _file_name(message, index)).write_bytes(content)


def _describe(message: Message, names: dict[Any, str]) -> dict[str, Any]:
    return {
        "seq": message.seq,
        "from": names.get(message.uid, message.uid.hex() if message.uid else None),
        "sent_at": message.sent_at.isoformat(),
        "deposited_at": message.deposited_at.isoformat(),
        "type": message.type,
        "text": message.text,
        "answers": message.quote.seq if message.quote else None,
        "urgent": message.urgent,
        "files": [_file_name(message, index) for index in range(len(message.attachments))],
        "earlier": [{"text": version.text, "at": version.written_at.isoformat()} for version in message.versions],
        "reactions": {one.emoji: [names.get(uid, uid.hex()) for uid in one.uids] for one in message.reactions},
        "deleted_at": message.deleted_at.isoformat() if message.deleted_at else None,
        "refused": message.refused,
    }


def _file_name(message: Message, index: int) -> str:
    """`0003-0-compte-rendu.pdf`; a photo has no name of its own."""
    return f"{message.seq:04}-{index}-{message.attachments[index].name or 'photo.jpg'}"


async def main(folder: Path, name: str, out: Path, server_url: str | None = None) -> int:
    """Export the one conversation of that name."""
    key = key_from_file(folder / "chat.key", system_random)
    with Store(folder / "chat.db", key, system_random) as store:
        async with Client.open(store, clock=SystemClock(), random_bytes=system_random, server_url=server_url) as client:
            async with asyncio.timeout(60):
                await client.wait_synced()
            [conversation] = [one for one in client.conversations() if one.name == name]
            return await export(client, conversation, out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Exporte une conversation avec ses preuves.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("name", help="nom de la conversation")
    parser.add_argument("out", type=Path, help="dossier, créé s'il n'existe pas")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(arguments.folder, arguments.name, arguments.out))
