"""Alarming results, through the real server: acknowledged by signature, or the next one is asked."""

from datetime import timedelta

import pytest

from miss.base.ids import AccountId, ConversationId
from miss.client import Client
from miss.client.errors import NoAlarm, NotAMember, ServerRefused
from miss.client.events import AlarmAcknowledged, AlarmEscalated, AlarmExhausted, AlarmRaised, MessageReceived
from miss.client.model import AlarmState
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from miss.protocol.crypto.acknowledgements import parse_acknowledgement
from tests.miss.client.chat_server import CLOCK, ChatServer, until_true

NOBODY = AccountId(b"n" * 16)
LATER = timedelta(hours=1)


async def test_an_alarm_is_acknowledged_by_signature(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid, carol_uid])
        await until_true(bob, lambda: bob.conversations())
        heard, told = bob.events(), alice.events()
        ack_by = CLOCK.now() + LATER
        seq = await alice.wait_sent(alice.send_alarm(cid, "K+ 6,8", ack_by=ack_by, next_uids=[carol_uid]))
        await until_true(bob, lambda: bob.open_alarms())
        raised = bob.message(cid, seq)
        assert raised.alarm is not None
        assert raised.urgent
        assert abs(raised.alarm.ack_by - ack_by) < timedelta(milliseconds=1)
        assert (raised.alarm.next_uids, raised.alarm.state) == ((carol_uid,), AlarmState.WAITING)
        assert [await anext(heard), await anext(heard)] == [MessageReceived(raised), AlarmRaised(raised)]
        with pytest.raises(NoAlarm):
            alice.acknowledge(cid, seq)

        mid = bob.acknowledge(cid, seq)
        assert bob.acknowledge(cid, seq) == mid
        await bob.wait_sent(mid)
        await until_true(alice, lambda: alice.message(cid, seq).alarm.acknowledgement)  # type: ignore[union-attr]
        alarm = alice.message(cid, seq).alarm
        assert alarm is not None
        assert (alarm.state, alarm.acknowledged_by, alarm.asked) == (AlarmState.ACKNOWLEDGED, bob.uid, None)
        assert parse_acknowledgement(alarm.acknowledgement or b"").uid == bob.uid
        events = [await anext(told) for _ in range(told._queue.qsize())]
        assert [event for event in events if isinstance(event, AlarmAcknowledged)] == [
            AlarmAcknowledged(cid, seq, bob.uid)
        ]
        await until_true(bob, lambda: not bob._store.statements.list_())
        assert alice.open_alarms() == bob.open_alarms() == []
        with pytest.raises(NoAlarm):
            bob.acknowledge(cid, seq)
    async with server.online(CLAIRE_TEMOIN) as carol:  # who was away
        assert carol.message(cid, seq).alarm.acknowledged_by == bob_uid  # type: ignore[union-attr]
        assert carol.open_alarms() == []


async def test_an_alarm_that_nobody_answers(server: ChatServer) -> None:
    _, bob_uid, carol_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE, CLAIRE_TEMOIN)
    async with server.working(), server.online(ANNE_MODELE) as alice, server.online(CLAIRE_TEMOIN) as carol:
        cid = await alice.create_conversation([bob_uid, carol_uid])
        told, asked = alice.events(), carol.events()
        ack_by = CLOCK.now() + timedelta(seconds=0.5)
        seq = await alice.wait_sent(alice.send_alarm(cid, "K+ 6,8", ack_by=ack_by, next_uids=[carol_uid]))
        await until_true(alice, lambda: _state(alice, cid, seq) is AlarmState.EXHAUSTED)
        await until_true(carol, lambda: _state(carol, cid, seq) is AlarmState.EXHAUSTED)
        for stream in (told, asked):
            events = [await anext(stream) for _ in range(stream._queue.qsize())]
            kinds = [event for event in events if isinstance(event, AlarmEscalated | AlarmExhausted)]
            assert kinds == [AlarmEscalated(cid, seq, carol_uid), AlarmExhausted(cid, seq)]
        # Too late is better than never.
        await carol.wait_sent(carol.acknowledge(cid, seq))
        await until_true(alice, lambda: _state(alice, cid, seq) is AlarmState.ACKNOWLEDGED)


def _state(client: Client, cid: ConversationId, seq: int) -> AlarmState | None:
    alarm = client.message(cid, seq).alarm
    return None if alarm is None else alarm.state


async def test_what_is_no_alarm(server: ChatServer) -> None:
    _, bob_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as alice, server.online(PAUL_EXEMPLE) as bob:
        cid = await alice.create_conversation([bob_uid])
        with pytest.raises(NotAMember):
            alice.send_alarm(cid, "K+ 6,8", ack_by=CLOCK.now() + LATER, next_uids=[NOBODY])
        await alice.wait_sent(alice.send_text(cid, "rien de grave"))
        await until_true(bob, lambda: bob.messages(cid))
        with pytest.raises(NoAlarm):
            bob.acknowledge(cid, 1)
        with pytest.raises(ServerRefused) as refused:
            await alice.wait_sent(alice.send_alarm(cid, "K+ 6,8", ack_by=CLOCK.now() - LATER))
        assert refused.value.server_code == "alarm_time_refused"
