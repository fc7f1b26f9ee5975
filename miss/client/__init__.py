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
"""

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
