"""`/health` for load balancers and people on call, `/metrics` for Prometheus.

Health says what works, never where it is: no address, no version of anything.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import RETRY_AFTER_S
from miss.server.house import House
from miss.server.levels import house_levels
from miss.server.service import Level
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable

PROBE_TIMEOUT_S = 2.0


class Health:
    """Looks at what this process depends on."""

    def __init__(self, house: House, keys: Database, metrics_allowed: str) -> None:
        """`metrics_allowed`: networks that may read `/metrics`, comma-separated.  Raises ValueError."""
        self._house, self._keys = house, keys
        self._allowed = [ip_network(network.strip()) for network in metrics_allowed.split(",")]
        self._levels: list[tuple[Level, Gauge]] = []
        self.watch(house_levels(house))
        self._lost = Gauge("miss_broker_lost", "Publications this process lost.", registry=house.metrics)

    def watch(self, levels: Sequence[Level]) -> None:
        """Show these as well whenever `/metrics` is read."""
        for level in levels:
            labels = [level.label] if level.label else []
            self._levels.append((level, Gauge(level.name, level.help, labels, registry=self._house.metrics)))

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
            await self._measure()
        return Response(generate_latest(self._house.metrics), media_type=CONTENT_TYPE_LATEST)

    async def _measure(self) -> None:
        self._lost.set(self._house.broker.dropped)
        for level, gauge in self._levels:
            heights = await level.measure()
            # What has no height any more is not shown at its last one.
            gauge.clear()
            for label, height in heights.items():
                (gauge.labels(label) if level.label else gauge).set(height)


async def _answers(db: Database) -> bool:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S), db.snapshot() as tx:
            await (await tx.connection()).execute(text("SELECT 1"))
    except (DatabaseUnreachable, TimeoutError):
        return False
    return True
