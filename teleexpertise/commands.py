"""Commands of the service: `miss forms lint`, `miss template <form>`, `miss pool …`, `miss teleexpertise cim10`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from miss.base.ids import PoolId, PractitionerId
from miss.directory.practitioners import Practitioners
from miss.server.commands.session import load_settings, opened, run
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.diagnoses.official import parse_table
from teleexpertise.dispatch import Terms
from teleexpertise.errors import NobodyWithRpps
from teleexpertise.house import Teleexpertise, build, load_registry
from teleexpertise.questionnaire.errors import UnknownForm
from teleexpertise.questionnaire.registry import lint_forms
from teleexpertise.questionnaire.render import mail_template
from teleexpertise.settings import TeleexpertiseSettings

MAX_EDITION_CHARS = 120

commands = typer.Typer()
forms = typer.Typer(help="The guided forms.", no_args_is_help=True)
pool = typer.Typer(help="Pools of experts.", no_args_is_help=True)
commands.add_typer(forms, name="forms")
commands.add_typer(pool, name="pool")
tables = typer.Typer(help="Tables that the service works with.", no_args_is_help=True)
commands.add_typer(tables, name="teleexpertise")


@forms.command()
def lint(
    folder: Annotated[Path | None, typer.Argument(help="Folder of forms; none: those of this deployment.")] = None,
) -> None:
    """Name every fault of the forms with its path; exit code 1 if there is one."""
    root = folder or TeleexpertiseSettings().forms_dir or files("forms")
    faults = lint_forms(root)
    for path, found in faults.items():
        for fault in found:
            typer.echo(f"{path}: {fault}")
    if any(faults.values()):
        raise typer.Exit(1)
    typer.echo(f"{len(faults)} forms, no fault")


@commands.command()
def template(form: Annotated[str, typer.Argument(help="Name of the form: dermatologie…")]) -> None:
    """Print a form as text to paste in any mail software."""
    found = load_registry(TeleexpertiseSettings()).named(form)
    if found is None:
        raise UnknownForm(form=form)
    typer.echo(mail_template(found))


@tables.command()
def cim10(
    file: Annotated[
        Path,
        typer.Argument(
            help="The official CIM-10 FR (ATIH or ANS): CSV, TSV or LIBCIM10MULTI.TXT.", exists=True, dir_okay=False
        ),
    ],
    edition: Annotated[
        str, typer.Option(help="What experts read beside the codes: « CIM-10 FR 2026 (ATIH) ». None: the file's name.")
    ] = "",
) -> None:
    """Load the whole CIM-10 beside the short list that comes with MiSS; again: replace it."""
    table = parse_table(file.read_bytes())
    name = (edition or file.stem)[:MAX_EDITION_CHARS]

    async def work() -> None:
        async with _service() as (service, _):
            before, after = await service.diagnoses.load(table, name)
            typer.echo(f"{after} codes loaded ({before} before), {table.skipped} lines without a code")

    run(work())


@pool.command("list")
def list_() -> None:
    """Every pool, with the form it receives and its members."""

    async def work() -> None:
        async with _service() as (service, practitioners), service.parts.db.snapshot() as tx:
            for one in await service.dispatch.list_pools(tx):
                typer.echo(f"{one.id}  {one.questionnaire}  {one.name}")
                members = await service.dispatch.list_members(tx, one, service.parts.clock.now())
                people = await practitioners.get_many([member.practitioner_id for member in members], tx)
                for member in members:
                    typer.echo(f"    {people[member.practitioner_id].display_name}  poids {member.terms.weight}")

    run(work())


@pool.command()
def create(
    name: Annotated[str, typer.Option(help="What people call it.")],
    form: Annotated[str, typer.Option(help="The form whose requests it receives: dermatologie…")],
    coordinator: Annotated[str, typer.Option(help="RPPS number of the coordinator.")],
    zone: Annotated[str, typer.Option(help="IANA time zone.")] = "Europe/Paris",
    opens: Annotated[int, typer.Option(help="Hour at which a working day begins.", min=0, max=22)] = 9,
    closes: Annotated[int, typer.Option(help="Hour at which it ends.", min=1, max=23)] = 18,
    answer_hours: Annotated[int, typer.Option(help="Working hours from a request to its answer.", min=1)] = 27,
    accept_hours: Annotated[int, typer.Option(help="Working hours an expert has to accept.", min=1)] = 4,
) -> None:
    """Open a pool that works from Monday to Friday."""

    async def work() -> None:
        async with _service() as (service, practitioners):
            week = tuple(WeeklySlot(day, time(opens), time(closes), zone) for day in range(5))
            made = await service.dispatch.create_pool(
                name=name,
                questionnaire=service.registry.published(form).id,
                coordinator_id=await _by_rpps(practitioners, coordinator),
                hours=Availability(weekly=week),
                zone=zone,
                answer_within=timedelta(hours=answer_hours),
                accept_within=timedelta(hours=accept_hours),
                answer_time=timedelta(minutes=30),
            )
            typer.echo(made.id)

    run(work())


@pool.command()
def join(
    pool_id: Annotated[str, typer.Argument(help="The pool, as `miss pool list` prints it.")],
    rpps: Annotated[str, typer.Argument(help="RPPS number of the expert.")],
    weight: Annotated[int, typer.Option(help="Turns relative to the others'.", min=1, max=16)] = 1,
) -> None:
    """Have an expert join a pool, or change their weight."""

    async def work() -> None:
        async with _service() as (service, practitioners):
            expert = await _by_rpps(practitioners, rpps)
            await service.dispatch.put_member(PoolId(pool_id), expert, Terms(weight=weight))
            await service.assignment.wake_pool(PoolId(pool_id))

    run(work())


@asynccontextmanager
async def _service() -> AsyncIterator[tuple[Teleexpertise, Practitioners]]:
    async with opened(load_settings()) as server:
        yield build(server.house, TeleexpertiseSettings()), server.house.practitioners


async def _by_rpps(practitioners: Practitioners, rpps: str) -> PractitionerId:
    person = await practitioners.find_by_rpps(rpps)
    if person is None:
        raise NobodyWithRpps(rpps=rpps)
    return person.id
