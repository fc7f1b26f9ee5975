"""The chat client: links a device, keeps its sealed store, sends and receives.  README.md shows it at work.

    client.py      what others call                 assembly.py   its parts, put together
    linking.py     an installation becomes a device
    connection.py  the WebSocket                    http.py, api.py   the HTTP endpoints
    sync.py        what is missing is fetched       intake.py     opened, verified, stored, announced
    sending.py     the outbox, drained              reports.py, markers.py   received and read
    identity.py    who the others are               epochs.py     who is in a conversation, under which secret
    store/         durable state, sealed            photo.py      photos made fit to send
    proofs.py      messages, proved to others

Times come from a `Clock`, randomness from a `RandomBytes`: both are arguments.
"""

from miss.client.client import Client
from miss.client.linking import link_device
from miss.client.model import Conversation, DirectoryEntry, HistoryPolicy, Member, Message, Outgoing, Policy, Role
from miss.client.photo import PhotoQuality, reduce_photo
from miss.client.proofs import export_proof
from miss.client.store import Store, key_from_file, key_from_passphrase
from miss.protocol.crypto.opcert import root_fingerprint

__all__ = [
    "Client",
    "Conversation",
    "DirectoryEntry",
    "HistoryPolicy",
    "Member",
    "Message",
    "Outgoing",
    "PhotoQuality",
    "Policy",
    "Role",
    "Store",
    "export_proof",
    "key_from_file",
    "key_from_passphrase",
    "link_device",
    "reduce_photo",
    "root_fingerprint",
]
