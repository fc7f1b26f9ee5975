"""After a restore of the server: what it lost is told with its author, and struck off once that author is back."""

from collections.abc import Callable

from clients.desktop.state import facts as f
from miss.directory.sample.people import PAUL_EXEMPLE
from tests.clients.desktop.desk import Desk, begun
from tests.miss.client.account.test_history import say
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import texts
from tests.miss.client.restoring.restoring import Backup


async def test_a_lost_message_is_told_kept_and_struck_off(server: ChatServer, desks: Callable[..., Desk]) -> None:
    desk = desks("desk")
    async with begun(server, desk) as (paul, cid):
        backup = Backup(server)
        await say(paul, cid, "perdu de Paul")
        await desk.until(lambda: desk.state.rows[0].unread == 1)
        name = desk.profiles.list_()[0].name
        # Where it would be told between the restart and the operator's word, it would wait before its next attempt.
        await desk.close_account()
    async with backup.restored():
        await desk.open(name)
        await desk.until(lambda: desk.state.losses)
        [loss] = desk.state.losses
        assert (loss.cid, loss.author, loss.text, loss.restoration) == (cid, "Paul EXEMPLE", "perdu de Paul", 1)
        assert not loss.resent
        await desk.ask(lambda account: account.note_losses_seen(1))

        await desk.close_account()
        await desk.open(name)
        await desk.until(lambda: desk.state.losses == (loss,) and desk.state.losses_seen == 1)

        async with server.online(PAUL_EXEMPLE) as paul:
            await until_true(paul, lambda: "perdu de Paul" in texts(paul, cid))
            await desk.until(lambda: desk.state.losses == ())


async def test_what_is_lost_leaves_the_open_conversation_until_it_is_back(
    server: ChatServer, desks: Callable[..., Desk]
) -> None:
    desk = desks("desk")
    async with begun(server, desk) as (paul, cid):
        desk.do(f.ConversationChosen(cid))
        desk.core.show(lambda account: account.show(cid))
        await say(paul, cid, "gardé")
        await desk.until(lambda: shown(desk) == ["gardé"])
        backup = Backup(server)
        await say(paul, cid, "perdu")
        await desk.until(lambda: shown(desk) == ["gardé", "perdu"])
    async with backup.restored():
        await desk.ask(lambda account: account.try_now())
        await desk.until(lambda: desk.state.losses)
        await desk.until(lambda: shown(desk) == ["gardé"])
        await desk.until(lambda: "restauré à un état plus ancien" in desk.state.trouble)
        async with server.online(PAUL_EXEMPLE):
            await desk.until(lambda: shown(desk) == ["gardé", "perdu"])


def shown(desk: Desk) -> list[str]:
    """What stands in the open conversation."""
    return [one.text for one in desk.state.thread.messages] if desk.state.thread else []
