"""What this device sends again of its own: messages under the same identifier, deletions, acknowledgements.  §5

A file is not kept here once it was sent, so a message with one is not sent again by itself: it is shown as lost.
"""

from miss.base.clock import to_ms
from miss.base.ids import ConversationId
from miss.client.model import LostMessage, Message
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.client.store.outbox import Draft
from miss.client.store.statements import PendingStatement, StatementKind
from miss.protocol.crypto.acknowledgements import parse_acknowledgement
from miss.protocol.crypto.tombstones import compose_tombstone


def resend_lost(store: Store, device: DeviceRecord, cid: ConversationId, restoration: int, now_ms: int) -> int:
    """Put this device's own lost messages into the outbox, before what waits there; how many.

    Inside the transaction that found them lost, so that they are sent once whatever happens meanwhile.
    """
    own = [
        one
        for one in store.lost.list_(cid)
        if one.restoration == restoration and one.message.did == device.did and _can_be_sent(one)
    ]
    drafts = [(one.message.mid, _draft_of(one.message, now_ms)) for one in own if one.message.mid is not None]
    store.outbox.add_first(cid, drafts)
    for mid, _ in drafts:
        store.lost.mark_resent(cid, mid)
    return len(drafts)


def _can_be_sent(lost: LostMessage) -> bool:
    message = lost.message
    return not (lost.resent or message.is_deleted or message.attachments or message.mid is None)


def _draft_of(message: Message, now_ms: int) -> Draft:
    """The message as it was written, with its date; an alarm whose time is over is an urgent message."""
    alarm = message.alarm if message.alarm is not None and to_ms(message.alarm.ack_by) > now_ms else None
    return Draft(
        ts_ms=to_ms(message.sent_at),
        type=message.type,
        text=message.text,
        reply=message.reply,
        urgent=message.urgent or (message.alarm is not None and alarm is None),
        mentions=tuple(message.mentions),
        ack_by_ms=None if alarm is None else to_ms(alarm.ack_by),
        next_uids=() if alarm is None else tuple(alarm.next_uids),
    )


def repeat_statements(store: Store, device: DeviceRecord, cid: ConversationId, since_ms: int, now_ms: int) -> None:
    """Say again what this person's devices said since then of what the server still has; a second time does no harm."""
    for message in store.messages.list_(cid, limit=10_000):
        alarm = message.alarm
        if message.is_mine and message.deleted_at is not None and to_ms(message.deleted_at) >= since_ms:
            store.statements.add(_bury(store, device, message, now_ms))
        elif alarm is not None and alarm.acknowledgement is not None:
            signed = parse_acknowledgement(alarm.acknowledgement)
            if signed.uid == device.uid and signed.ts_ms >= since_ms:
                kind = StatementKind.ACKNOWLEDGEMENT
                store.statements.add(PendingStatement(cid, message.seq, kind, alarm.acknowledgement))


def _bury(store: Store, device: DeviceRecord, message: Message, now_ms: int) -> PendingStatement:
    stone = compose_tombstone(
        cid=message.cid,
        seq=message.seq,
        env_hash=store.messages.env_hash_at(message.cid, message.seq) or b"",
        uid=device.uid,
        did=device.did,
        ts_ms=now_ms,
        ik=device.keys.ik,
    )
    return PendingStatement(message.cid, message.seq, StatementKind.TOMBSTONE, stone.raw)
