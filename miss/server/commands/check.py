"""`miss check`: the effective configuration, and whether the deployment can be relied on."""

import asyncio
from typing import Annotated, Final

import typer

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.base.text import Language, Text
from miss.directory.register.store import register_schema
from miss.server.commands.session import load_settings, run
from miss.server.examination.certificates import examine_certificates
from miss.server.examination.clocks import examine_clock
from miss.server.examination.databases import examine_database
from miss.server.examination.keys import examine_keys
from miss.server.examination.machine import examine_machine
from miss.server.examination.mail import examine_mail
from miss.server.examination.model import Finding, Grade, remark
from miss.server.examination.push import examine_push
from miss.server.notices import platform_device
from miss.server.service import find_services
from miss.server.settings import Settings
from miss.storage.migrate import application_schema, keystore_schema

_SIGNS: Final = {Grade.REMARK: "•", Grade.WARNING: "!", Grade.PROBLEM: "✗"}
_FINE: Final = Text(fr="✓ tout est en ordre", en="✓ everything is in order")


def check(
    settings: Annotated[bool, typer.Option("--settings", help="Print the effective settings only.")] = False,
    language: Annotated[Language, typer.Option("--language", help="Language of the findings.")] = Language.FR,
) -> None:
    """Examine this deployment and say what to do next; exit code 1 if something is wrong."""
    loaded = load_settings()
    print_settings(loaded)
    if settings:
        return
    findings = sorted([*_remarks(loaded), *run(_examine(loaded))], key=lambda one: one.grade)
    for finding in findings:
        typer.echo(f"{_SIGNS[finding.grade]} {finding.sentence(language)}", err=finding.grade is Grade.PROBLEM)
    if any(finding.grade is Grade.PROBLEM for finding in findings):
        raise typer.Exit(1)
    typer.echo(_FINE.in_(language))


def print_settings(settings: Settings) -> None:
    """Every setting with its value and what it means; secrets show only that they are set."""
    for owner in (settings, *(service.settings() for service in find_services().all)):
        prefix = str(type(owner).model_config.get("env_prefix", ""))
        for name, field in type(owner).model_fields.items():
            typer.echo(f"{prefix}{name.upper()}={getattr(owner, name)}    # {field.description}")


def _remarks(settings: Settings) -> list[Finding]:
    """What is no fault: parts that are off, and how to have them."""
    found = [
        remark("{text}", "{text}", text=text) for service in find_services().all for text in service.remarks(settings)
    ]
    if not platform_device(settings, SystemClock(), system_random).is_linked:
        found.append(
            remark(
                "pas d’appareil MiSS : les avis partent par courriel seulement (« miss platform link » en fait un)",
                "no MiSS device: notices go by mail only (“miss platform link” makes one)",
            )
        )
    return found


async def _examine(settings: Settings) -> list[Finding]:
    clock = SystemClock()
    parts = await asyncio.gather(
        examine_database("MISS_DATABASE_URL", settings.database, application_schema(find_services().versions), clock),
        examine_database("MISS_KEYSTORE_URL", settings.keystore, keystore_schema(), clock),
        examine_database("MISS_DATABASE_URL", settings.register, register_schema(), clock),
        examine_keys(settings, clock),
        examine_clock(settings, clock),
        examine_certificates(settings, clock),
        examine_mail(settings),
        examine_push(settings),
        examine_machine(settings, clock),
    )
    return [finding for part in parts for finding in part]
