"""What is written down of requests that end badly."""

from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from structlog.testing import capture_logs

from miss.chat.http import answer, spoken
from miss.chat.metrics import ChatMetrics


async def admit(_request: Request) -> None:
    """Anybody."""


async def read_whole(request: Request) -> Response:
    return answer({"bytes": len(await request.body())})


async def fail(_request: Request) -> Response:
    raise RuntimeError("« Escarre stade 2 »")


def hung_up() -> Request:
    """A request whose caller is gone before its body came."""

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "POST", "path": "/api/chat/blobs", "headers": []}, receive)


async def test_who_hangs_up_is_no_fault_of_ours() -> None:
    speak = spoken(read_whole, ChatMetrics(CollectorRegistry()), admit)
    with capture_logs() as logs:
        await speak(hung_up())
    assert logs == []


async def test_a_fault_of_ours_is_written_down_by_its_kind() -> None:
    speak = spoken(fail, ChatMetrics(CollectorRegistry()), admit)
    with capture_logs() as logs:
        response = await speak(hung_up())
    assert response.status_code == 500
    assert [(one["event"], one["reason"]) for one in logs] == [("chat.request_failed", "RuntimeError")]
    assert "Escarre" not in str(bytes(response.body))
