"""Values of the pure tests: people, messages, a conversation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from clients.desktop.state.model import Me, Preview, Row, State, Thread
from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.client.model import Alarm, AlarmState, Member, Message, Role, Who

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ME, PAUL, CLAIRE = (AccountId(bytes([rank]) * 16) for rank in (1, 2, 3))
CID, OTHER = ConversationId(b"c" * 32), ConversationId(b"d" * 32)

LONG = "Service de gériatrie – équipe de nuit du bâtiment B, deuxième étage"


def member(uid: AccountId, given: str, family: str, role: Role = Role.MEMBER) -> Member:
    return Member(uid, role, Who("", family, given, "Médecin"))


MEMBERS = (
    member(ME, "Anne", "MODELE"),
    member(PAUL, "Paul", "EXEMPLE", Role.ADMIN),
    member(CLAIRE, "Claire", "TEMOIN"),
)


def message(seq: int, uid: AccountId = PAUL, text: str = "Bonjour", minutes: float = 0, **more: Any) -> Message:
    at = NOW + timedelta(minutes=minutes or seq)
    return Message(
        cid=CID,
        seq=seq,
        mid=MessageId(seq.to_bytes(16, "big")),
        uid=uid,
        did=DeviceId(b"d" * 16),
        is_mine=uid == ME,
        sent_at=at,
        deposited_at=at,
        text=text,
        **more,
    )


def alarm(seq: int, state: AlarmState = AlarmState.WAITING, asked: AccountId | None = None, **more: Any) -> Message:
    waits = Alarm(ack_by=NOW + timedelta(hours=1), next_uids=(), state=state, asked=asked)
    return message(seq, text="Kaliémie 6,8", urgent=True, alarm=waits, **more)


def thread(*messages: Message, **more: Any) -> Thread:
    return replace(Thread(CID, "Plaie du talon", MEMBERS, messages=messages), **more)


def row(cid: ConversationId = CID, title: str = "Plaie du talon", minutes: float = 0, **more: Any) -> Row:
    last = Preview("Paul EXEMPLE", "Bonjour", NOW + timedelta(minutes=minutes))
    return replace(Row(cid, title, 2, last), **more)


STATE = State(me=Me(ME, DeviceId(b"d" * 16), "Anne MODELE", "https://miss.example"))
