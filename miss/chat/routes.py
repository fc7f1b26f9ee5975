"""The chat's doors, gathered: HTTP with MessagePack bodies, and one WebSocket.  Each room brings its own (`routes.py`).

Every door needs a device's token but those that prove their caller by other means: a code, a signature, a slot.
"""

from functools import partial

from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from miss.chat.alarms.routes import AlarmDoors
from miss.chat.blobs.routes import BlobDoors
from miss.chat.conversations.routes import ConversationDoors
from miss.chat.devices.routes import DeviceDoors
from miss.chat.http import spoken
from miss.chat.pairing.routes import PairingDoors
from miss.chat.recovery.routes import RecoveryDoors
from miss.chat.service import Chat
from miss.chat.socket import Connection
from miss.chat.vault.routes import VaultDoors
from miss.protocol.wire.frames import SUBPROTOCOL


def chat_routes(chat: Chat) -> list[BaseRoute]:
    """Everything under /api/chat."""
    rooms = (
        DeviceDoors(chat),
        VaultDoors(chat),
        RecoveryDoors(chat),
        PairingDoors(chat),
        ConversationDoors(chat),
        AlarmDoors(chat),
        BlobDoors(chat),
    )
    routes: list[BaseRoute] = [
        Route(
            f"/api/chat/{door.path}",
            spoken(door.endpoint, chat.metrics, partial(chat.gate.admit, pace=door.pace)),
            methods=[door.method],
        )
        for room in rooms
        for door in room.doors()
    ]

    async def socket(websocket: WebSocket) -> None:
        origin = websocket.headers.get("origin")
        # A browser always says where it comes from; a page of another site is turned away before accept (CSWSH).
        is_foreign = origin is not None and origin.lower() != chat.public_origin
        if is_foreign or SUBPROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.close()
            return
        await Connection(websocket, chat.desk).run()

    return [*routes, WebSocketRoute("/api/chat/socket", socket)]
