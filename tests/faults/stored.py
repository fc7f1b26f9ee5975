"""What a client has stored of a conversation, as a hash: equal where order and content are."""

import hashlib

from miss.base.ids import ConversationId
from miss.client import Client


def digest(client: Client, cid: ConversationId, last_seq: int) -> str:
    """How many messages up to `last_seq`, and a hash of every place with what it says."""
    hashed, count, after = hashlib.sha256(), 0, 0
    while page := [one for one in client.messages(cid, after, 1000) if one.seq <= last_seq]:
        for one in page:
            hashed.update(f"{one.seq} {one.mid!r} {one.uid!r} {one.text}\n".encode())
        count, after = count + len(page), page[-1].seq
    return f"{count} {hashed.hexdigest()[:16]}"
