"""The seam where services plug in (ADR 10).

A service is a package of its own (tele-expertise, patient movements) that the server finds through the entry point
group `miss.services`; `miss` never imports one.  It brings routes, job handlers, migrations, settings, commands and
mail intakes, and is lent the house.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer
from pydantic_settings import BaseSettings
from starlette.routing import BaseRoute

from miss.base.text import Text
from miss.directory.sign_in.sessions import GrantsOf
from miss.storage.jobs import JobHandler

if TYPE_CHECKING:
    from miss.server.house import House

ENTRY_POINT_GROUP = "miss.services"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A link in the navigation bar of signed-in people."""

    path: str
    label: Text
    role: str = ""
    """Shown to people with this role (`miss.directory.roles.Role`) only; empty: to everybody signed in."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What a service adds to the running server."""

    routes: Sequence[BaseRoute] = ()
    job_handlers: Sequence[JobHandler] = ()
    menu: Sequence[MenuEntry] = ()
    templates: Path | None = None
    """Folder of Jinja2 templates, found under the service's name: `teleexpertise/worklist.html`."""
    static: Path | None = None
    """Folder of scripts and images, served under `/static/<service>/`."""
    locale: Path | None = None
    """Folder with `en.po`, the English of the service's pages (French is the source language)."""
    start: Callable[[], Awaitable[None]] | None = None
    """Awaited when the house is ready, before the doors open."""
    grants: GrantsOf | None = None
    """The roles that follow from the service's own facts, asked for whenever somebody is looked up."""
    sample: Callable[[], Awaitable[None]] | None = None
    """Makes the fictive data of the demonstration, on top of the sample directory; again changes nothing."""


class Service(Protocol):
    """What an entry point of the group `miss.services` points to."""

    name: str
    versions: Path
    """Folder of the service's Alembic revisions, a branch labelled with its name."""
    settings: type[BaseSettings]
    commands: typer.Typer

    def install(self, house: "House") -> Installed:
        """Build the service on the house's parts.  No I/O here: `Installed.start` is for that."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """The services of this installation, by name."""

    all: tuple[Service, ...] = field(default=())

    @property
    def versions(self) -> tuple[Path, ...]:
        """Every service's revisions, for `miss.storage.migrate.application_schema`."""
        return tuple(service.versions for service in self.all)


def find_services() -> Services:
    """Load every installed service, in the order of their names."""
    points = sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name)
    return Services(tuple(point.load() for point in points))
