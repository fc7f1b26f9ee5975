"""The plug-in: what the server finds under the entry point `miss.services: teleexpertise` (ADR 10).

Every command loads it to know the service's name, schema and settings; its rooms and commands are loaded when they
are asked for.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from pydantic_settings import BaseSettings

from miss.server.service import Installed, Service
from teleexpertise.settings import TeleexpertiseSettings

if TYPE_CHECKING:
    from miss.server.house import House
    from miss.server.probe.service import ServiceProbe
    from miss.server.settings import Settings


class TeleexpertiseService:
    """Requests for advice, as a service of the house."""

    name = "teleexpertise"
    versions = Path(__file__).parent / "versions"
    settings: type[BaseSettings] = TeleexpertiseSettings

    @property
    def commands(self) -> typer.Typer:
        """`miss forms`, `miss template`, `miss pool`."""
        from teleexpertise.commands import commands

        return commands

    def install(self, house: "House") -> Installed:
        """As `installation.install`.  Raises FormsFaulty."""
        from teleexpertise.installation import install

        return install(house)

    @property
    def probe(self) -> "ServiceProbe":
        """A request of one probe to the other."""
        from teleexpertise.probe import RequestProbe

        return RequestProbe()

    def remarks(self, settings: "Settings") -> list[str]:
        """Nothing: the service has no part that may be off."""
        return []


service: Service = TeleexpertiseService()
