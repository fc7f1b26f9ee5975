"""What the client has, as the values that are shown.  Reads the store; called in the core's thread only."""

from collections.abc import Mapping, Sequence
from typing import Final

from clients.desktop.state.model import PAGE, Hit, Loss, Preview, Row, Thread, Waiting, Warned
from clients.desktop.store.desk import Desk, Marks
from clients.desktop.sync.said import sentence_of
from clients.desktop.words import _
from miss.base.ids import AccountId, ConversationId
from miss.client import Client, Role
from miss.client.events import Event
from miss.client.files.pdf import MIME as PDF
from miss.client.model import LEAVE, NAME, NOTICE, TEXT, Conversation, Message, SavedDraft

NAMES_IN_TITLE: Final = 4
_PLAIN: Final = Marks()
_NO_DRAFT: Final = SavedDraft("")
SAID: Final = frozenset({TEXT, LEAVE, NAME})
"""What waits in the outbox with a place of its own."""


def title_of(conversation: Conversation, me: AccountId) -> str:
    """Its name, else its other members' names."""
    if conversation.name:
        return conversation.name
    names = [member.display_name for member in conversation.members if member.uid != me]
    if not names:
        return _("Notes personnelles")
    more = len(names) - NAMES_IN_TITLE
    return ", ".join(names[:NAMES_IN_TITLE]) + (f" +{more}" if more > 0 else "")


def author_of(conversation: Conversation, uid: AccountId | None) -> str:
    """Who wrote something; somebody who has left has no name here any more."""
    found = next((member.display_name for member in conversation.members if member.uid == uid), "")
    return found or _("Ancien membre")


def row_of(client: Client, conversation: Conversation, marks: Mapping[ConversationId, Marks]) -> Row:
    """One line of the list."""
    cid = conversation.cid
    mark = marks.get(cid, _PLAIN)
    last = client.messages(cid, limit=1, before_seq=conversation.last_seq + 1)
    outgoing = client.outgoing(cid)
    return Row(
        cid=cid,
        title=title_of(conversation, client.uid),
        member_count=len(conversation.members),
        last=_preview(conversation, last[-1], client.uid) if last else None,
        unread=conversation.unread,
        pinned=mark.pinned,
        muted=mark.muted,
        has_draft=client.draft(cid) is not None,
        waiting=sum(one.type in SAID for one in outgoing),
        failed=sum(bool(one.failed) for one in outgoing),
        alarms=sum(one.cid == cid and not one.is_mine for one in client.open_alarms()),
        is_member=conversation.is_member and not conversation.is_leaving,
    )


def _preview(conversation: Conversation, message: Message, me: AccountId) -> Preview:
    author = "" if message.is_mine else author_of(conversation, message.uid)
    kind = message.type
    if message.refused:
        kind = "refused"
    elif message.is_deleted:
        kind = "deleted"
    elif message.alarm:
        kind = "alarm"
    elif message.attachments and not message.text:
        kind = "photo" if message.attachments[0].mime.startswith("image/") else "file"
    text = message.text or (message.attachments[0].name if message.attachments else "")
    return Preview(author, " ".join(text.split())[:120], message.deposited_at, kind)


def thread_of(client: Client, cid: ConversationId) -> Thread:
    """A conversation with its last messages: at least everything that is not read, up to a bound."""
    conversation = client.conversation(cid)
    limit = min(max(PAGE, conversation.unread + 20), 5 * PAGE)
    messages = client.messages(cid, limit=limit + 1, before_seq=conversation.last_seq + 1)
    return Thread(
        cid=cid,
        title=title_of(conversation, client.uid),
        members=conversation.members,
        messages=tuple(messages[-limit:]),
        has_older=len(messages) > limit,
        read_seq=conversation.read_seq,
        waiting=waiting_of(client, cid),
        draft=client.draft(cid) or _NO_DRAFT,
        delivered=tuple(client.delivered_to(cid).items()),
        read=tuple(client.read_by(cid).items()),
        verified=frozenset(one.uid for one in conversation.members if client.contacts.is_verified(one.uid)),
        warned=frozenset(one.uid for one in client.contacts.warnings()) & {one.uid for one in conversation.members},
        is_member=conversation.is_member and not conversation.is_leaving,
        is_admin=any(one.uid == client.uid and one.role is Role.ADMIN for one in conversation.members),
        ttl_s=conversation.policy.ttl_s,
    )


def waiting_of(client: Client, cid: ConversationId) -> tuple[Waiting, ...]:
    """What has not left: messages, and whatever else waits for a decision."""
    return tuple(
        Waiting(one.mid, one.text, one.type, one.failed, sentence_of(one.failed) if one.failed else "")
        for one in client.outgoing(cid)
        if one.type in SAID or one.failed
    )


def hits_of(client: Client, desk: Desk, text: str, cid: ConversationId | None) -> tuple[Hit, ...]:
    """What a search finds, as it is said now."""
    conversations = {one.cid: one for one in client.conversations()}
    hits = []
    for found, seq in desk.search(text, cid):
        conversation = conversations.get(found)
        if conversation is None:
            continue
        messages = client.messages(found, seq - 1, 1)
        if not messages or messages[0].seq != seq or messages[0].is_deleted:
            continue
        message = messages[0]
        author = author_of(conversation, message.uid)
        title = title_of(conversation, client.uid)
        hits.append(Hit(found, seq, title, author, words_of(message), message.sent_at))
    return tuple(hits)


def words_of(message: Message) -> str:
    """What a search finds a message by; empty if by nothing."""
    if message.refused or message.is_deleted or message.type not in {TEXT, NOTICE}:
        return ""
    # A photograph's name says nothing: all have the same.
    names = (one.name for one in message.attachments if one.mime == PDF)
    return " · ".join(part for part in (message.text, *names) if part)


def warned_of(client: Client) -> tuple[Warned, ...]:
    """Whose keys changed, by name."""
    names = {member.uid: member.display_name for one in client.conversations() for member in one.members}
    return tuple(Warned(one.uid, names.get(one.uid, ""), one.kind.value, one.at) for one in client.contacts.warnings())


def losses_of(client: Client) -> tuple[Loss, ...]:
    """What restores have lost, the latest first."""
    if not client.restorations():
        return ()
    return tuple(
        Loss(
            cid=conversation.cid,
            title=title_of(conversation, client.uid),
            author="" if one.message.is_mine else author_of(conversation, one.message.uid),
            text=one.message.text or ", ".join(file.name for file in one.message.attachments),
            at=one.message.sent_at,
            restoration=one.restoration,
            has_files=bool(one.message.attachments),
            resent=one.resent,
        )
        for conversation in client.conversations()
        for one in reversed(client.lost_messages(conversation.cid))
        if not one.message.is_deleted and one.message.type in SAID | {NOTICE}
    )


def cid_of(event: Event) -> ConversationId | None:
    """The conversation that an event is about."""
    message = getattr(event, "message", None)
    found = message.cid if isinstance(message, Message) else getattr(event, "cid", None)
    return None if found is None else ConversationId(found)


def sequence(messages: Sequence[Message]) -> int:
    """The last place."""
    return messages[-1].seq if messages else 0
