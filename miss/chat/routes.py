"""The chat's doors, gathered: HTTP with MessagePack bodies, and one WebSocket.  Each room brings its own (`routes.py`).

Every door needs a device's token but those that prove their caller by other means: a code, a signature, a slot.
"""

from functools import partial

from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from miss.base.errors import MissError
from miss.chat.alarms.routes import AlarmDoors
from miss.chat.blobs.routes import BlobDoors
from miss.chat.conversations.routes import ConversationDoors
from miss.chat.devices.routes import DeviceDoors
from miss.chat.gate import host_of
from miss.chat.http import answer_error, spoken
from miss.chat.pairing.routes import PairingDoors
from miss.chat.push.routes import PushDoors
from miss.chat.recovery.routes import RecoveryDoors
from miss.chat.restorations.routes import RestorationDoors
from miss.chat.service import Chat
from miss.chat.socket import Connection
from miss.chat.vault.routes import VaultDoors
from miss.protocol.wire.frames import SUBPROTOCOL

SOCKET_PATH = "/api/chat/socket"


def chat_routes(chat: Chat) -> list[BaseRoute]:
    """Everything under /api/chat."""
    rooms = (
        DeviceDoors(chat),
        VaultDoors(chat),
        RecoveryDoors(chat),
        RestorationDoors(chat),
        PairingDoors(chat),
        PushDoors(chat),
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
        await serve_socket(chat, websocket)

    return [*routes, WebSocketRoute(SOCKET_PATH, socket)]


class SocketsFirst:
    """Takes sockets to the chat past everything that stands before pages: cookies, forms and headers are not theirs.

    What stands before them stays in memory for as long as they last, and there are thousands.
    """

    def __init__(self, app: ASGIApp, chat: Chat) -> None:
        """`app`: where everything else goes."""
        self._app = app
        self._chat = chat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        if scope["type"] == "websocket" and scope["path"] == SOCKET_PATH:
            await serve_socket(self._chat, WebSocket(scope, receive, send))
        else:
            await self._app(scope, receive, send)


async def serve_socket(chat: Chat, websocket: WebSocket) -> None:
    """Let a socket in, if its origin and the caps allow it, and serve it."""
    origin = websocket.headers.get("origin")
    # A browser always says where it comes from; a page of another site is turned away before accept (CSWSH).
    is_foreign = origin is not None and origin.lower() != chat.public_origin
    if is_foreign or SUBPROTOCOL not in websocket.scope["subprotocols"]:
        await websocket.close()
        return
    try:
        seat = await chat.admission.enter(host_of(websocket))
    except MissError as error:
        chat.metrics.refused.labels(error.code).inc()
        await _turn_away(websocket, error)
        return
    try:
        await Connection(websocket, chat.desk, seat).run()
    finally:
        seat.leave()


async def _turn_away(websocket: WebSocket, error: MissError) -> None:
    """Answer as HTTP instead of opening the socket; where the server cannot, it answers 403."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(answer_error(websocket, error))
    else:
        await websocket.close()
