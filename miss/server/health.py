"""`/health` for load balancers and people on call, `/metrics` for Prometheus.

Health says what works, never where it is: no address, no version of anything.
"""

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from miss.broker import Broker
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable

PROBE_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """Looks at what this process depends on."""

    db: Database
    keys: Database
    broker: Broker
    metrics: CollectorRegistry
    metrics_allowed: str
    """Networks that may read `/metrics`, comma-separated."""

    def routes(self) -> list[BaseRoute]:
        """Both routes."""
        return [Route("/health", self.show_health), Route("/metrics", self.show_metrics)]

    async def show_health(self, _request: Request) -> Response:
        """200 when messages and requests can be taken; 503 when not.  A broker away costs latency only: still 200."""
        database, keystore = await asyncio.gather(_answers(self.db), _answers(self.keys))
        broker = self.broker.connected
        status = "ok" if database and keystore and broker else "degraded" if database and keystore else "down"
        report = {"status": status, "database": database, "keystore": keystore, "broker": broker}
        return JSONResponse(report, 503 if status == "down" else 200, headers={"Cache-Control": "no-store"})

    async def show_metrics(self, request: Request) -> Response:
        """The registry in Prometheus's text format; 404 to those who may not look."""
        client = ip_address(request.client.host) if request.client else None
        allowed = [ip_network(network.strip()) for network in self.metrics_allowed.split(",")]
        if client is None or not any(client in network for network in allowed):
            return Response(status_code=404)
        return Response(generate_latest(self.metrics), media_type=CONTENT_TYPE_LATEST)


async def _answers(db: Database) -> bool:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S), db.snapshot() as tx:
            await (await tx.connection()).execute(text("SELECT 1"))
    except (DatabaseUnreachable, TimeoutError):
        return False
    return True
