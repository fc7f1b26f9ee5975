"""How an establishment shows itself to its own people, on its letters and in its mails."""

from miss.directory.establishments.branding.model import Branding, darker, parse_colour
from miss.directory.establishments.branding.service import Brandings

__all__ = ["Branding", "Brandings", "darker", "parse_colour"]
