"""The server side of the chat: devices, conversations, delivery, blobs, behind HTTP and one WebSocket endpoint.

What is end-to-end encrypted stays opaque here: this room sees who, when, how much and to whom, never what.

    notices/        what changed, told to every process: the courier's payloads and the list that repairs its losses
    devices/        chains of links, linking with an activation code, tokens          protocol §2, §3
    vault/          a person's user key and past secrets, sealed to their devices     protocol §3, §5
    recovery/       the recovery key, and the way back in with it                     protocol §3, §5
    pairing/        one device lets another in                                        protocol §3
    conversations/  commits, boxes, members by interval                               protocol §3, §4
    delivery/       the log: group commit, receipts, pages, deletions, markers        protocol §3, §7
    retention/      what has outlived its conversation's policy goes                   protocol §5
    alarms/         critical results, asked after until somebody acknowledges          protocol §7
    blobs/          encrypted attachments                                             protocol §3, §4
    push/           wakes devices that are not connected                              protocol §7
    hub.py          the sockets of this process       fanout.py   from notices to sockets
    desk.py         who stands before them            socket.py   one WebSocket, driven by miss.protocol.session
    watch.py        shows out who no longer counts    gate.py     how often HTTP may be asked
    admission.py    how many sockets may be open      gathered.py questions asked together
    routes.py       the doors                         http.py     how they speak
    service.py      `Chat`: all of it, wired
"""

from miss.chat.fanout import CHANNEL
from miss.chat.limits import ChatLimits, HttpRates, SocketCaps, per_hour, per_minute, session_limits
from miss.chat.routes import SocketsFirst, chat_routes
from miss.chat.service import Chat

__all__ = [
    "CHANNEL",
    "Chat",
    "ChatLimits",
    "HttpRates",
    "SocketCaps",
    "SocketsFirst",
    "chat_routes",
    "per_hour",
    "per_minute",
    "session_limits",
]
