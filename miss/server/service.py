"""The seam where services plug in (ADR 10).

A service is a package of its own (tele-expertise, patient movements) that the server finds through the entry point
group `miss.services`; `miss` never imports one.  It brings routes, job handlers, migrations, settings, commands and
mail intakes, and is lent the house.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer
from pydantic_settings import BaseSettings
from starlette.routing import BaseRoute

from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.directory.sign_in import SignedIn
from miss.directory.sign_in.sessions import GrantsOf
from miss.server.own_data import Source
from miss.storage.jobs import JobHandler

if TYPE_CHECKING:
    from miss.server.house import House
    from miss.server.probe.service import ServiceProbe
    from miss.server.reversibility.sources import Leaving
    from miss.server.settings import Settings

ENTRY_POINT_GROUP = "miss.services"


def everybody(person: SignedIn) -> bool:
    """Whoever is signed in."""
    return True


def in_own_name(person: SignedIn) -> bool:
    """Who is in the directory, and acts for nobody else in this browser."""
    return person.acting_for is None and not person.practitioner.is_staff


def may_ask(person: SignedIn) -> bool:
    """Who asks for advice, be it for somebody."""
    return person.acting_for is not None or not person.practitioner.is_staff


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A link in the navigation bar of signed-in people."""

    path: str
    label: Text
    role: str = ""
    """Shown to people with this role (`miss.directory.roles.Role`) only; empty: to everybody signed in."""
    shown: Callable[[SignedIn], bool] = everybody
    """Of these, to those of whom it is true."""
    acting: Text | None = None
    """What it is called while somebody acts for another; None: the same."""

    def label_for(self, person: SignedIn) -> Text:
        """What `person` reads."""
        return self.acting if self.acting and person.acting_for else self.label

    def is_for(self, person: SignedIn) -> bool:
        """True if `person` is shown it."""
        return (not self.role or self.role in person.principal.roles) and self.shown(person)


@dataclass(frozen=True, slots=True)
class Flow:
    """Something that happens, counted month by month for the operator's statistics: who, how often, never what."""

    name: str
    """Stable, at most 40 characters: figures are kept under it."""
    label: Text
    tally: Callable[[datetime, datetime], Awaitable[Mapping[PractitionerId, int]]]
    """How often each person did it from the first instant to before the second; an empty identifier: who is not known.

    Asked at night for a month at a time; bounded by an index on time, as it looks at a growing table.
    """


@dataclass(frozen=True, slots=True)
class Level:
    """Something that stands at a height, measured when `/metrics` is read: a queue, an age, a number of requests."""

    name: str
    """As Prometheus names it, unit at the end: `miss_jobs`, `miss_mails_oldest_seconds`."""
    help: str
    measure: Callable[[], Awaitable[Mapping[str, float]]]
    """The height for each value of the label; under "" where there is no label.  Bounded by an index."""
    label: str = ""


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
    stop: Callable[[], None] | None = None
    """Called when the doors begin to close, before open requests are waited for: what would stay open ends itself."""
    grants: GrantsOf | None = None
    """The roles that follow from the service's own facts, asked for whenever somebody is looked up."""
    sample: Callable[[], Awaitable[None]] | None = None
    """Makes the fictive data of the demonstration, on top of the sample directory; again changes nothing."""
    own_data: Source | None = None
    """What the service keeps on people, for the export of their own data."""
    leaving: "Leaving | None" = None
    """What the service gives along to an establishment that leaves (ADR 55)."""
    flows: Sequence[Flow] = ()
    """What the operator's statistics count of this service."""
    levels: Sequence[Level] = ()
    """What `/metrics` says of this service."""


class Service(Protocol):
    """What an entry point of the group `miss.services` points to."""

    name: str
    versions: Path
    """Folder of the service's Alembic revisions, a branch labelled with its name."""
    settings: type[BaseSettings]

    @property
    def commands(self) -> typer.Typer:
        """Its command groups, added at the top level of `miss`."""
        ...

    def install(self, house: "House") -> Installed:
        """Build the service on the house's parts.  No I/O here: `Installed.start` is for that."""
        ...

    @property
    def probe(self) -> "ServiceProbe | None":
        """What `miss probe` tries of it; None: nothing."""
        ...

    def remarks(self, settings: "Settings") -> Sequence[str]:
        """What `miss check` tells an operator of this deployment that is no fault: a part that is off, and how to
        have it."""
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
