"""The bot answers its command, once, also for what was asked while it was away."""

import asyncio
from contextlib import suppress
from pathlib import Path

from miss.base.ids import AccountId
from miss.client.examples import bot
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts
from tests.miss.client.examples.running import linked_folder

ANSWER = "De garde : Dr TÉMOIN"


async def test_the_bot_answers(server: ChatServer, tmp_path: Path) -> None:
    folder = await linked_folder(server, tmp_path / "bot", PAUL_EXEMPLE)
    await server.link_everybody(ANNE_MODELE)
    async with server.online(ANNE_MODELE) as anne:
        uid = next(entry.uid for entry in await anne.directory("EXEMPLE") if entry.uid)
        cid = await anne.create_conversation([AccountId(uid)])
        await anne.wait_sent(anne.send_text(cid, "!garde"))  # the bot is away
        for count in (1, 2):
            working = asyncio.create_task(bot.main(folder, "Dr TÉMOIN"))
            await until_true(anne, lambda count=count: texts(anne, cid).count(ANSWER) == count)  # type: ignore[misc]
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
            anne.send_text(cid, "Bonjour")
            await anne.wait_sent(anne.send_text(cid, "!garde ?" if count == 2 else " !GARDE "))
        asked, answered = anne.messages(cid)[:2]
        assert answered.quote is not None
        assert answered.quote.seq == asked.seq
        assert texts(anne, cid) == ["!garde", ANSWER, "Bonjour", " !GARDE ", ANSWER, "Bonjour", "!garde ?"]
