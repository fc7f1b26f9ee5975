"""The chat client: links a device, keeps its sealed store, sends and receives.  README.md shows it at work.

    client.py, calls/   what others call             assembly.py   its parts, put together
    enrolment/          an installation becomes a device
    connection.py       the WebSocket                http.py, api.py, identity_api.py   the HTTP endpoints
    sync.py             what comes, to whom it concerns
    incoming/           envelopes opened, verified, stored, announced, and what they do
    outgoing/           the outbox drained, files uploaded, received and read reported
    files/              photos and PDF files made fit to send, downloads
    people/             who the others are           epochs.py     who is in a conversation, under which secret
    account/            the owner's devices, user key, vault, recovery key
    store/              durable state, sealed        proofs.py     messages, proved to others
    examples/           three whole programs

Times come from a `Clock`, randomness from a `RandomBytes`: both are arguments.

What is named here is imported when it is first asked for: a window that only shows values (`model`, `events`) starts
without HTTP, WebSocket and the store.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from miss.client.account.invitation import Invitation
    from miss.client.client import Client
    from miss.client.enrolment import link_device, pair_device, recover_device, reset_device
    from miss.client.files.photo import PhotoQuality, reduce_photo
    from miss.client.model import (
        AlarmState,
        Conversation,
        DirectoryEntry,
        HistoryPolicy,
        Member,
        Message,
        Outgoing,
        Policy,
        Presence,
        Role,
    )
    from miss.client.proofs import export_proof
    from miss.client.store import Store, key_from_file, key_from_passphrase
    from miss.protocol.crypto.opcert import root_fingerprint

_HOMES: Final = {
    "Invitation": "miss.client.account.invitation",
    "Client": "miss.client.client",
    "link_device": "miss.client.enrolment",
    "pair_device": "miss.client.enrolment",
    "recover_device": "miss.client.enrolment",
    "reset_device": "miss.client.enrolment",
    "PhotoQuality": "miss.client.files.photo",
    "reduce_photo": "miss.client.files.photo",
    "AlarmState": "miss.client.model",
    "Conversation": "miss.client.model",
    "DirectoryEntry": "miss.client.model",
    "HistoryPolicy": "miss.client.model",
    "Member": "miss.client.model",
    "Message": "miss.client.model",
    "Outgoing": "miss.client.model",
    "Policy": "miss.client.model",
    "Presence": "miss.client.model",
    "Role": "miss.client.model",
    "export_proof": "miss.client.proofs",
    "Store": "miss.client.store",
    "key_from_file": "miss.client.store",
    "key_from_passphrase": "miss.client.store",
    "root_fingerprint": "miss.protocol.crypto.opcert",
}

__all__ = [
    "AlarmState",
    "Client",
    "Conversation",
    "DirectoryEntry",
    "HistoryPolicy",
    "Invitation",
    "Member",
    "Message",
    "Outgoing",
    "PhotoQuality",
    "Policy",
    "Presence",
    "Role",
    "Store",
    "export_proof",
    "key_from_file",
    "key_from_passphrase",
    "link_device",
    "pair_device",
    "recover_device",
    "reduce_photo",
    "reset_device",
    "root_fingerprint",
]


def __getattr__(name: str) -> Any:
    """One of the names above, from its own module (PEP 562).  Raises AttributeError."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value
