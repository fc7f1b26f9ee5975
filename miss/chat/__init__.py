"""The server side of the chat: devices, conversations, delivery, blobs, behind HTTP and one WebSocket endpoint.

What is end-to-end encrypted stays opaque here: this room sees who, when, how much and to whom, never what.

    notices/        what changed, told to every process: the courier's payloads and the list that repairs its losses
    devices/        chains of links, linking with an activation code, tokens          protocol §2, §3
    conversations/  commits, boxes, members by interval                               protocol §3, §4
    delivery/       the log: group commit, receipts, pages, markers                   protocol §3, §7
    blobs/          encrypted attachments                                             protocol §3, §4
    hub.py          the sockets of this process       fanout.py   from notices to sockets
    desk.py         who stands before them            socket.py   one WebSocket, driven by miss.protocol.session
    routes.py       the doors                         http.py     how they speak
    service.py      `Chat`: all of it, wired
"""

from miss.chat.fanout import CHANNEL
from miss.chat.limits import ChatLimits, session_limits
from miss.chat.routes import chat_routes
from miss.chat.service import Chat

__all__ = ["CHANNEL", "Chat", "ChatLimits", "chat_routes", "session_limits"]
