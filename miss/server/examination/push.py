"""Web Push: on or off, its keys, and whether its services can be reached from here."""

import asyncio
import contextlib
from typing import Final

from miss.base.errors import MissError
from miss.chat.push.wire.keys import FILE, load_push_keys
from miss.server.examination.model import Finding, of_error, remark, warning
from miss.server.settings import Settings

TIMEOUT_S: Final = 5.0


async def examine_push(settings: Settings) -> list[Finding]:
    """A service that is named by its domain alone (`*.`) cannot be asked."""
    if not settings.push_services:
        return [
            remark(
                "un navigateur fermé ne reçoit pas de notification (MISS_PUSH_HOSTS, docs/operations.md)",
                "a closed browser receives no notification (MISS_PUSH_HOSTS, docs/operations.md)",
            )
        ]
    findings = []
    if (settings.operator_keys / FILE).exists():
        try:
            load_push_keys(settings.operator_keys)
        except MissError as error:
            findings.append(of_error(error))
    hosts = sorted(host for host in settings.push_services if not host.startswith("*."))
    answers = await asyncio.gather(*map(_answers, hosts))
    findings += [
        warning(
            "Le service de notification {host} ne répond pas : ouvrez la sortie vers le port 443 de {host}, ou retirez-"
            "le de MISS_PUSH_HOSTS.",
            "The push service {host} does not answer: open the way out to port 443 of {host}, or take it out of "
            "MISS_PUSH_HOSTS.",
            host=host,
        )
        for host, answers_here in zip(hosts, answers, strict=True)
        if not answers_here
    ]
    return findings


async def _answers(host: str) -> bool:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, 443)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
