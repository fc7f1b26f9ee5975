"""The plug-in: what the server finds under the entry point `miss.services: movements` (ADR 10)."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from pydantic_settings import BaseSettings

from miss.server.service import Installed, Service
from movements.settings import MovementsSettings

if TYPE_CHECKING:
    from miss.server.house import House
    from miss.server.settings import Settings


class MovementsService:
    """Patient movements, as a service of the house."""

    name = "movements"
    versions = Path(__file__).parent / "versions"
    settings: type[BaseSettings] = MovementsSettings

    @property
    def commands(self) -> typer.Typer:
        """None: movements come by the door, a folder or the page."""
        return typer.Typer()

    def install(self, house: "House") -> Installed:
        """As `installation.install`.  Raises AddressMalformed."""
        from movements.installation import install

        return install(house)

    @property
    def probe(self) -> None:
        """Nothing: a movement would have to be told to somebody."""
        return None

    def remarks(self, settings: "Settings") -> list[str]:
        """Folders that are not there: nothing that is dropped elsewhere is seen."""
        missing = [str(path) for path in MovementsSettings().folders.values() if not path.is_dir()]
        return [f"mouvements : le dossier {path} n’existe pas (MOVEMENTS_FOLDERS)" for path in missing]


service: Service = MovementsService()
