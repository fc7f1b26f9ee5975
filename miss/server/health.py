"""`/health` for load balancers and people on call, `/metrics` for Prometheus.

Health says what works, never where it is: no address, no version of anything.
"""

import asyncio
import contextlib
from ipaddress import ip_address, ip_network

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import RETRY_AFTER_S
from miss.server.house import House
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable

PROBE_TIMEOUT_S = 2.0


class Health:
    """Looks at what this process depends on."""

    def __init__(self, house: House, keys: Database, metrics_allowed: str) -> None:
        """`metrics_allowed`: networks that may read `/metrics`, comma-separated.  Raises ValueError."""
        self._house, self._keys = house, keys
        self._allowed = [ip_network(network.strip()) for network in metrics_allowed.split(",")]
        self._mails = Gauge("miss_mails_out", "Outgoing mails, by state.", ["state"], registry=house.metrics)
        self._jobs = Gauge("miss_jobs", "Jobs that wait, and jobs given up.", ["fate"], registry=house.metrics)
        self._lost = Gauge("miss_broker_lost", "Publications this process lost.", registry=house.metrics)

    def routes(self) -> list[BaseRoute]:
        """Both routes."""
        return [Route("/health", self.show_health), Route("/metrics", self.show_metrics)]

    async def show_health(self, _request: Request) -> Response:
        """200 when messages and requests can be taken; 503 when not.  A broker away costs latency only: still 200."""
        database, keystore = await asyncio.gather(_answers(self._house.db), _answers(self._keys))
        broker = self._house.broker.connected
        status = "ok" if database and keystore and broker else "degraded" if database and keystore else "down"
        report = {"status": status, "database": database, "keystore": keystore, "broker": broker}
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": str(RETRY_AFTER_S)} if status == "down" else {})
        return JSONResponse(report, 503 if status == "down" else 200, headers=headers)

    async def show_metrics(self, request: Request) -> Response:
        """The registry in Prometheus's text format; 404 to those who may not look."""
        client = ip_address(request.client.host) if request.client else None
        if client is None or not any(client in network for network in self._allowed):
            return Response(status_code=404)
        with contextlib.suppress(DatabaseUnreachable):  # what this process counts itself is worth showing then
            await self._count_queues()
        return Response(generate_latest(self._house.metrics), media_type=CONTENT_TYPE_LATEST)

    async def _count_queues(self) -> None:
        for state, count in (await self._house.outbox.count_by_state()).items():
            self._mails.labels(state).set(count)
        for fate, count in (await self._house.jobs.count_by_fate()).items():
            self._jobs.labels(fate).set(count)
        self._lost.set(self._house.broker.dropped)


async def _answers(db: Database) -> bool:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S), db.snapshot() as tx:
            await (await tx.connection()).execute(text("SELECT 1"))
    except (DatabaseUnreachable, TimeoutError):
        return False
    return True
