"""What an open account does: outbox while offline, alarms, settings under a policy, an owner who takes it out."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from clients.desktop.policy import Policy
from clients.desktop.state import facts as f
from clients.desktop.state.model import NoticeLevel, Settings
from clients.desktop.state.reading import AlarmStanding, alarm_standing
from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.client import Client, Store, pair_device
from miss.client.events import ConnectionState
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.clients.desktop.desk import Desk, begun
from tests.miss.client.account.test_history import say
from tests.miss.client.chat_server import ChatServer, until_true
from tests.miss.client.devices import KEY, texts

pytestmark = pytest.mark.desktop


async def test_written_offline_it_leaves_once_the_server_is_back(
    server: ChatServer, desks: Callable[..., Desk]
) -> None:
    desk = desks("desk")
    async with begun(server, desk) as (paul, cid):
        desk.do(f.ConversationChosen(cid))
        desk.core.show(lambda account: account.show(cid))
        await server.stop()
        await desk.until(lambda: desk.state.connection is ConnectionState.WAITING)
        await desk.ask(lambda account: account.send_text(cid, "Un."))
        await desk.ask(lambda account: account.send_text(cid, "Deux."))
        await desk.until(lambda: desk.state.thread and len(desk.state.thread.waiting) == 2)
        await desk.until(lambda: desk.state.rows[0].waiting == 2)
        await server.start()
        await desk.until(lambda: desk.state.thread and len(desk.state.thread.messages) == 2)
        assert desk.state.thread is not None
        assert [one.text for one in desk.state.thread.messages] == ["Un.", "Deux."]
        await desk.until(lambda: desk.state.thread and desk.state.thread.waiting == ())
        await until_true(paul, lambda: [one.text for one in paul.messages(cid)] == ["Un.", "Deux."])


async def test_what_is_read_in_silence_is_not_told(server: ChatServer, desks: Callable[..., Desk]) -> None:
    await server.link_everybody(PAUL_EXEMPLE)
    desk = desks("desk")
    await desk.link(server, ANNE_MODELE)
    assert desk.state.settings.tells_reading
    await desk.ask(lambda account: account.change_settings(Settings(tells_reading=False)))
    async with server.online(PAUL_EXEMPLE) as paul:
        uids, me = [paul.uid], desk.state.me
        assert me is not None
        cid = await desk.ask(lambda account: account.begin(uids))
        await until_true(paul, lambda: paul.conversations())
        await say(paul, cid, "Avez-vous vu ?")
        await desk.until(lambda: desk.state.rows[0].unread == 1)
        first = paul.conversation(cid).last_seq
        await desk.ask(lambda account: account.mark_read(cid, first))
        await desk.until(lambda: desk.state.rows[0].unread == 0)
        name = desk.profiles.list_()[0].name
        await desk.close_account()
        await desk.open(name)
        assert not desk.state.settings.tells_reading, "the client keeps it, whatever becomes of the desk's own file"
        await say(paul, cid, "Et ceci ?")
        second = paul.conversation(cid).last_seq
        # What is delivered is told with what was read before, and a message leaves after both.
        await until_true(paul, lambda: paul.delivered_to(cid) == {me.uid: second})
        await desk.ask(lambda account: account.mark_read(cid, second))
        await desk.ask(lambda account: account.send_text(cid, "Pas de réponse."))
        await until_true(paul, lambda: texts(paul, cid)[-1] == "Pas de réponse.")
        assert paul.read_by(cid) == {}, "nothing was told"
        await desk.ask(lambda account: account.change_settings(Settings()))
        await desk.until(lambda: desk.state.settings.tells_reading)
        await say(paul, cid, "Et maintenant ?")
        await desk.until(lambda: desk.state.rows[0].unread == 1)
        last = paul.conversation(cid).last_seq
        await desk.ask(lambda account: account.mark_read(cid, last))
        await until_true(paul, lambda: paul.read_by(cid) == {me.uid: last})


async def test_an_alarm_is_answered_for(server: ChatServer, desks: Callable[..., Desk]) -> None:
    await server.link_everybody(PAUL_EXEMPLE)
    desk = desks("desk", policy=Policy(lock_after_min_max=3, notice_level_max=NoticeLevel.NAME))
    await desk.link(server, ANNE_MODELE)
    assert desk.state.settings.lock_after_min == 3
    await desk.ask(lambda account: account.change_settings(Settings(notices=NoticeLevel.NAME_AND_TEXT)))
    await desk.until(lambda: desk.state.settings.notices is NoticeLevel.NAME)
    async with server.online(PAUL_EXEMPLE) as paul:
        uids = [paul.uid]
        cid = await desk.ask(lambda account: account.begin(uids))
        await until_true(paul, lambda: paul.conversations())
        paul.send_alarm(cid, "Kaliémie 6,8", ack_by=SystemClock().now() + timedelta(minutes=30))
        await desk.until(lambda: desk.state.alarms and desk.state.rows[0].alarms == 1)
        [waiting] = desk.state.alarms
        assert desk.state.me is not None
        assert alarm_standing(waiting, desk.state.me.uid) is AlarmStanding.ANSWER
        await desk.ask(lambda account: account.acknowledge(cid, waiting.seq))
        await desk.until(lambda: not desk.state.alarms and desk.state.rows[0].alarms == 0)
        await until_true(paul, lambda: not paul.open_alarms())


async def test_taken_out_by_its_owner_it_is_wiped(server: ChatServer, desks: Callable[..., Desk]) -> None:
    desk = desks("desk")
    await desk.link(server, ANNE_MODELE)
    await desk.until(lambda: desk.state.is_synced)
    pairing = await desk.ask(lambda account: account.invite())
    with Store(server.folder / "phone.db", KEY, system_random) as store:
        waiting = desk.core.ask(lambda account: _let_in(account.wait_invited, account.accept_invited))
        await pair_device(store, pairing.uri, device_name="Téléphone", clock=SystemClock(), random_bytes=system_random)
        waiting.cancel()
        async with Client.open(store, clock=SystemClock(), random_bytes=system_random) as phone:
            await phone.wait_synced()
            [lost] = [one for one in await phone.devices.list_() if not one.is_current]
            await phone.devices.revoke(lost.did)
            await desk.until(lambda: desk.state.out == "wiped")
    assert desk.state.rows == ()


async def _let_in(wait: Callable[[], object], accept: Callable[[], object]) -> None:
    assert await wait() == "Téléphone"  # type: ignore[misc]
    await accept()  # type: ignore[misc]
